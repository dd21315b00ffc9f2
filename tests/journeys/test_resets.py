"""What an administrator does for someone who lost a phone, an address or a password."""

import pytest

from idp.factors.mailed_link import AskedBy
from idp.operations import OperatorError, resets
from idp.store import accounts, audit
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, enrol, to_method
from tests.support.stories import sign_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, STRANGER


def reset(world, client, name="ddunn2020", **more) -> None:
    with world.inside():
        resets.reset(
            world.time.now, "test", *world.desk, name, asked_by=AskedBy(client_id=client.id), **more
        )


def test_daisy_has_another_phone(world, client):
    browser = client.sends(Person(world.issuer)).tick("Remember Me")
    sign_in(world, browser)
    tokens = client.tokens(browser)
    reset(world, client)
    mail = world.mails_to(DAISY)[-1]
    assert (
        mail.subject == "Atrezzo - Account Registration Reset"
        and "An administrator reset your registration" in mail.text
    )
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    client.sends(browser)
    assert browser.press("LOGIN WITH EMAIL").heading == "Sign in with your email address", (
        "neither session nor remembered browser"
    )
    assert to_code_page(client.sends(Person(world.issuer))).status == 422
    person = Person(world.issuer).open(mail.links[0]).press("Continue")
    client.sends(person)
    assert person.heading == "CURRENT PASSWORD"
    person.fill("PASSWORD *", DAISY_PASSWORD).press("NEXT")
    enrol(world, person, "PHONE")
    assert client.tokens(person)
    with world.inside():
        assert accounts.by_username("ddunn2020").phone == "+13035550188"
        assert "registration_reset" in [row.action for row in audit.listed()]


def test_or_later_by_the_portal_username(world, client):
    reset(world, client)
    world.time.passes(hours=3)
    person = client.sends(Person(world.issuer))
    enrol(world, to_method(person, "ddunn2020", DAISY_PASSWORD))
    assert client.tokens(person)


def test_the_password_lost_too_and_another_address(world, client):
    with world.inside():
        resets.correct_email(
            world.time.now, "test", world.desk[1], "ddunn2020", "daisy@new.example"
        )
    reset(world, client, password_lost=True)
    person = (
        Person(world.issuer)
        .open(world.mails_to("daisy@new.example")[-1].links[0])
        .press("Continue")
    )
    client.sends(person)
    enrol(world, person)
    sign_in(world, client.sends(Person(world.issuer)), "daisy@new.example", NEW_PASSWORD)
    assert to_method(client.sends(Person(world.issuer)), "ddunn2020", DAISY_PASSWORD).status == 422


def test_what_cannot_be_done(world, client):
    for act, says in (
        (lambda: reset(world, client, "nquist2018"), "no address on file"),
        (lambda: reset(world, client, "nobody"), "there is no account"),
    ):
        with pytest.raises(OperatorError, match=says):
            act()
    with world.inside(), pytest.raises(OperatorError, match="another account"):
        resets.correct_email(world.time.now, "test", world.desk[1], "pnair2019", DAISY)
    with world.inside(), pytest.raises(OperatorError, match="not a valid email"):
        resets.correct_email(world.time.now, "test", world.desk[1], "pnair2019", "x")


def test_a_lock_is_over_once_everything_was_proven_anew(world, client):
    from idp.store import tries

    with world.inside():
        omar = world.account("oreyes2021")
        for _ in range(10):
            tries.add(omar.id, "email_code", world.time.now, STRANGER)
    person = client.sends(Person(world.issuer))
    person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        "Email Address", "omar.reyes@lakeside.example"
    ).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    person.fill("New Password", "quiet-river-lakeside").fill(
        "Confirm New Password", "quiet-river-lakeside"
    ).press("Continue")
    assert person.status == 422 and "your current password" in person.page.errors[0]
    person.fill("New Password", NEW_PASSWORD).fill("Confirm New Password", NEW_PASSWORD).press(
        "Continue"
    )
    assert client.tokens(person)
    sign_in(world, client.sends(Person(world.issuer)), "omar.reyes@lakeside.example", NEW_PASSWORD)


def test_a_registration_code_may_be_read_out_over_the_phone(world, client):
    from tests.support.registering import give_code

    code = give_code(world)
    for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} "):
        person = client.sends(Person(world.issuer)).press("register here")
        person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", typed).press("NEXT")
        assert person.heading == "Create a New Account - Enter User Information"


def test_a_reset_by_the_address_that_one_signs_in_with(world, client):
    person = Person(world.issuer)
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person).fill("USERNAME *", DAISY.upper()).press("SUBMIT")
    assert world.mails_to(DAISY)[-1].links
