"""Answers of the authorization endpoint: what a client gets (types), and how it travels (modes)."""
