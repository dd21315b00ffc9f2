"""A clinic of 50,000 people: what a page of its list, a search and its trail take through the
management API."""

import base64
import json
import statistics
import time
import urllib.request

from rich.table import Table

from benchmarks.deployment import Deployment
from idp import clock, store
from idp.app import create_app
from idp.oauth.metadata_checks import SERVICE
from idp.oauth.resource_servers import OWN
from idp.operations import clients
from idp.settings import Settings
from idp.store import accounts, audit, organizations

PEOPLE = 50_000
WANTED = 50.0  # ms a page
TIMES = 40
GIVEN = ("Ada", "Ben", "Cleo", "Dev", "Elif", "Finn", "Gita", "Hugo", "Ines", "Jon")


def fill(settings: Settings) -> tuple[str, dict[str, object]]:
    """The clinic, and a machine that may read it."""
    app = create_app(settings)
    with app.app_context():
        store.writing()
        now = clock.now()
        organization_id = organizations.add(now, "1999999984", "Large Clinic")
        for n in range(PEOPLE):
            given = GIVEN[n % len(GIVEN)]
            address = f"{given.lower()}.{n}@large.example"
            account_id = accounts.add(now, f"u{n:05d}", address, given, f"Number{n}", None, address)
            organizations.join(account_id, organization_id, "user")
            if n % 50 == 0:
                audit.add(
                    now,
                    "sessions_ended",
                    actor="bench",
                    target=account_id,
                    organization_id=organization_id,
                    sessions=1,
                )
        made = clients.add(
            now,
            "bench",
            app.extensions["stagedoor"].vault,
            {"client_name": "Desk", "grant_types": [SERVICE], "scope": " ".join(OWN)},
        )
        store.commit()
    return organization_id, made


def token(issuer: str, made: dict[str, object]) -> str:
    basic = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    # loopback
    asked = urllib.request.Request(
        f"{issuer}/token", b"grant_type=client_credentials", {"Authorization": f"Basic {basic}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(json.load(answer)["access_token"])


def table(deployment: Deployment, organization_id: str, made: dict[str, object]) -> Table:
    """Each page asked for some times; what the slowest twentieth took."""
    bearer = {"Authorization": f"Bearer {token(deployment.issuer, made)}"}

    def page(path: str) -> tuple[float, dict[str, object]]:
        begun = time.perf_counter()
        with urllib.request.urlopen(
            urllib.request.Request(f"{deployment.issuer}/api/v1{path}", headers=bearer), timeout=30
        ) as answer:
            found = json.load(answer)
        return 1000 * (time.perf_counter() - begun), found

    here = f"organization_id={organization_id}"
    middle = ""
    for _ in range(3):
        _, found = page(f"/users?{here}&limit=200&cursor={middle}")
        middle = str(found["next"])
    paths = {
        "first page of the list": f"/users?{here}",
        "a page further on": f"/users?{here}&cursor={middle}",
        "search that finds many": f"/users?{here}&search=cleo",
        "search that finds one": f"/users?{here}&search=number49999",
        "search that finds no one": f"/users?{here}&search=zzzz",
        "search among everybody": "/users?search=number4321",
        "the organization": f"/organizations/{organization_id}",
        "its trail": f"/audit?{here}",
        "events": "/events",
    }
    shown = Table(
        f"A clinic of {PEOPLE:,}",
        "middle, ms",
        "slowest of 20, ms",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, path in paths.items():
        times = sorted(page(path)[0] for _ in range(TIMES))
        slow = times[int(0.95 * TIMES)]
        shown.add_row(
            name,
            f"{statistics.median(times):.1f}",
            f"{slow:.1f}" + (f" [bold red]over {WANTED:.0f}[/]" if slow > WANTED else ""),
        )
    return shown
