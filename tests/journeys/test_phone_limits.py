"""What texts and calls are kept to: how many, to whom, how late, and that each counts once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from idp.factors.phone import Spending, allowed, masked, read
from idp.operations import accounts
from idp.settings import Phone
from idp.store import audit, codes, outbox
from idp.store.database import rows
from idp.store.outbox import OUTBOX, Message
from tests.support.client import Client
from tests.support.person import Person
from tests.support.stories import keyed_number, to_code_page, to_phone_page
from tests.support.world import DAISY_PHONE


def test_wrong_keys_and_wrong_codes_of_one_phone_count_together(world, person, client):
    """Ten in an hour over texts and calls, however many interactions they are spread over."""
    to_phone_page(client.sends(person))
    for _ in range(2):
        person.press("Send Code")
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            person.fill("Verification Code", wrong).press("Verify Code")
        world.time.passes(seconds=31)
    assert person.heading.endswith("LOGIN ERROR")
    other = to_phone_page(Client(world.issuer, client.registration).sends(Person(world.issuer)))
    assert other.heading.endswith("LOGIN ERROR")
    to_code_page(client.sends(other)).press("Send verification code")
    assert (
        other.fill("Verification Code", world.newest_code())
        .press("Verify code")
        .press("Continue")
        .left_for
    ), "the e-mail way is open"
    world.time.passes(hours=1)
    to_phone_page(client.sends(Person(world.issuer))).press("Send Code")


def test_one_live_call_an_account_over_tabs_and_browsers(world, client):
    first, second = (to_phone_page(client.sends(Person(world.issuer))) for _ in range(2))
    first.press("Call Me")
    world.ring()
    world.time.passes(seconds=40)
    second.press("Call Me")
    assert second.heading == "We are calling you", (
        "who has proven the password rings anew, and the call before is over"
    )
    old = keyed_number(first)
    world.press(f"{keyed_number(second)}#")
    assert client.answer(second.press("Continue"))["code"]
    assert first.press("Continue").heading == "Verification is necessary" and old, (
        "its number proves nothing any more"
    )
    assert first.press("Call Me").heading == "We are calling you", (
        "a confirmed call gives itself back"
    )


def test_three_calls_in_a_quarter_of_an_hour_and_ten_a_day(world, client):
    def calls(person) -> bool:
        person.press("Call Me")
        if person.status == 422:
            return False
        world.press(outcome="no_answer")
        world.time.passes(seconds=31)
        person.press("Continue")
        return True

    person = to_phone_page(client.sends(Person(world.issuer)))
    assert [calls(person) for _ in range(4)] == [True, True, True, False]
    assert "13 minutes" in person.page.text
    placed = 3
    for _ in range(4):
        world.time.passes(minutes=16)
        person = to_phone_page(client.sends(Person(world.issuer)))
        placed += sum(calls(person) for _ in range(3))
    assert placed == 10


def test_five_texts_in_a_quarter_of_an_hour_over_tabs_and_a_used_one_gives_itself_back(
    world, client
):
    def fresh():
        return to_phone_page(client.sends(Person(world.issuer)))

    for _ in range(5):
        assert fresh().press("Send Code").status == 200
        world.time.passes(seconds=31)
    late = fresh()
    late.press("Send Code")
    assert late.status == 422 and "You can send a new code in" in late.page.text
    world.time.passes(minutes=13)
    person = fresh().press("Send Code")
    assert client.answer(
        person.fill("Verification Code", world.newest_code()).press("Verify Code")
    )["code"]
    assert fresh().press("Send Code").status == 200, (
        "a code that was used does not count, not even for the pause"
    )


def test_a_phone_that_still_rings_after_cancel_rings_anew_for_the_next_attempt(
    world, person, client
):
    to_phone_page(client.sends(person)).press("Call Me")
    world.ring()
    world.time.passes(seconds=31)
    to_phone_page(person.press("Cancel")).press("Call Me")
    assert person.heading == "We are calling you", (
        "the call of the attempt that was left is over, and it rings anew"
    )


def test_a_changed_number_ends_the_codes_and_calls_of_the_old_one(world, person, client):
    from sqlalchemy import update

    from idp.store.accounts import ACCOUNTS
    from idp.store.database import run

    to_phone_page(client.sends(person)).press("Send Code")
    code = world.newest_code()
    person.press("Call Me")
    number = keyed_number(person)
    with world.inside():
        run(
            update(ACCOUNTS)
            .where(ACCOUNTS.c.username_key == "ddunn2020")
            .values(phone="+13035550177")
        )
    world.press(f"{number}#")
    assert person.press("Continue").heading == "Verification is necessary", (
        "the old phone proves nothing"
    )
    person._go(
        "post", person.url, data=person.page.forms[-1].fields | {"code": code, "action": "verify"}
    )
    assert person.status == 422


def test_texts_that_never_left_cost_nothing(world, person, client):
    to_phone_page(client.sends(person))
    with world.inside():
        for n in range(60):
            codes.add(
                f"c{n}",
                person.url.split("/")[-2],
                f"somebody{n}",
                "sms_code",
                f"+1303555{n:04d}",
                "",
                world.time.now,
                ["none"],
            )
            codes.dropped(f"c{n}", world.time.now)
    world.time.passes(minutes=6)
    assert person.press("Send Code").heading == "Check your phone"


@pytest.mark.parametrize(
    ("method", "there", "missing"),
    [("voice_code", "Call Me", "Send Code"), ("sms_code", "Send Code", "Call Me")],
)
def test_only_what_the_deployment_accepts_is_offered_and_taken(
    tmp_path, request, time, method, there, missing
):
    from idp.settings import SignIn
    from tests.conftest import a_world

    signs = SignIn(
        options=("phone", "email"), accepted=(("password", method), ("password", "email_code"))
    )
    for world in a_world("sqlite", request, tmp_path, time, sign_in=signs):
        client = Client(world.issuer, world.add_client())
        person = to_phone_page(client.sends(Person(world.issuer)))
        assert there in person.page.html and missing not in person.page.html
        person._go(
            "post",
            person.url,
            data=person.page.forms[-1].fields
            | {"action": "send" if method == "voice_code" else "call"},
        )
        world.deliver()
        assert world.messages() == [], "no text is paid for that would not help"


def test_what_is_replaced_or_cancelled_before_it_left_is_no_fault(world, person, client):
    to_phone_page(client.sends(person)).press("Send Code")
    world.time.passes(seconds=31)
    person.press("send a new code")
    world.deliver()
    assert len(world.messages()) == 1
    with world.inside():
        assert outbox.dropped_since(0) == 0
        assert [row for row in audit.listed() if row.action == "message_dropped"] == []
        assert len([row for row in audit.listed() if row.action == "code_sent"]) == 2


def test_cancel_lets_the_phone_ring_for_nothing(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    number, call = keyed_number(person), world.ring()
    person.press("Cancel")
    requests.post(
        f"{world.issuer}/inbox/calls/{call}",
        data={"digits": f"{number}#"},
        timeout=10,
        allow_redirects=False,
    )
    to_phone_page(person)
    assert person.heading == "Verification is necessary"


def test_a_call_cancelled_before_it_was_placed_is_not_placed(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me").press("Cancel")
    world.deliver()
    assert world.messages() == []


def test_a_call_is_not_placed_late(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    world.time.passes(seconds=61)
    world.deliver()
    assert world.messages() == []
    assert "We could not place the call." in person.press("Continue").page.text


def test_a_double_click_is_one_text_and_one_call(world, person, client):
    to_phone_page(client.sends(person))
    form, url = dict(person.page.forms[-2].fields), person.url
    for action in ("send", "send", "call", "call"):
        person._go("post", url, data={**form, "action": action})
    world.deliver()
    assert [message.channel for message in world.messages()] == ["sms", "call"]
    with world.inside():
        assert sorted(
            row.action for row in audit.listed() if row.action in ("code_sent", "call_placed")
        ) == ["call_placed", "code_sent"]


def test_a_call_is_confirmed_once_however_many_press_at_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = to_phone_page(client.sends(Person(world.issuer))).press("Call Me")
    number, call = keyed_number(person), world.ring()

    def press(_):
        return requests.post(
            f"{world.issuer}/inbox/calls/{call}",
            data={"digits": f"{number}#"},
            timeout=30,
            allow_redirects=False,
        ).status_code

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(press, range(32))) == {303}
    with world.inside():
        given = [
            row
            for row in audit.listed()
            if row.action == "proof_given" and row.detail.get("method") == "voice_code"
        ]
        assert len(given) == 1
    assert client.tokens(person.press("Continue"))


def test_many_who_ask_for_calls_at_once_get_one(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    people = [to_phone_page(client.sends(Person(world.issuer))) for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: one.press("Call Me"), people))
    assert sorted(person.status for person in people) == [200] + [422] * 11


def test_the_breaker_stops_texts_that_nobody_enters_and_closes_by_itself(world, person, client):
    to_phone_page(client.sends(person))
    with world.inside():
        interaction = person.url.split("/")[-2]
        for n in range(50):
            codes.add(
                f"c{n}",
                interaction,
                f"somebody{n}",
                "sms_code",
                f"+1303555{n:04d}",
                "",
                world.time.now,
                ["none"],
            )
    world.time.passes(minutes=6)
    person.press("Send Code")
    assert "We cannot send texts or calls right now." in person.page.text
    person.press("Call Me")
    assert person.status == 422
    with world.inside():
        assert Spending(world.settings).state(world.time.now) == "breaker"
    world.time.passes(minutes=55)
    to_phone_page(client.sends(person))
    assert person.press("Send Code").heading == "Check your phone"


@pytest.mark.settings(phone=Phone(most_per_day=10))
def test_the_days_cap_holds_over_all_accounts(world, person, client):
    to_phone_page(client.sends(person))
    with world.inside():
        for n in range(10):
            codes.add(
                f"c{n}",
                person.url.split("/")[-2],
                f"somebody{n}",
                "sms_code",
                f"+1303555{n:04d}",
                "",
                world.time.now - 50_000,
                ["none"],
            )
    assert "cannot send texts or calls right now" in person.press("Send Code").page.text
    person.press("Use your email address").press("Send verification code")
    assert person.heading == "The code is on its way", "mail costs nothing"


def test_which_numbers_are_taken():
    countries = Phone().countries
    assert (
        read("(303) 555.0142") == read("+1 303 555 0142") == read("1-303-555-0142") == DAISY_PHONE
    )
    assert (
        read("303 555 0142 ext. 7") is None
        and read("555 0142") is None
        and read("") is None
        and read("٣٠٣") is None
    )
    assert read("55 1234 5678", "MX") == "+525512345678"
    assert masked(DAISY_PHONE) == "XXX-XXX-0142"
    assert allowed(DAISY_PHONE, countries) and allowed("+17875550142", countries)
    for premium in ("+19005550142", "+18005550142", "+442079460000", "+1", "nonsense"):
        assert not allowed(premium, countries)


def test_a_number_outside_the_countries_counts_as_none(world, person, client):
    with world.inside():
        accounts.add(
            world.time.now,
            "test",
            "ukuk",
            "uk@example.org",
            "U",
            "K",
            new_password="long-password",
            enrolled=True,
            phone="+442079460000",
        )
    to_phone_page(client.sends(person), "uk@example.org", "long-password")
    assert person.heading == "There is no phone on record"


def test_strangers_learn_nothing_of_calls(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    call = world.ring()
    known = requests.post(
        f"{world.issuer}/inbox/calls/{call}",
        data={"digits": "123"},
        timeout=10,
        allow_redirects=False,
    )
    unknown = requests.post(
        f"{world.issuer}/inbox/calls/none",
        data={"digits": "123"},
        timeout=10,
        allow_redirects=False,
    )
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    elsewhere = requests.post(
        f"{world.issuer}/inbox/calls/{call}",
        data={"digits": "*"},
        headers={"Sec-Fetch-Site": "cross-site"},
        timeout=10,
    )
    assert elsewhere.status_code == 403
    assert Person(world.issuer).open(f"{person.url.rpartition('/')[0]}/status").status == 403


def test_a_call_whose_worker_was_lost_is_not_placed_twice(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    with world.inside():
        (message,) = rows(OUTBOX.select(), Message)
        assert outbox.claim(message.id, world.time.now, 60)
    world.time.passes(seconds=61)
    world.deliver()
    assert world.messages() == []
    assert "We could not place the call." in person.press("Continue").page.text


def test_the_settings_of_the_phone_are_guarded(world):
    from idp.settings import SettingsError, SignIn, check

    with pytest.raises(SettingsError, match="keyed or bare"):
        check(replace(world.settings, phone=Phone(call="loud")))
    with pytest.raises(SettingsError, match="identifies the person"):
        check(replace(world.settings, sign_in=SignIn(accepted=(("sms_code",),))))
    with pytest.raises(SettingsError, match="only to the inbox"):
        from idp.settings import Mail

        check(replace(world.settings, inbox=False, mail=Mail(host="localhost")))
