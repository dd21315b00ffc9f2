"""HTTP: read the request, call the house, answer. The only room, with the CLI, that commits."""

from flask import current_app

from idp.house import EXTENSION, House

__all__ = ["House", "house"]


def house() -> House:
    found: House = current_app.extensions[EXTENSION]
    return found
