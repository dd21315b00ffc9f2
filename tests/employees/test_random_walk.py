"""Random walks of employees over real HTTP: several browsers, people and tabs, answers of the
company delivered late, twice, mixed and to others.

However they wander, a code comes only to a browser that went to the company itself and brought back
the company's own answer to that very trip, and only about whoever the company signed in on it."""

import random
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from idp.web.flow.stages import STAGES
from tests.support.client import Client
from tests.support.company import SAM, Other
from tests.support.person import Person

ROBIN = {
    **SAM,
    "sub": "robin-1",
    "email": "robin.ash@atrezzo.example",
    "given_name": "Robin",
    "family_name": "Ash",
}
GUEST = {**SAM, "sub": "guest-1", "email": "guest@elsewhere.example"}
ASKED = [
    {},
    {},
    {"prompt": "login"},
    {"prompt": "none"},
    {"prompt": "select_account"},
    {"max_age": "0"},
    {"acr_values": "urn:stagedoor:acr:mfa"},
]
BUTTONS = (
    "LOGIN",
    "Continue",
    "TRY AGAIN",
    "CONTINUE",
    "Cancel",
    "LOGIN WITH EMAIL",
    "Another account",
)


@dataclass
class Answer:
    """What the company sent back to a browser, for whom."""

    browser: Person
    person: str  # subject
    query: dict[str, str]


