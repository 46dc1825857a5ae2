"""What the workspace holds: people, channels, messages, views, files, and the installed app."""
