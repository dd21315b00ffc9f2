"""Stagedoor: an OpenID Connect identity provider with hosted sign-in pages."""

__version__ = "0.2.0"
