"""What may happen once happens once, whoever races: 32 threads, both databases, one winner, no
5xx."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from idp.settings import Lifetimes
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import sign_in, signed_in, to_code_page

THREADS = 32


def raced(act: Callable[[], requests.Response]) -> list[requests.Response]:
    barrier = Barrier(THREADS)

    def one(_: int) -> requests.Response:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(one, range(THREADS)))
    assert all(answer.status_code < 500 for answer in answers), [
        answer.text for answer in answers if answer.status_code >= 500
    ][:1]
    return answers


def test_one_authorization_code(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    client.sends(person)
    sign_in(world, person)
    code = client.answer(person)["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": client.verifier,
    }
    answers = raced(
        lambda: requests.post(
            f"{world.issuer}/token", data=form, auth=(client.id, client.secret), timeout=60
        )
    )
    winners = [answer for answer in answers if answer.status_code == 200]
    assert len(winners) == 1
    assert {answer.json()["error"] for answer in answers if answer not in winners} == {
        "invalid_grant"
    }
    assert client.userinfo(winners[0].json()["access_token"]).status_code == 401, (
        "used twice, so what it gave has ended"
    )


@pytest.mark.settings(lifetimes=Lifetimes(refresh_reuse_grace=0))
def test_one_refresh_token_without_grace(either_world):
    answers, _ = refreshes(either_world)
    assert [answer.status_code for answer in answers].count(200) == 1


def test_one_refresh_token_within_its_grace(either_world):
    """Whoever asks at once gets an answer, all of one generation; the next use ends them all but
    itself."""
    answers, client = refreshes(either_world)
    assert {answer.status_code for answer in answers} == {200}
    assert client.refresh(answers[0].json()["refresh_token"]).status_code == 200
    either_world.time.passes(seconds=11)
    assert client.refresh(answers[1].json()["refresh_token"]).json()["error"] == "invalid_grant"


def refreshes(world) -> tuple[list[requests.Response], Client]:
    client = Client(world.issuer, world.add_client())
    _, tokens = signed_in(world, client)
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return raced(
        lambda: requests.post(
            f"{world.issuer}/token", data=form, auth=(client.id, client.secret), timeout=60
        )
    ), client


def test_one_email_code(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    to_code_page(client.sends(person)).press("Send verification code")
    form = {
        "csrf": person.page.forms[-1].fields["csrf"],
        "action": "verify",
        "code": world.newest_code(),
    }
    cookies = person.cookies
    answers = raced(
        lambda: requests.post(
            person.url, data=form, cookies=cookies, timeout=60, allow_redirects=False
        )
    )
    assert {answer.status_code for answer in answers} <= {303, 422}
    with world.inside():
        from idp.store import audit

        proofs = [
            row
            for row in audit.listed()
            if row.action == "proof_given" and row.detail["method"] == "email_code"
        ]
    assert len(proofs) == 1
    person.open(person.url)
    person.press("Continue")
    assert client.tokens(person)


def test_one_end_of_an_interaction(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    to_code_page(client.sends(person)).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    form = {"csrf": person.page.forms[-1].fields["csrf"], "action": "continue"}
    cookies = person.cookies
    answers = raced(
        lambda: requests.post(
            person.url, data=form, cookies=cookies, timeout=60, allow_redirects=False
        )
    )
    codes = {answer.headers["Location"] for answer in answers if answer.status_code == 303}
    good = 0
    for location in codes:
        from urllib.parse import parse_qs, urlsplit

        good += client.redeem(parse_qs(urlsplit(location).query)["code"][0]).status_code == 200
    assert good == 1, "of all the codes given, one is good"
    with world.inside():
        from idp.store import audit

        assert len([row for row in audit.listed() if row.action == "sign_in"]) == 1


def test_wrong_codes_from_many_threads_cost_no_more_than_five_tries(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    to_code_page(client.sends(person)).press("Send verification code")
    right = world.newest_code()
    csrf, cookies = person.page.forms[-1].fields["csrf"], person.cookies
    numbers = iter(f"{(int(right) + n) % 1_000_000:06d}" for n in range(1, 1000))
    raced(
        lambda: requests.post(
            person.url,
            data={"csrf": csrf, "action": "verify", "code": next(numbers)},
            cookies=cookies,
            timeout=60,
            allow_redirects=False,
        )
    )
    with world.inside():
        from sqlalchemy import func, select

        from idp.store.codes import CODES
        from idp.store.database import scalar
        from idp.store.tries import TRIES

        assert scalar(select(CODES.c.tries)) == 5
        assert scalar(select(func.count()).where(TRIES.c.factor == "email_code")) == 5
    answer = requests.post(
        person.url,
        data={"csrf": csrf, "action": "verify", "code": right},
        cookies=cookies,
        timeout=60,
        allow_redirects=False,
    )
    assert answer.headers["Location"].endswith("/email-code"), "back to the page"
