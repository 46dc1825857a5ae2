"""Slack's limits for what an app may send, as checks that report each fault with its json-pointer."""
