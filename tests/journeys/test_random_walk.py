"""Random walks over real HTTP: any page, order and field, several tabs, browsers and people.

However someone wanders, a code comes only to a browser that gave both proofs of that person, in
one interaction, and in this one where the client asked for it; and whoever is left anywhere finds a
way on."""

import os
import random
import re
from dataclasses import dataclass, field

import pytest

from idp.flow.journeys import JOURNEYS
from idp.flow.methods import METHODS
from idp.web.flow.stages import STAGES as PAGES
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import keyed_number, sign_in
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD

STAGES = sorted(PAGES)
PRIYA = "priya.nair@lakeside.example"
REGISTERING = ("login", "login-method", "new-password", "terms")
PEOPLE = {DAISY: DAISY_PASSWORD, OMAR: OMAR_PASSWORD}
ASKED = [
    {},
    {},
    {"prompt": "login"},
    {"prompt": "select_account"},
    {"prompt": "none"},
    {"max_age": "0"},
    {"max_age": "60"},
    {"acr_values": "urn:stagedoor:acr:two-step"},
    {"acr_values": "urn:stagedoor:acr:mfa"},
]


@dataclass
class Tab:
    """An interaction: who opened it, what it asked, and the client as it was when it asked."""

    browser: Person
    interaction: str
    asked: dict
    verifier: str
    nonce: str


