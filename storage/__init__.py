"""The record: what happened, what is due, what must be told and what was shown, in one database."""
