"""Plays a whole complaint through a running sandbox as its people would, by clicks alone, and keeps the transcript."""
