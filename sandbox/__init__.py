"""A stand-in Slack for one workspace: started as a process, never imported by the bot."""
