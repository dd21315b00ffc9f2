"""What each scope lets a client do, in plain words."""

from collections.abc import Mapping

from idp.texts import mark
from idp.web import house, pages

SCOPES: Mapping[str, str] = {  # what each scope lets a client do, in plain words
    "openid": mark("recognize you when you come back, using an ID that says nothing about you"),
    "profile": mark("see your name and your portal username"),
    "email": mark("see your email address"),
    "phone": mark("see your phone number"),
    "organizations": mark(
        "see the organizations you belong to, and whether you are an administrator there"
    ),
    "roles": mark("see which roles you have"),
}


def scope_in_words(scope: str) -> str:
    """What a scope lets the client do, in our words or in the words its API was registered with."""
    return (
        pages.text(SCOPES[scope])
        if scope in SCOPES
        else house().registry.resource_servers.says[scope]
    )
