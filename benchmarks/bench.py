"""`make bench`: what requests cost, beside what the same machine's floor costs.

One worker on one core; the load comes from another core. CPU µs are the worker's own time for one
request: they say what a core can do whatever the load generator manages. `--save` keeps the
figures in benchmarks/reference.json; later runs show how they have changed against the floor.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import clinic, strangers
from benchmarks.browser import Browser
from benchmarks.deployment import (
    PEOPLE,
    Deployment,
    cpu_seconds,
    resident_mb,
)
from benchmarks.measuring import FLOOR, SECONDS, Measured, floor, loaded, posting, raw

REFERENCE = Path(__file__).parent / "reference.json"
GRANT = {"grant_type": "client_credentials", "scope": "bench:read"}
NOISE = 1.5  # a shared machine tells no smaller change from its neighbours' work


def protocol(deployment: Deployment, hashing: float) -> dict[str, Measured]:
    client, pid, port = deployment.clients["RS256"], deployment.worker, deployment.port
    results = {
        "discovery": loaded(pid, raw(port, "/.well-known/openid-configuration")),
        "keys (JWKS)": loaded(pid, raw(port, "/jwks")),
    }
    people = iter(range(PEOPLE))

    def signing_in(_: int, option: str) -> Callable[[], None]:
        browser = Browser(deployment)

        def one() -> None:
            browser.sign_in(next(people) % PEOPLE, client, option)

        return one

    for option in ("email", "phone"):
        results[f"{option} sign-in, without hashing"] = loaded(
            pid,
            lambda n, option=option: signing_in(n, option),
            threads=8,
            seconds=2 * SECONDS,
            less=hashing,
        )  # type: ignore[misc]  # the way is bound by its default

    browsers = [Browser(deployment) for _ in range(4)]
    tokens = [browser.sign_in(PEOPLE - 1 - n, client) for n, browser in enumerate(browsers)]
    codes = [[browser.code(client) for _ in range(250)] for browser in browsers]

    def redeeming(n: int) -> Callable[[], None]:
        mine = iter(codes[n])

        def one() -> None:
            form = next(mine, None)
            if form is None:
                time.sleep(0.01)
                raise RuntimeError("not enough codes were prepared")
            browsers[n].token(client, form)

        return one

    results["code exchange (RS256)"] = exhausting(pid, redeeming, 4, 250)

    for alg in ("RS256", "ES256"):
        registered = deployment.clients[alg]
        family = [browsers[n].token(registered, browsers[n].code(registered)) for n in range(4)]

        def refreshing(
            n: int, registered: Any = registered, family: Any = family
        ) -> Callable[[], None]:
            def one() -> None:
                family[n] = browsers[n].token(
                    registered,
                    {"grant_type": "refresh_token", "refresh_token": family[n]["refresh_token"]},
                )

            return one

        results[f"refresh ({alg})"] = loaded(pid, refreshing, threads=4)
        tokens = family
    results["userinfo"] = loaded(
        pid, raw(port, "/userinfo", f"Authorization: Bearer {tokens[0]['access_token']}\r\n")
    )
    for name in ("machine", "opaque machine"):
        results[f"client credentials ({'opaque' if 'opaque' in name else 'JWT, ES256'})"] = loaded(
            pid, posting(deployment, name, "/token", GRANT)
        )
        made = browsers[0].token(deployment.clients[name], dict(GRANT))
        kind = "opaque" if "opaque" in name else "JWT"
        results[f"introspection ({kind})"] = loaded(
            pid, posting(deployment, "API", "/introspect", {"token": made["access_token"]})
        )
    results["single sign-on (authorize)"] = loaded(
        pid, lambda n: lambda: browsers[n].code(client) and None, threads=4
    )
    return results


def exhausting(
    pid: int, act: Callable[[int], Callable[[], None]], threads: int, times: int
) -> Measured:
    """Let threads act a number of times each."""

    def work(one: Callable[[], None]) -> None:
        for _ in range(times):
            one()

    workers = [threading.Thread(target=work, args=(act(n),)) for n in range(threads)]
    before, at = cpu_seconds(pid), time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    passed, made = time.monotonic() - at, threads * times
    return Measured(made / passed, 1e6 * (cpu_seconds(pid) - before) / made)


def main() -> None:
    console = Console(width=110)
    results = floor()
    made = Deployment()
    large = clinic.fill(made.settings)
    with made as deployment:
        console.print(
            f"`idp serve` answered after {deployment.start_seconds:.2f} s", highlight=False
        )
        results |= protocol(deployment, results["Argon2id, one password"].cpu)
        memory = resident_mb(deployment.worker)
        told = strangers.table(deployment)
        pages = clinic.table(deployment, *large)
    reference = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else {}
    table = Table(
        "",
        "requests/s",
        "CPU µs",
        "a core could do/s",
        "× bare Flask",
        "reference",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for column in table.columns[1:]:
        column.justify = "right"
    ratios = {name: one.cpu / results[FLOOR].cpu for name, one in results.items()}
    for name, one in results.items():
        known = reference.get(name)
        slower = (
            f"{known:.1f}" + (" [bold red]slower[/]" if ratios[name] > NOISE * known else "")
            if known
            else ""
        )
        table.add_row(
            name,
            f"{one.per_second:,.0f}",
            f"{one.cpu:,.0f}",
            f"{1e6 / one.cpu:,.0f}",
            f"{ratios[name]:.1f}",
            slower,
        )
    console.print(table)
    console.print(told)
    console.print(pages)
    console.print(f"The worker holds {memory:.0f} MB after this load.", highlight=False)
    if "--save" in sys.argv:
        REFERENCE.write_text(
            json.dumps({name: round(value, 2) for name, value in ratios.items()}, indent=2) + "\n"
        )
        console.print(f"Kept in {REFERENCE.name}.")


if __name__ == "__main__":
    main()
