"""Where Authlib lives: clients, authorization requests, tokens, keys. Knows no Flask and nothing of
how people prove themselves."""