@dataclass
class Walk:
    world: object
    other: Other
    client: Client
    rng: random.Random
    browsers: list[Person]
    interactions: list[str] = field(default_factory=list)
    owner: dict = field(default_factory=dict)  # by interaction
    # by interaction: what it asked, and the client's secrets of it
    asked: dict = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    # (browser, subject) whose own answer was delivered whole
    came: set = field(default_factory=set)
    issued: int = 0

    def step(self) -> None:
        self.rng.choice(
            [
                self.opens,
                self.presses,
                self.presses,
                self.presses,
                self.travels,
                self.travels,
                self.delivers,
                self.mixes,
                self.posts,
                self.waits,
            ]
        )()

    def opens(self) -> None:
        browser, asked = self.rng.choice(self.browsers), self.rng.choice(ASKED)
        self.client.sends(browser, scope="openid email roles", **asked)
        found = re.search(r"/flow/([^/]+)/", browser.url)
        self.check(browser, (asked, self.client.verifier, self.client.nonce))
        if found:
            self.interactions.append(found[1])
            self.owner[found[1]] = browser
            self.asked[found[1]] = (asked, self.client.verifier, self.client.nonce)

    def presses(self) -> None:
        if not self.interactions:
            return
        interaction = self.rng.choice(self.interactions[-3:])
        browser = (
            self.owner[interaction] if self.rng.random() < 0.8 else self.rng.choice(self.browsers)
        )
        browser.open(f"{self.world.issuer}/flow/{interaction}/blocked")
        self.check(browser, self.asked[interaction])
        there = [button for button in BUTTONS if button in browser.buttons]
        if browser.left_for or not there:
            return
        button = self.rng.choice(there[:1] * 4 + there)
        if button == "CONTINUE":
            browser.tick("I have read and agree to these terms of use.")
        self.check(browser.press(button), self.asked[interaction])
        if browser.left_for.startswith(self.other.issuer) and self.rng.random() < 0.8:
            self.travels()
            self.delivers()

    def travels(self) -> None:
        """A browser that was sent to the company goes there, whoever sits before it."""
        for browser in self.browsers:
            if browser.left_for.startswith(self.other.issuer):
                self.other.person = self.rng.choice([SAM, SAM, ROBIN, GUEST])
                location = browser.http.get(
                    browser.left_for, allow_redirects=False, timeout=30
                ).headers["Location"]
                query = {
                    name: values[0] for name, values in parse_qs(urlsplit(location).query).items()
                }
                self.answers.append(Answer(browser, self.other.person["sub"], query))
                browser.left_for = ""

    def delivers(self) -> None:
        """Any answer, to the browser that it was given to or to another one, for the first time or
        again."""
        if self.answers:
            answer, browser = self.rng.choice(self.answers[-3:]), self.rng.choice(self.browsers)
            if self.rng.random() < 0.6:
                browser = answer.browser
            self.arrive(browser, answer.query, answer)

    def mixes(self) -> None:
        """The code of one answer with the state of another, or an answer with something changed."""
        if self.answers:
            left, right = self.rng.choice(self.answers), self.rng.choice(self.answers)
            changed = (
                {**left.query, "code": right.query["code"]}
                if left is not right
                else {**left.query, self.rng.choice(["code", "state", "iss"]): "x"}
            )
            self.arrive(self.rng.choice(self.browsers), changed, None)

    def arrive(self, browser: Person, query: dict, answer: Answer | None) -> None:
        if answer and answer.browser is browser:
            self.came.add((browser, answer.person))
        browser.open(f"{self.world.issuer}/upstream/acme/callback?{urlencode(query)}")
        found = re.search(
            r"/flow/([^/]+)/",
            browser.trail[-2][1] if browser.left_for and len(browser.trail) > 1 else browser.url,
        )
        self.check(browser, self.asked.get(found[1]) if found else None)

    def posts(self) -> None:
        """Anything to anywhere."""
        if not self.interactions:
            return
        browser, interaction = self.rng.choice(self.browsers), self.rng.choice(self.interactions)
        tokens = [
            form.fields.get("csrf", "") for one in self.browsers for form in one.page.forms
        ] or [""]
        fields = {
            "option": self.rng.choice(["employee", "email", ""]),
            "action": self.rng.choice(
                ["company", "go", "again", "cancel", "sign-in", "accept", ""]
            ),
            "email": self.rng.choice([SAM["email"], "nobody@nowhere.example", ""]),
            "remember": "yes",
            "agree": "yes",
            "version": "2026-03",
        }
        chosen = {name: value for name, value in fields.items() if self.rng.random() < 0.6}
        browser._go(
            "post",
            f"{self.world.issuer}/flow/{interaction}/{self.rng.choice(sorted(STAGES))}",
            data={"csrf": self.rng.choice(tokens), **chosen},
        )
        self.check(browser, self.asked[interaction])

    def waits(self) -> None:
        self.world.time.passes(seconds=self.rng.choice([1, 20, 120, 700, 4000]))

    def check(self, browser: Person, asked: tuple | None) -> None:
        assert browser.status < 500, browser.url
        if "code=" not in browser.left_for or not browser.left_for.startswith(
            self.client.redirect_uri
        ):
            return
        code, subject = self.client.answer(browser)["code"], None
        for _, verifier, nonce in [asked] if asked else list(self.asked.values()):
            self.client.verifier = verifier
            response = self.client.redeem(code)
            if response.status_code == 200:
                claims = self.client.claims(response.json()["id_token"])
                subject = {SAM["email"]: "sam-1", ROBIN["email"]: "robin-1"}[
                    self.client.userinfo(response.json()["access_token"]).json()["email"]
                ]
                assert claims["nonce"] == nonce
                break
        browser.left_for = ""
        assert subject is None or (browser, subject) in self.came, (
            f"a code for {subject}, who never came back from the company in this browser"
        )
        self.issued += subject is not None


@pytest.mark.parametrize("seed", range(8))
def test_no_sequence_reaches_a_code_without_the_companys_own_answer_to_this_browser(
    world, client, other, seed
):
    walk = Walk(world, other, client, random.Random(seed), [Person(world.issuer) for _ in range(3)])
    for _ in range(110):
        walk.step()
    assert walk.answers


def test_the_walks_did_reach_codes(world, client, other):
    """Else they would show nothing."""
    walks = [
        Walk(
            world,
            other,
            client,
            random.Random(100 + seed),
            [Person(world.issuer) for _ in range(2)],
        )
        for seed in range(3)
    ]
    for walk in walks:
        for _ in range(90):
            walk.step()
    assert sum(walk.issued for walk in walks) > 2
