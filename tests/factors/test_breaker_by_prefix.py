"""Texts that someone has sent for nothing to the numbers of one exchange, for the money in it,
stop further ones there and nowhere else. And a mail is known by the domain it comes from."""

import re
from dataclasses import replace
from email.utils import parseaddr

import pytest

from idp.factors import phone
from idp.factors.phone import Spending
from idp.operations import accounts
from idp.settings import Mail, Server
from idp.store import codes
from tests.support.client import Client
from tests.support.person import Person
from tests.support.smtp import mailbox
from tests.support.stories import sign_in, to_code_page, to_phone_page
from tests.support.world import DAISY_PHONE, LOOKS

HERE, ELSEWHERE = DAISY_PHONE[: phone.EXCHANGE], "+1720444"
VERA, VERA_PASSWORD, VERA_PHONE = (
    "vera.lund@lakeside.example",
    "calm-meadow-lakeside",
    "+17204440142",
)
PAUSED = "cannot send texts or calls right now"


@pytest.fixture
def elsewhere(world):
    """Somebody whose phone is in another exchange than Daisy's."""
    with world.inside():
        known = {"new_password": VERA_PASSWORD, "enrolled": True, "phone": VERA_PHONE}
        accounts.add(world.time.now, "test", "vlund2020", VERA, "Vera", "Lund", **known)


def text(world, client, number: int, exchange: str = HERE, ago: float = 1200, used: bool = False):
    """One text, to a number and from a network that no other one has."""
    interaction = client.sends(Person(world.issuer)).url.split("/")[-2]
    with world.inside():
        name, made = f"{exchange}-{number}-{ago}", world.time.now - ago
        target = f"{exchange}{number:04d}"
        codes.add(
            name, interaction, name, "sms_code", target, "", made, ["none"], f"network-{name}"
        )
        if used:
            assert codes.use(name, made + 1, 300, since_made=True)


def closed(world, number: str, network: str = "anybody") -> str:
    with world.inside():
        found = Spending(world.settings).closed(number, world.time.now, network)
        return found.reason if found else ""


def test_an_exchange_that_texts_are_sent_to_for_nothing_is_closed_alone(world, client, elsewhere):
    for number in range(phone.MOST_OF_ONE - 1):
        text(world, client, number)
    assert closed(world, DAISY_PHONE) == "", "so few are no pattern"
    text(world, client, 99)
    assert closed(world, DAISY_PHONE) == "phone_paused"
    assert closed(world, f"{HERE}9876") == "phone_paused", "the numbers beside it too"
    assert closed(world, VERA_PHONE) == ""
    daisy = to_phone_page(client.sends(Person(world.issuer)))
    assert PAUSED in daisy.press("Send Code").page.text
    assert PAUSED in daisy.press("Call Me").page.text
    vera = to_phone_page(client.sends(Person(world.issuer)), VERA, VERA_PASSWORD)
    vera.press("Send Code").fill("Verification Code", world.newest_code()).press("Verify Code")
    assert vera.heading == "Terms of Use Agreement", "which come next for who is new"
    other = client.sends(Person(world.issuer))
    assert sign_in(world, other).left_for, "and she signs in by email meanwhile"


def test_it_is_open_again_an_hour_later(world, client):
    for number in range(12):
        text(world, client, number)
    assert closed(world, DAISY_PHONE) == "phone_paused"
    world.time.passes(minutes=41)
    assert closed(world, DAISY_PHONE) == ""


def test_codes_that_people_enter_close_nothing(world, client):
    share = world.settings.phone.breaker_share
    for number in range(20):
        text(world, client, number, used=number * 100 < 20 * share)
    assert closed(world, DAISY_PHONE) == ""
    text(world, client, 20)
    assert closed(world, DAISY_PHONE) == "phone_paused", "one less of them, and it does"


def test_what_somebody_may_still_enter_is_not_counted(world, client):
    for number in range(12):
        text(world, client, number, ago=world.settings.lifetimes.sms_code - 5)
    assert closed(world, DAISY_PHONE) == ""
    world.time.passes(seconds=6)
    assert closed(world, DAISY_PHONE) == "phone_paused"


def test_texts_to_many_exchanges_close_none_of_them(world, client):
    for number in range(30):
        text(world, client, number, exchange=f"+1{303 + number}555")
    assert closed(world, DAISY_PHONE) == closed(world, VERA_PHONE) == ""


@pytest.mark.settings(server=Server(proxy_hops=1))
def test_whoever_asks_from_wherever(world, client):
    """It is the exchange that is closed, not the networks that sent."""
    for number in range(12):
        text(world, client, number)
    person = Person(world.issuer)
    person.http.headers["X-Forwarded-For"] = "203.0.113.77"
    assert PAUSED in to_phone_page(client.sends(person)).press("Send Code").page.text


@pytest.mark.parametrize("sender", ["", "no-reply@sign-in.clinic.example"])
@pytest.mark.parametrize("brand", ["kepro", "acentra", "stagedoor"])
def test_a_mail_is_known_by_the_domain_it_comes_from(world, brand, sender):
    with mailbox() as box:
        mail = Mail(host="127.0.0.1", port=box.port, starttls=False, sender=sender)
        world.settings = replace(world.settings, inbox=False, mail=mail)
        client = Client(world.issuer, world.add_client(brand=brand))
        to_code_page(client.sends(Person(world.issuer))).press("Send verification code")
        world.deliver()
        (got,) = box.messages
    name, address = parseaddr(got["From"])
    domain = address.partition("@")[2]
    assert domain == (sender or parseaddr(LOOKS[brand].sender)[1]).partition("@")[2]
    assert name, "under the name of the brand"
    assert re.fullmatch(rf"<[^<>@\s]+@{re.escape(domain)}>", got["Message-ID"])
    (picture,) = (part for part in got.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"].endswith(f"@{domain}>"), "nothing tells of this machine"
