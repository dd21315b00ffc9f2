"""What the demo says at its start: addresses and people."""

import os
import tomllib
from pathlib import Path

from tools import demo_company

DATA = Path(__file__).parent.parent / "config" / "demo"


def announce(issuer: str, portal: str, company: str, kept: bool) -> None:
    data = tomllib.loads((DATA / "people.toml").read_text("utf-8-sig"))
    print(
        "\n  People to try"
        + (" (the data of the last run is kept, so passwords may have changed)" if kept else "")
        + "\n"
    )
    for one in data["accounts"]:
        name = (
            one["email"] if one["enrolled"] else f"{one['username']} (username; not registered yet)"
        )
        print(f"  {one['given_name']:6} {name:58} {one['password']}")
    for one in demo_company.read(DATA)["accounts"]:
        print(f"  {one['given_name']:6} {one['email'] + ' (employee: LOGIN)':58} {one['password']}")
    for one in data["invitations"]:
        print(
            f"  {one['given_name']:6} {one['username'] + ' (invited: see the inbox)':58} "
            "creates one"
        )
    for one in data["unfinished"]:
        print(
            f"  {one['given_name']:6} {one['email'] + ' (did not finish registering)':58} "
            f"{one['password']}"
        )
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