@dataclass
class Walk:
    world: object
    client: Client
    rng: random.Random
    browsers: list[Person]
    tabs: list[Tab] = field(default_factory=list)
    # (browser, interaction, person) whose right password was sent
    passwords: set = field(default_factory=set)
    # (browser, interaction, method) that sent the right code or keys
    codes: set = field(default_factory=set)
    people: dict = field(default_factory=lambda: dict(PEOPLE))  # and their passwords
    # (browser, interaction, person) whose mailbox and new password made up for a forgotten one
    recovered: set = field(default_factory=set)
    signed_in: set = field(default_factory=set)  # (browser, person) who got a code before
    issued: int = 0
    methods: set = field(default_factory=set)

    def step(self) -> None:
        act = self.rng.choice(
            [
                self.opens,
                self.looks,
                self.posts,
                self.posts,
                self.knows,
                self.knows,
                self.knows,
                self.waits,
            ]
        )
        act()

    def opens(self) -> None:
        browser, asked = self.rng.choice(self.browsers), self.rng.choice(ASKED)
        self.client.sends(browser, **asked)
        before = {tab.interaction for tab in self.tabs}
        self.check(browser, Tab(browser, "", asked, self.client.verifier, self.client.nonce))
        found = re.search(r"/flow/([^/]+)/", browser.url)
        if found and found[1] not in before:
            self.tabs.append(Tab(browser, found[1], asked, self.client.verifier, self.client.nonce))

    def looks(self) -> None:
        if self.tabs:
            tab, browser = self.rng.choice(self.tabs), self.rng.choice(self.browsers)
            browser.open(f"{self.world.issuer}/flow/{tab.interaction}/{self.rng.choice(STAGES)}")
            self.check(browser, tab)

    def posts(self) -> None:
        """Anything to anywhere, with the browser's own token or another's."""
        if not self.tabs:
            return
        tab, browser = self.rng.choice(self.tabs), self.rng.choice(self.browsers)
        tokens = [
            form.fields.get("csrf", "") for one in self.browsers for form in one.page.forms
        ] or [""]
        fields = {
            "option": self.rng.choice(["email", "phone", ""]),
            "journey": self.rng.choice([*JOURNEYS, "else"]),
            "remember": self.rng.choice(["yes", ""]),
            "method": self.rng.choice(["email", "phone"]),
            "username": self.rng.choice(["pnair2019", "ddunn2020", "nobody"]),
            "new_password": "a-guess-of-somebody",
            "confirm_password": "a-guess-of-somebody",
            "agree": "yes",
            "version": self.rng.choice(["2026-03", ""]),
            "number": "303 555 0188",
            "country": "US",
            "action": self.rng.choice(
                [
                    "cancel",
                    "send",
                    "call",
                    "email",
                    "phone",
                    "verify",
                    "continue",
                    "sign-in",
                    "create",
                    "accept",
                    "change",
                    "",
                ]
            ),
            "email": self.rng.choice([*self.people, "nobody@nowhere.example"]),
            "password": self.rng.choice(["wrong", ""]),
            "code": f"{self.rng.randrange(10**6):06d}",
            "choice": self.rng.choice(["another", "daisy", ""]),
        }
        chosen = {name: value for name, value in fields.items() if self.rng.random() < 0.5}
        browser._go(
            "post",
            f"{self.world.issuer}/flow/{tab.interaction}/{self.rng.choice(STAGES)}",
            data={"csrf": self.rng.choice(tokens), **chosen},
        )
        self.check(browser, tab)

    def knows(self) -> None:
        """Someone who knows a password or reads a mailbox does the right thing on the page in
        front of them."""
        if not self.tabs:
            return
        tab = self.rng.choice(self.tabs)
        browser = tab.browser
        browser.open(f"{self.world.issuer}/flow/{tab.interaction}/blocked")
        self.check(browser, tab)
        if not browser.page.forms or browser.left_for or browser.status != 200:
            return
        stage = browser.url.rpartition("/")[2]
        if stage == "options":
            browser.press(
                self.rng.choice(
                    [
                        "LOGIN WITH EMAIL",
                        "LOGIN WITH EMAIL",
                        "LOGIN WITH PHONE",
                        "LOGIN WITH PHONE",
                        "click here",
                    ]
                )
            )
        elif stage == "sign-in":
            self.at_the_password(browser, tab)
        elif stage == "email-code":
            self.world.deliver()
            sent = [message.code for message in self.world.messages() if message.channel == "email"]
            if sent and "Verification Code" in browser.page.labels and self.rng.random() < 0.8:
                self.codes.add((browser, tab.interaction, "email_code"))
                browser.fill("Verification Code", sent[-1]).press("Verify code")
            else:
                browser._go(
                    "post",
                    browser.url,
                    data={"csrf": browser.page.forms[0].fields["csrf"], "action": "send"},
                )
        elif stage == "phone":
            self.at_the_phone(browser, tab)
        elif stage in REGISTERING:
            self.registers(browser, tab, stage)
        elif stage == "no-phone":
            browser.press("LOGIN WITH EMAIL")
        elif stage == "email-verified":
            browser.press(self.rng.choice(["Continue", "Continue", "Cancel"]))
        elif stage == "choose-account":
            browser._go(
                "post",
                browser.url,
                data={"csrf": browser.page.forms[0].fields["csrf"], "choice": "another"},
            )
        self.check(browser, tab)

    def at_the_password(self, browser: Person, tab: Tab) -> None:
        if self.rng.random() < 0.2:
            browser.press("Forgot your password?").fill("Email Address", OMAR).press(
                "Send verification code"
            )
            return
        who = self.rng.choice(list(self.people))
        self.passwords.add((browser, tab.interaction, who))
        browser.fill("Email Address", who).fill("Password", self.people[who]).press("Sign in")

    def registers(self, browser: Person, tab: Tab, stage: str) -> None:
        """Priya registers, or someone makes the new password that a proven mailbox allows."""
        if stage == "login":
            self.passwords.add((browser, tab.interaction, PRIYA))
            browser.fill("USERNAME *", "pnair2019").fill("PASSWORD *", "old-portal-password").press(
                "LOGIN"
            )
        elif stage == "login-method":
            browser.press("EMAIL")
        elif stage == "new-password":
            recovering = "Continue" in browser.buttons
            who = OMAR if recovering else PRIYA
            if recovering:
                self.recovered.add((browser, tab.interaction, who))
            self.people[who] = "seven-calm-herons"
            browser.fill("New Password", "seven-calm-herons").fill(
                "Confirm New Password", "seven-calm-herons"
            )
            browser.press("Continue" if recovering else "Create")
        else:
            browser.tick("I have read and agree to these terms of use.").press("CONTINUE")

    def at_the_phone(self, browser: Person, tab: Tab) -> None:
        """Has a code sent and enters it, or is called and keys the number of the page, right or
        wrong."""
        texts = [message.code for message in self.world.messages() if message.channel == "sms"]
        if (
            "Verification Code" in {label for form in browser.page.forms for label in form.labels}
            and texts
        ):
            self.codes.add((browser, tab.interaction, "sms_code"))
            browser.fill("Verification Code", texts[-1]).press("Verify Code")
        elif 'id="keyed"' in browser.page.html:
            number, calls = (
                keyed_number(browser),
                [message.call_id for message in self.world.messages() if message.call_id],
            )
            keys = self.rng.choice([f"{number}#", f"{number}#", f"{number}#", "000#", "*", "#"])
            if calls and keys == f"{number}#":
                self.codes.add((browser, tab.interaction, "voice_code"))
            if calls:
                browser.http.post(
                    f"{self.world.issuer}/inbox/calls/{calls[-1]}",
                    data={"digits": keys},
                    allow_redirects=False,
                    timeout=30,
                )
            browser.press("Continue")
        else:
            browser._go(
                "post",
                browser.url,
                data={
                    "csrf": browser.page.forms[0].fields["csrf"],
                    "action": self.rng.choice(["send", "call"]),
                },
            )
            self.world.deliver()

    def waits(self) -> None:
        self.world.time.passes(seconds=self.rng.choice([1, 5, 31, 120, 600, 4000]))

    def check(self, browser: Person, tab: Tab) -> None:
        """After every answer: is it one that may be given?"""
        assert browser.status < 500
        if "code=" not in browser.left_for:
            assert (
                browser.left_for
                or browser.page.forms
                or browser.page.links
                or browser.status in (400, 403, 404)
            ), (browser.url, browser.page.html)
            return
        self.client.verifier = tab.verifier
        code = self.client.answer(browser)["code"]
        response = self.client.redeem(code)
        assert response.status_code == 200, response.text
        tokens = response.json()
        claims = self.client.claims(tokens["id_token"])
        who = self.client.userinfo(tokens["access_token"]).json()["email"]
        assert claims["nonce"] == tab.nonce
        proven = {
            interaction
            for one, interaction, person in self.passwords
            if one is browser and person == who and self.given(browser, interaction)
        }
        if not claims.get("amr"):
            assert (browser, who) in self.signed_in, (
                f"a code for {who}, whom this browser does not remember"
            )
            assert (
                "max_age" not in tab.asked
                and tab.asked.get("prompt") != "login"
                and "acr_values" not in tab.asked
            )
            return
        self.signed_in.add((browser, who))
        if "pwd" not in claims["amr"]:
            assert {one for one in self.recovered if one[0] is browser and one[2] == who}, (
                f"a code for {who}, who has recovered nothing here"
            )
            self.issued += 1
            return
        assert proven, f"a code for {who} without both proofs in this browser"
        if tab.asked.get("prompt") == "login" or tab.asked.get("max_age") == "0":
            assert tab.interaction in proven
        given = {METHODS[method].amr[0] for one, _, method in self.codes if one is browser}
        assert (
            claims["amr"][0] == "pwd"
            and set(claims["amr"][1:]) - {"mfa"} <= given
            and len(claims["amr"]) > 1
        )
        self.issued += 1
        self.methods |= set(claims["amr"])

    def given(self, browser: Person, interaction: str) -> bool:
        return any((one, where) == (browser, interaction) for one, where, _ in self.codes)


