"""The fault harness: kills the bot, lets Slack misbehave, runs replicas, and audits what is left (`python -m tests.chaos`)."""
