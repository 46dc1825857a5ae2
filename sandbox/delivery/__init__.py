"""How payloads reach the app: Socket Mode or signed HTTP, with acks, timeouts and retries."""