# a minute of every run; more when someone has the time
@pytest.mark.parametrize("seed", range(int(os.environ.get("WALKS", "8"))))
def test_no_sequence_of_requests_reaches_a_code_without_its_proofs(world, seed):
    client = Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))
    walk = Walk(world, client, random.Random(seed), [Person(world.issuer) for _ in range(2)])
    for _ in range(90):
        walk.step()
    for tab in walk.tabs:
        tab.browser.open(f"{world.issuer}/flow/{tab.interaction}/blocked")
        walk.check(tab.browser, tab)
        assert (
            tab.browser.left_for
            or tab.browser.page.forms
            or [name for name in tab.browser.page.links if name.startswith(("Go to", "LOGIN"))]
        ), "a dead end"
    world.time.passes(hours=25)
    for browser in walk.browsers:
        client.sends(browser)
        assert browser.heading == "LOGIN OPTIONS"
        sign_in(world, browser)
        assert client.tokens(browser), "after a night everybody gets in"


def test_the_walks_do_reach_codes(world):
    """The property above would hold of a provider that never issues anything; this one does, by
    every method."""
    client = Client(world.issuer, world.add_client())
    methods, issued = set(), 0
    for seed in range(3, 20):  # the first of these get through quickly, today
        walk = Walk(world, client, random.Random(seed), [Person(world.issuer)])
        for _ in range(40):
            walk.rng.choice([walk.opens, walk.knows, walk.knows, walk.knows, walk.knows])()
        methods, issued = methods | walk.methods, issued + walk.issued
        if issued > 3 and methods >= {"pwd", "otp", "sms", "tel", "mfa"}:
            return
        world.time.passes(hours=1)
    raise AssertionError(f"{issued} codes, by {methods}")
