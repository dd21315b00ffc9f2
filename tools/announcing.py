"""What the demo says at its start: addresses and people."""

import os
import tomllib
from pathlib import Path

from tools import demo_company

DATA = Path(__file__).parent.parent / "config" / "demo"


def announce(
    issuer: str, portal: str, company: str, kept: bool, registered: frozenset[str]
) -> None:
    """Print them. `registered` are the usernames of those who can sign in with an address by
    now."""
    data = tomllib.loads((DATA / "people.toml").read_text("utf-8-sig"))
    print(
        "\n  People to try"
        + (
            " (the data of the last run is kept: who changed a password has another one)"
            if kept
            else ""
        )
        + "\n"
    )
    for one in data["accounts"]:
        name, secret = one["email"], one["password"]
        if not one["enrolled"]:
            done = one["username"] in registered
            name = f"{one['username']} (username; {'registered' if done else 'not registered yet'})"
            secret = "signs in with the address and password of that day" if done else secret
        print(f"  {one['given_name']:6} {name:58} {secret}")
    for one in demo_company.read(DATA)["accounts"]:
        print(f"  {one['given_name']:6} {one['email'] + ' (employee: LOGIN)':58} {one['password']}")
    for one in data["invitations"]:
        done = one["username"] in registered
        name = f"{one['username']} ({'registered' if done else 'invited: see the inbox'})"
        secret = "signs in with the address and password of that day" if done else "creates one"
        print(f"  {one['given_name']:6} {name:58} {secret}")
    for one in data["unfinished"]:
        done = one["username"] in registered
        name = one["email"] + ("" if done else " (did not finish registering)")
        print(f"  {one['given_name']:6} {name:58} {one['password']}")
    for one in data["registration_codes"]:
        print(f"\n  To register for the NPI {one['npi']}: registration code {one['code']}")
    print(
        "\n  Log               "
        f"{'the screen' if os.environ.get('LOG') else 'var/demo/log (LOG=1 make demo shows it here)'}"
    )
    print(f"  Pages             {issuer}/gallery")
    print(f"  The company's own {company}, inbox {company}/inbox")
    print(
        f"\n  Portal            {portal}\n  Identity provider {issuer}\n  Inbox           "
        f"  {issuer}/inbox (codes and calls arrive here)"
    )
    print("\n  Ctrl-C stops everything. `make demo-reset` starts over.\n", flush=True)
