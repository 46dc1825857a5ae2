"""The procedure: values and pure functions; time, people and calendars come in as arguments."""
