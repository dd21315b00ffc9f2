"""A fortnight in one life: invited, late, invited again, registered, remembered, new terms, a
forgotten password, a reset."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from idp.operations import invitations
from idp.store import terms as kept_terms
from idp.store.database import rows as read
from idp.store.outbox import OUTBOX, Message
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, accept, enrol, make_password
from tests.support.stories import to_phone_page
from tests.support.world import demo_brand, settings_for

LENA = "lena.ortiz@harbor.example"


def terms_of_next_week():
    """The shipped terms, and others that come into force in six days."""
    look = demo_brand("kepro")
    day: date = (datetime.now(UTC) + timedelta(days=6)).date()
    return replace(
        look,
        terms=(
            *look.terms,
            replace(look.terms[0], version="next", in_force=day, text=("Everything is new.",)),
        ),
    )


@pytest.mark.settings(look=terms_of_next_week())
def test_a_fortnight(world, client):  # noqa: PLR0915  # it is a long story
    mailed = world.app.extensions["stagedoor"].mailed_link
    with world.inside():
        invitations.invite(
            world.time.now,
            "test",
            mailed,
            "lortiz2024",
            LENA,
            "Lena",
            "Ortiz",
            organization="1245319599",
            client_id=client.id,
        )
    late = world.newest_link()
    world.time.passes(hours=50)
    desk = Person(world.issuer)
    assert desk.open(late).heading == "This invitation has expired"

    with world.inside():
        invitations.resend(world.time.now, "test", mailed, "lortiz2024")
    desk.open(world.newest_link()).press("Continue")
    client.sends(desk)
    enrol(world, desk, "PHONE")
    assert client.tokens(desk)

    world.time.passes(minutes=20)
    client.sends(desk).tick("Remember Me")
    to_phone_page(desk, LENA, NEW_PASSWORD).press("Send Code")
    desk.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert client.tokens(desk)
    world.time.passes(hours=3, minutes=59)
    client.sends(desk).press("LOGIN WITH PHONE")
    assert client.tokens(desk), "remembered at 3 h 59 min"
    desk.http.cookies.clear(
        domain="localhost.local",
        path="/",
        name=next(name for name in desk.cookies if name.endswith("_session")),
    )
    world.time.passes(minutes=2)
    assert (
        client.sends(desk).press("LOGIN WITH PHONE").heading == "Sign in with your email address"
    ), "and not at 4 h 1 min"

    world.time.passes(hours=24 * 5)
    client.sends(desk)
    to_phone_page(desk, LENA, NEW_PASSWORD).press("Send Code")
    desk.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert (
        desk.heading == "Terms of Use Agreement"
        and "have changed since you agreed" in desk.page.text
        and "Everything is new." in desk.page.text
    )
    accept(desk)
    assert client.tokens(desk)
    with world.inside():
        account = world.account("lortiz2024")
        assert [one.version for one in kept_terms.of_account(account.id)] == ["2026-03", "next"]

    world.time.passes(hours=24 * 4)
    home = client.sends(Person(world.issuer))
    home.press("LOGIN WITH PHONE").press("Forgot your password?").fill(
        "Email Address", LENA.upper()
    ).press("Send verification code")
    home.fill("Verification Code", world.newest_code()).press("Verify code").press(
        "Continue"
    ).press("Send Code")
    home.fill("Verification Code", world.newest_code()).press("Verify Code")
    make_password(home, "nine-quiet-otters", "Continue")
    assert client.tokens(home)

    world.time.passes(hours=24 * 2)
    desk.http.post(f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False)
    client.sends(desk).fill("USERNAME *", "LOrtiz2024").press("SUBMIT")
    desk.open(world.newest_link()).press("Continue").fill("PASSWORD *", "nine-quiet-otters").press(
        "NEXT"
    ).press("I no longer have this phone")
    enrol(world, desk, "EMAIL", "ten-bright-finches")
    assert client.tokens(desk)
    with world.inside():
        account = world.account("lortiz2024")
        assert account.phone is None and account.sign_in_address == LENA
        told = [
            message.kind
            for message in read(OUTBOX.select().order_by(OUTBOX.c.id), Message)
            if message.channel == "email" and not message.code_id
        ]
    assert told == [
        "invitation",
        "invitation",
        "registered",
        "password_changed",
        "reset",
        "phone_replaced",
        "registered_anew",
    ]


def test_the_next_version_has_a_day_on_which_it_begins():
    look = terms_of_next_week()
    assert (
        settings_for(9, "sqlite://", look=look).look.terms_at(look.terms[1].since - 1).version
        == "2026-03"
    )
    assert look.terms_at(look.terms[1].since).version == "next"
    assert look.terms_at(0) is None
