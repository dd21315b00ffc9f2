"""Forgotten password (product 9), and what a registration error leads to (8), and finishing what
was left (10)."""

import pytest

from idp.operations import accounts
from idp.store import accounts as rows
from idp.store import audit
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import (
    NEW_PASSWORD,
    PRIYA,
    accept,
    enrol,
    make_password,
    to_method,
    verify_address,
    verify_phone,
)
from tests.support.stories import keyed_number, sign_in, signed_in, to_code_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD, TWO_STEP

SINGLE = "urn:stagedoor:acr:single"


def forgot(person, email=OMAR):
    """From the login options to the page of the code."""
    person.press("LOGIN WITH EMAIL").press("Forgot your password?")
    assert person.heading == "Forgot your password?"
    return person.fill("Email Address", email).press("Send verification code")


def prove(world, person):
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    assert (
        "E-mail address verified. You can now continue." in person.page.text
        and "Change e-mail" in person.buttons
    )
    return person.press("Continue")


def test_omar_forgot_his_password(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    elsewhere, tokens = signed_in(world, client)
    person = client.sends(Person(world.issuer))
    forgot(person)
    assert "omar.reyes@lakeside.example" in person.page.text, "what was typed stays visible"
    prove(world, person)
    assert person.heading == "Create a new password"
    make_password(person, button="Continue")
    claims = client.claims(client.tokens(person)["id_token"])
    assert (claims["acr"], claims["amr"]) == (SINGLE, ["otp"]), "a mailbox alone is one proof"
    assert [mail.subject for mail in world.mails_to(OMAR)][
        -1
    ] == "Your password for the Atrezzo portal was changed"
    assert to_code_page(client.sends(Person(world.issuer)), OMAR, OMAR_PASSWORD).status == 422
    again = Person(world.issuer)
    sign_in(world, client.sends(again), OMAR, NEW_PASSWORD)
    assert client.claims(client.tokens(again)["id_token"])["acr"] == TWO_STEP
    assert client.refresh(tokens["refresh_token"]).status_code == 200, "Daisy's own is untouched"
    assert elsewhere


def test_daisy_has_a_phone_and_is_asked_for_it(world, person, client):
    browser, tokens = signed_in(world, client)
    client.sends(person)
    prove(world, forgot(person, DAISY))
    assert "XXX-XXX-0142" in person.page.text and "to reset your registration" in person.page.text
    person.press("Call Me")
    world.press(f"{keyed_number(person)}#")
    person.press("Continue")
    make_password(person, button="Continue")
    assert client.claims(client.tokens(person)["id_token"])["acr"] == TWO_STEP
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert client.sends(browser).heading == "LOGIN OPTIONS", "her other sessions are over"
    with world.inside():
        (row,) = [row for row in audit.listed() if row.action == "password_recovered"]
        assert row.detail["sessions"] == 1 and row.detail["grants"] == 1


def test_the_session_of_a_recovered_password_counts_at_the_base_level(world, person, client):
    client.sends(person)
    make_password(prove(world, forgot(person)), button="Continue")
    client.tokens(person)
    assert client.tokens(client.sends(person)), "single sign-on goes on"


def test_change_e_mail_begins_again_with_another_address(world, person, client):
    client.sends(person)
    forgot(person, "daisy.dun@lakeside.example").press("Change e-mail")
    assert person.heading == "Forgot your password?"
    assert person.page.fields["email"] == "daisy.dun@lakeside.example", "to correct"
    person.fill("Email Address", OMAR).press("Send verification code")
    person.fill("Verification Code", world.newest_code()).press("Verify code").press(
        "Change e-mail"
    )
    assert person.heading == "Forgot your password?"


def test_back_after_the_new_password_was_made(world, person, client):
    client.sends(person)
    prove(world, forgot(person))
    url, form = (
        person.url,
        person.page.fields
        | {"new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD, "action": "create"},
    )
    make_password(person, button="Continue")
    person._go(
        "post",
        url,
        data=form | {"new_password": "quite-another-one", "confirm_password": "quite-another-one"},
    )
    assert (
        to_code_page(client.sends(Person(world.issuer)), OMAR, NEW_PASSWORD).heading
        == "Verification is necessary"
    )


def test_a_stranger_who_guesses_codes_bars_nobody_from_signing_in(world, client):
    for _ in range(2):
        guesser = client.sends(Person(world.issuer))
        forgot(guesser)
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            guesser.fill("Verification Code", wrong).press("Verify code")
        world.time.passes(seconds=31)
    forgot(guesser := client.sends(Person(world.issuer)))
    assert guesser.heading == "!LOGIN ERROR" and "RESET" in guesser.buttons
    person = Person(world.issuer)
    sign_in(world, client.sends(person), OMAR, OMAR_PASSWORD)
    assert client.tokens(person)


def test_a_disabled_account_recovers_nothing(world, person, client):
    client.sends(person)
    forgot(person)
    with world.inside():
        accounts.disable(world.time.now, "test", "oreyes2021")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    assert person.heading == "!THIS ACCOUNT IS TURNED OFF"


# Reset


def to_reset(world, person, client, username="oreyes2021"):
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person)
    assert person.heading == "LOGIN" and "Reset registration" in person.page.title
    return person.fill("USERNAME *", username).press("SUBMIT")


def test_who_has_never_registered_is_not_told_to_register_again(world, person, client):
    to_reset(world, person, client, "pnair2019")
    text = world.mails_to("priya.nair@lakeside.example")[-1].text
    assert (
        "asked for a link to register" in text and "again" not in text and "new phone" not in text
    )


def test_omar_resets_his_registration_and_all_of_it_is_replaced(world, person, client):
    browser = Person(world.issuer)
    client.sends(browser).tick("Remember Me")
    sign_in(world, browser, OMAR, OMAR_PASSWORD)
    tokens = client.tokens(browser)
    to_reset(world, person, client)
    mail = world.mails_to(OMAR)[-1]
    assert (
        mail.subject == "Atrezzo - Account Registration Reset"
        and "asked to reset" in mail.text
        and "Atrezzo Registration" in mail.text
    )
    person.open(mail.links[0]).press("Continue")
    assert person.heading == "CURRENT PASSWORD" and "oreyes2021" in person.page.text
    person.fill("PASSWORD *", "wrong").press("NEXT")
    assert person.status == 422
    person.fill("PASSWORD *", OMAR_PASSWORD).press("NEXT")
    assert person.heading == "LOGIN METHOD"
    assert client.refresh(tokens["refresh_token"]).status_code == 200, (
        "until it is finished, what was registered stays valid"
    )
    enrol(world, person, "PHONE")
    assert client.tokens(person)
    with world.inside():
        assert rows.by_username("oreyes2021").phone == "+13035550188"
    assert "Your registration for the Atrezzo portal was changed" in [
        mail.subject for mail in world.mails_to(OMAR)
    ]
    world.time.passes(minutes=20)
    assert (
        client.sends(browser).press("LOGIN WITH EMAIL").heading == "Sign in with your email address"
    ), "remembered no more"
    assert to_code_page(client.sends(Person(world.issuer)), OMAR, OMAR_PASSWORD).status == 422


def test_a_reset_takes_the_phone_away_where_none_is_chosen(world, person, client):
    to_reset(world, person, client, "DDUNN2020 ")
    person.open(world.newest_link()).press("Continue")
    person.fill("PASSWORD *", DAISY_PASSWORD).press("NEXT")
    enrol(world, person.press("I no longer have this phone"), "EMAIL")
    with world.inside():
        assert rows.by_username("ddunn2020").phone is None


def test_a_reset_link_that_is_late_offers_another(world, person, client):
    to_reset(world, person, client)
    link = world.newest_link()
    world.time.passes(minutes=21)
    person.open(link)
    assert (person.status, person.heading) == (410, "This link has expired")
    person.press("RESET")
    assert person.left_for.startswith("http://localhost:1/login")
    client.sends(person).fill("USERNAME *", "oreyes2021").press("SUBMIT")
    newest = world.newest_link()
    assert newest != link and Person(world.issuer).open(link).heading == "There is a newer link"
    assert person.open(newest).press("Continue").heading == "CURRENT PASSWORD"


def test_who_stopped_halfway_reads_where_the_way_on_is(world, person, client):
    """RESET takes the address that one signs in with; theirs is verified and not in use yet."""
    leave_unfinished(world, client)
    before = len(world.mails_to(PRIYA))
    to_reset(world, person, client, PRIYA)
    mails = world.mails_to(PRIYA)
    assert person.heading == "CHECK YOUR EMAIL" and len(mails) == before + 1
    assert "not finished" in mails[-1].subject and not mails[-1].links
    assert "enter this email address and your password" in mails[-1].text
    assert "you can sign in as before" not in mails[-1].text


def test_a_link_to_finish_that_is_late_leads_to_another_one(world, person, client):
    leave_unfinished(world, client)
    to_complete(client.sends(person))
    link = world.newest_link()
    world.time.passes(minutes=21)
    late = Person(world.issuer).open(link)
    assert (
        late.status == 410
        and "RESET" not in late.page.text
        and "We will email you a link to finish your registration." in late.page.text
    )


def test_what_was_mistyped_is_entered_again_with_one_click(world, person, client):
    to_complete(client.sends(person), "priya.nair@lakesid.example")
    assert person.press("Enter it again").heading == "Finish your registration"


def test_the_star_key_during_a_recovery_speaks_of_the_new_password(world, person, client):
    prove(world, forgot(client.sends(person), DAISY)).press("Call Me")
    world.press("*")
    person.press("Continue")
    assert (
        "your password was not changed" in person.page.text
        and "knows your password" not in person.page.text
    )
    assert not [button for button in person.buttons if "RESET" in button], (
        "for that one needs the password that is forgotten"
    )


def test_links_are_mailed_only_so_often(world, person, client):
    for _ in range(4):
        to_reset(world, Person(world.issuer), client)
    assert len(world.mails_to(OMAR)) == 1
    for _ in range(8):
        world.time.passes(seconds=31)
        to_reset(world, Person(world.issuer), client)
    assert len(world.mails_to(OMAR)) == world.settings.limits.links_per_quarter_hour


def test_priya_forgot_her_portal_password(world, person, client):
    client.sends(person).press("click here").press("Forgot Password?")
    person.fill("USERNAME *", "PNAIR2019").press("SUBMIT")
    person.open(world.newest_link()).press("Continue")
    assert person.heading == "LOGIN METHOD", "the link stands in for the password"
    enrol(world, person)
    assert client.tokens(person)


def test_who_is_registered_is_told_so_instead(world, person, client):
    client.sends(person).press("click here").press("Forgot Password?")
    person.fill("USERNAME *", "oreyes2021").press("SUBMIT")
    (mail,) = world.mails_to(OMAR)
    assert mail.subject == "You are already registered for the Atrezzo portal" and not mail.links


# Login help, and what was not finished


def leave_unfinished(world, client) -> Person:
    person = client.sends(Person(world.issuer))
    to_method(person).press("PHONE")
    return make_password(verify_address(world, person))


def to_complete(person, email=PRIYA, password=NEW_PASSWORD):
    person.press("Click here")
    assert person.heading == "LOGIN HELP"
    person.press("Click here", journey="complete") if person.buttons.count(
        "Click here"
    ) > 1 else None
    assert person.heading == "Finish your registration"
    return person.fill("Email Address", email).fill("Password", password).press("Send the link")


def test_what_was_not_finished_is_finished_by_a_link(world, person, client):
    leave_unfinished(world, client)
    world.time.passes(hours=14)
    to_complete(client.sends(person))
    assert "CHECK YOUR EMAIL" in person.heading
    person.open(world.newest_link()).press("Continue")
    assert person.heading == "Your phone", "what was done before is kept"
    verify_phone(world, person)
    accept(person)
    assert client.tokens(person)


@pytest.mark.parametrize(
    ("email", "password", "subject"),
    [
        (PRIYA, "wrong-password", "Your registration for the Atrezzo portal is not finished"),
        (OMAR, OMAR_PASSWORD, "You are already registered for the Atrezzo portal"),
        (OMAR, "wrong-password", "You are already registered for the Atrezzo portal"),
        (DAISY, "wrong-password", "You are already registered for the Atrezzo portal"),
        ("nobody@x.example", NEW_PASSWORD, None),
    ],
)
def test_the_answer_is_the_same_and_only_the_owner_reads_what_to_do(
    world, person, client, email, password, subject
):
    leave_unfinished(world, client)
    before = len(world.mails_to(email))
    to_complete(client.sends(person), email, password)
    assert "If there is an unfinished registration" in person.page.text
    assert [(mail.subject, mail.links) for mail in world.mails_to(email)[before:]] == (
        [(subject, [])] if subject else []
    )


def test_what_strangers_try_uses_up_no_link_of_the_owners(world, person, client):
    """Five wrong passwords, from anywhere, are mailed about as often as a mailbox bears; the right
    one gets its link at once."""
    leave_unfinished(world, client)
    before = len(world.mails_to(PRIYA))
    for _ in range(5):
        to_complete(client.sends(Person(world.issuer)), PRIYA, "wrong-password")
        world.time.passes(seconds=5)
    to_complete(client.sends(person))
    told = [mail.subject for mail in world.mails_to(PRIYA)[before:]]
    assert told == [
        "Your registration for the Atrezzo portal is not finished",
        "Atrezzo - Finish Your Registration",
    ]
    person.open(world.newest_link()).press("Continue")
    assert person.heading == "Your phone"


def test_who_is_registered_is_told_so_once_in_a_while(world, person, client):
    for _ in range(4):
        to_complete(client.sends(person), OMAR, "wrong-password")
        person.press("LOGIN")
    assert len(world.mails_to(OMAR)) == 1


def test_help_is_there_for_everybody_and_leads_on(world, person, client):
    client.sends(person).press("Click here")
    for words in (
        "Kepro Users",
        "Customer/Provider Users",
        "Multi-factor Authentication Help",
        "Incomplete Registration",
        "On startup",
    ):
        assert words in person.page.text
    assert person.press("BACK").heading == "LOGIN OPTIONS"
    person.open(f"{world.issuer}/help?client_id={client.id}")
    assert person.page.links["BACK"] == "http://localhost:1/login"
    person.press("Click here")
    assert person.left_for.startswith("http://localhost:1/login?iss=")
    assert client.sends(person).heading == "LOGIN"


def test_terms_stay_readable(world, person, client):
    person.open(f"{world.issuer}/terms")
    assert "KEPRO PORTAL TERMS OF USE" in person.page.text and "Denver" in person.page.text
