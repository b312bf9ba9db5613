"""The service under audit: its document, the one door to it, and those who speak to it."""
