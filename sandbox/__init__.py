"""A stand-in Slack for one workspace: started as a process (`python -m sandbox`), never imported by the bot."""
