"""Modals: from facts to views of Slack, and from a view's state back to plain answers."""
