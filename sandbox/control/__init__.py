"""The control API: drives the workspace in the words of the conversation, and shows all of it."""
