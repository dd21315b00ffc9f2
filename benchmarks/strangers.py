"""What strangers could time: the same question about names that are known and names that are not,
asked in turn."""

import statistics
import time
from urllib.parse import urlencode

from rich.table import Table

from benchmarks.browser import Browser
from benchmarks.deployment import PEOPLE, Deployment

PAIRS = 60
# how the page is reached from the login options, and what is typed there; {} is the name
QUESTIONS = {
    "sign in, wrong password": (
        [{"option": "email"}],
        {"email": "{}@bench.example", "password": "wrong-password", "action": "sign-in"},
    ),
    "forgot your password": (
        [{"option": "email"}, {"journey": "recover"}],
        {"email": "{}@bench.example", "action": "send"},
    ),
    "login to register, wrong password": (
        [{"journey": "enrol"}],
        {"username": "{}", "password": "wrong-password", "action": "login"},
    ),
    "forgotten portal password": (
        [{"journey": "enrol"}, {"journey": "forgot"}],
        {"username": "{}", "action": "submit"},
    ),
    "incomplete registration": (
        [{"journey": "help"}, {"journey": "complete"}],
        {"email": "{}@bench.example", "password": "wrong-password", "action": "send"},
    ),
}


def asked(deployment: Deployment, question: str, name: str) -> float:
    """Milliseconds that the answer takes."""
    browser, (option, form) = Browser(deployment), QUESTIONS[question]
    client = deployment.clients["RS256"]
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    parameters = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uris"][0],
        "scope": "openid",
    }
    parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    _, page, _ = browser.send("GET", "/authorize?" + urlencode(parameters))
    browser.send("GET", page)
    for step in option:
        page = browser.post(page, **step)
    typed = {field: value.format(name) for field, value in form.items()}
    begun = time.perf_counter()
    browser.send("POST", page, {"csrf": browser.csrf, **typed})
    passed = 1000 * (time.perf_counter() - begun)
    browser.connection.close()
    return passed


def table(deployment: Deployment) -> Table:
    """Medians of known and unknown names, their difference, and by how much that difference would
    wander by itself."""
    made = Table(
        "What strangers could time",
        "known, ms",
        "unknown, ms",
        "difference",
        "noise",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for column in made.columns[1:]:
        column.justify = "right"
    for question in QUESTIONS:
        pairs = [
            (
                asked(deployment, question, f"person{n % PEOPLE}"),
                asked(deployment, question, f"stranger{n % PEOPLE}"),
            )
            for n in range(PAIRS)
        ]
        known, unknown = (statistics.median(one) for one in zip(*pairs, strict=True))
        apart = [left - right for left, right in pairs]
        noise = statistics.stdev(apart) / PAIRS**0.5
        difference = statistics.median(apart)
        mark = " [bold red]tells[/]" if abs(difference) > max(3 * noise, 0.5) else ""
        made.add_row(
            question, f"{known:.2f}", f"{unknown:.2f}", f"{difference:+.2f}", f"±{noise:.2f}{mark}"
        )
    return made
