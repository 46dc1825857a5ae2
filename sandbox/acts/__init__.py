"""What a person can do in Slack, and what Slack then tells the app and shows the person."""
