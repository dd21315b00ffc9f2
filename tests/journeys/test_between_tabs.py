"""What happens between a check and what follows from it: other tabs, other browsers, an operator;
and ways back to where one was."""

import pytest
import requests

from idp.operations import accounts as operations
from idp.operations import invitations, resets
from idp.store import account_credentials, accounts, codes, enrolments, links
from idp.store.accounts import fold
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import (
    NEW_PASSWORD,
    PRIYA,
    accept,
    give_code,
    make_password,
    register,
    to_method,
    verify_address,
)
from tests.support.stories import keyed_number, sign_in
from tests.support.world import DAISY, OMAR, OMAR_PASSWORD, STRANGER, demo_brand


def invited(world, client, username="lortiz2024") -> str:
    with world.inside():
        mailed = world.app.extensions["stagedoor"].mailed_link
        invitations.invite(
            world.time.now,
            "test",
            mailed,
            username,
            f"{username}@harbor.example",
            "Lena",
            "Ortiz",
            client_id=client.id,
        )
    return world.newest_link()


def recovering(world, client, email, person: Person | None = None) -> Person:
    person = client.sends(person or Person(world.issuer), prompt="login")
    person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        "Email Address", email
    ).press("Send verification code")
    return (
        person.fill("Verification Code", world.newest_code()).press("Verify code").press("Continue")
    )


def test_a_locked_phone_is_no_way_around_the_phone(world, client):
    """Someone who reads Daisy's mail, and has not her phone."""
    person = recovering(world, client, DAISY)
    for _ in range(2):
        person.press("Send Code")
        wrong = f"{(int(world.newest_code()) + 1) % 1_000_000:06d}"
        for _ in range(5):
            person.fill("Verification Code", wrong).press("Verify Code")
        world.time.passes(seconds=31)
    assert person.heading == "!LOGIN ERROR"
    person._go(
        "post",
        person.url.rpartition("/")[0] + "/new-password",
        data={"csrf": person.page.fields["csrf"], "action": "create"},
    )
    assert person.heading == "!LOGIN ERROR"


def test_a_phone_that_is_not_called_any_more_is_asked_for_all_the_same(world, client):
    with world.inside():
        daisy = world.account("ddunn2020")
        account_credentials.change_credentials(
            daisy,
            daisy.credentials_changed_at,
            "x",
            daisy.password_hash,
            daisy.sign_in_address,
            "+442079460018",
        )
    person = recovering(world, client, DAISY)
    assert (
        person.heading == "Verification is necessary"
        and "Send Code" not in person.buttons
        and "to reset your registration" in person.page.text
    )


def test_only_what_is_being_registered_is_verified(either_world):
    world = either_world
    with world.inside():
        noah = world.account("nquist2018")
        made = enrolments.add(
            noah.id,
            "here",
            "phone",
            world.time.now,
            address="Mine@attacker.example",
            phone="+13035550188",
        )
        enrolments.change(made, address="ceo@atrezzo.example", phone="+13035550142")
        assert not enrolments.verify_address(made, fold("mine@attacker.example"), world.time.now)
        assert not enrolments.verify_factor(made, "+13035550188", world.time.now)
        enrolments.change(made, phone=None)
        assert not enrolments.verify_factor(made, "+13035550142", world.time.now)
        assert enrolments.verify_address(made, "ceo@atrezzo.example", world.time.now)


def test_a_call_to_the_number_before_confirms_nothing(world, client):
    person = client.sends(Person(world.issuer))
    make_password(verify_address(world, to_method(person).press("PHONE")))
    person.fill("Phone Number", "303 555 0188").press("Call Me")
    number, call = keyed_number(person), world.ring()
    person.press("Change").fill("Phone Number", "303 555 0142").press("Send Code")
    requests.post(f"{world.issuer}/inbox/calls/{call}", data={"digits": f"{number}#"}, timeout=30)
    assert person.open(person.url).heading != "Terms of Use Agreement"


def test_a_recovery_sets_the_password_and_nothing_else(world):
    """A reset was finished between reading the account and writing it."""
    with world.inside():
        before = world.account("ddunn2020")
        account_credentials.change_credentials(
            before, world.time.now + 1, "reset", "new", before.sign_in_address, None
        )
        assert not account_credentials.change_password(
            before, world.time.now + 2, "recovery", "stolen"
        )
        after = world.account("ddunn2020")
        assert (after.phone, after.password_hash) == (None, "new")


def test_recovery_tells_nothing_while_the_mail_is_under_way(world, client):
    """No worker is at work here: a real mail waits, no one's does too, and both look the same."""
    seen = []
    for email in (OMAR, "nobody@nowhere.example"):
        person = client.sends(Person(world.issuer))
        person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
            "Email Address", email
        ).press("Send verification code")
        seen.append([])
        for _ in range(6):
            if "Verification Code" in person.page.labels:
                person.fill("Verification Code", "000000").press("Verify code")
            status = person.http.get(person.url.rpartition("/")[0] + "/status").json()
            seen[-1].append((person.status, person.heading, person.page.errors, status))
    assert seen[0] == seen[1] and seen[0][-1][1] == "That code no longer works"


def test_strangers_names_do_not_add_up(world, client):
    with world.inside():
        for n in range(3000):
            links.add(
                f"link{n}", "", links.RESET, f"name:{n}", None, None, world.time.now, 60, "nobody's"
            )
        assert len(links.made_since("name:7", 0)) == 1
        for n in range(300):
            links.add(
                f"more{n}", "", links.RESET, "name:7", None, None, world.time.now, 60, "nobody's"
            )
        assert len(links.made_since("name:7", 0)) == links.MOST_COUNTED


def test_a_hundred_wrong_recovery_codes_end_recovery_but_in_the_owners_own_browser(world, client):
    from idp.store import tries

    own = sign_in(world, client.sends(Person(world.issuer)), OMAR, OMAR_PASSWORD)
    with world.inside():
        omar = world.account("oreyes2021")
        for hour in range(100):
            tries.add(omar.id, "recovery_code", world.time.now - 3600 * (hour + 2), STRANGER)
    stranger = (
        client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL").press("Forgot your password?")
    )
    assert "stopped" in stranger.fill("Email Address", OMAR).press("Send verification code").url
    world.time.passes(minutes=1)
    assert recovering(world, client, OMAR, own).heading == "Create a new password"


@pytest.mark.parametrize(
    "address",
    [
        "<daisy@b.de",
        "=?utf-8?q?x?=@b.de",
        "a,ceo@y.example",
        "a:b;@c.de",
        "a@c,d.de",
        f"a@{'ΐ' * 120}.example",
        ".a@b.de",
        "a@-b.de",
    ],
)
def test_what_a_mail_header_reads_differently_is_no_address(world, client, address):
    person = client.sends(Person(world.issuer))
    person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        "Email Address", address
    ).press("Send verification code")
    assert person.status == 422 and person.page.fields["email"] == address


def test_a_withdrawn_invitation_stops_what_it_began(world, client):
    link = invited(world, client)
    person = Person(world.issuer).open(link).press("Continue")
    client.sends(person).press("EMAIL")
    make_password(verify_address(world, person))
    with world.inside():
        invitations.revoke(world.time.now, "test", "lortiz2024")
    assert (
        person.open(person.url).heading == "!REGISTRATION ERROR"
        and "no longer works" in person.page.text
    )
    person.press("LOGIN").press("Click here").press("Click here", journey="complete")
    person.fill("Email Address", "lortiz2024@harbor.example").fill("Password", NEW_PASSWORD).press(
        "Send the link"
    )
    assert not [
        mail
        for mail in world.mails_to("lortiz2024@harbor.example")
        if mail.subject.endswith("Finish Your Registration")
    ]


def test_one_persons_link_is_no_link_for_another(world, client):
    person = Person(world.issuer)
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person).fill("USERNAME *", "oreyes2021").press("SUBMIT")
    person.open(world.newest_link()).press("Continue").press("BACK")
    to_method(person, "ddunn2020", "correct-horse-lakeside")
    assert person.heading == "LOGIN OPTIONS"


def test_back_from_a_link_and_the_mail_opened_again(world, client):
    link = invited(world, client)
    person = Person(world.issuer).open(link).press("Continue")
    client.sends(person)
    assert person.press("BACK").heading == "LOGIN OPTIONS"
    person.open(link).press("Continue")
    assert person.heading == "LOGIN METHOD"


def test_slowly_but_all_the_way(world, client):
    link = invited(world, client)
    person = Person(world.issuer).open(link).press("Continue")
    client.sends(person)
    for _ in range(4):
        world.time.passes(minutes=50)
        person.press("BACK") if person.heading == "!REGISTRATION ERROR" else person.open(person.url)
        if person.heading == "LOGIN METHOD":
            person.press("EMAIL")
        else:
            person.press(
                "Send verification code"
            ) if "Send verification code" in person.buttons else person.press("Send new code")
    person.fill("Verification Code", world.newest_code()).press("Verify code")
    accept(make_password(person))
    assert client.tokens(person)


def test_who_has_no_address_on_file_finishes_too(world, client):
    person = client.sends(Person(world.issuer))
    to_method(person, "nquist2018", "old-harbor-password").press("PHONE")
    person.fill("Email Address", "noah.quist@harbor.example").press("Send verification code")
    make_password(person.fill("Verification Code", world.newest_code()).press("Verify code"))
    later = client.sends(Person(world.issuer))
    later.press("Click here").press("Click here", journey="complete")
    later.fill("Email Address", "noah.quist@harbor.example").fill("Password", NEW_PASSWORD).press(
        "Send the link"
    )
    assert later.open(world.newest_link()).press("Continue").heading == "Your phone"


def test_a_silent_check_leaves_the_link_to_the_sign_in(world, client):
    link = invited(world, client)
    person = Person(world.issuer).open(link).press("Continue")
    client.sends(person, prompt="none")
    assert client.answer(person)["error"] == "login_required"
    other = Client(world.issuer, world.add_client("Other"))
    assert other.sends(person).heading == "LOGIN OPTIONS"
    assert client.sends(person).heading == "LOGIN METHOD"


@pytest.mark.settings(brand="kepro", look=demo_brand("kepro"))
def test_a_link_to_what_is_complete_but_for_terms_that_were_recorded_elsewhere(world, client):
    person = client.sends(Person(world.issuer))
    make_password(verify_address(world, to_method(person).press("EMAIL")))
    assert person.heading == "Terms of Use Agreement"
    with world.inside():
        operations.accept_terms(world.time.now, "test", "pnair2019", world.settings.look)
    other = client.sends(Person(world.issuer))
    other.press("Click here").press("Click here", journey="complete")
    other.fill("Email Address", PRIYA).fill("Password", NEW_PASSWORD).press("Send the link")
    device = Person(world.issuer).open(world.newest_link()).press("Continue")
    client.sends(device)
    assert client.tokens(device), "nothing was missing any more"


def test_a_silent_check_of_who_was_overtaken_shows_no_page(world, client):
    link = invited(world, client)
    person = Person(world.issuer).open(link).press("Continue")
    Person(world.issuer).open(link).press("Continue")
    client.sends(person, prompt="none")
    assert client.answer(person)["error"] == "login_required"
    other = Client(world.issuer, world.add_client("Other"))
    assert other.sends(person).heading == "LOGIN OPTIONS", "nor does another client's sign-in"
    client.sends(person)
    assert "open in another browser too" in person.page.text


def test_a_first_text_that_cannot_leave_is_said(world, client):
    person = client.sends(Person(world.issuer))
    make_password(verify_address(world, to_method(person).press("PHONE")))
    with world.inside():
        for n in range(6):  # an hour's worth of texts to this number
            codes.add(
                f"code{n}",
                person.url.split("/")[-2],
                "somebody",
                "number_code",
                "+13035550188",
                "",
                world.time.now - 60 * n,
                [],
            )
    person.fill("Phone Number", "303 555 0188").press("Send Code")
    assert (
        person.status == 422
        and "You can send a new code in" in person.page.text
        and "+1 303-555-0188" in person.page.text
    )


def test_signing_out_without_a_session_asks_and_forgets_the_browser(world, client):
    person = client.sends(Person(world.issuer)).tick("Remember Me")
    sign_in(world, person)
    client.tokens(person)
    world.time.passes(minutes=20)
    person.open(f"{world.issuer}/logout")
    assert person.heading == "Do you want to sign out?"
    person.press("Sign out")
    assert person.heading == "You are signed out"
    assert (
        client.sends(person).press("LOGIN WITH EMAIL").heading == "Sign in with your email address"
    )


def test_somebody_elses_hint_ends_nobodys_remembered_browser(world, client):
    thief = client.sends(Person(world.issuer))
    sign_in(world, thief, OMAR, OMAR_PASSWORD)
    hint = client.tokens(thief)["id_token"]
    person = client.sends(Person(world.issuer)).tick("Remember Me")
    sign_in(world, person)
    client.tokens(person)
    world.time.passes(minutes=20)
    person.open(f"{world.issuer}/logout?id_token_hint={hint}")
    assert person.heading == "Do you want to sign out?"


def test_an_older_cookie_of_the_same_button_is_over(world, client):
    person = client.sends(Person(world.issuer)).tick("Remember Me")
    sign_in(world, person)
    old = {name: value for name, value in person.cookies.items() if "remembered" in name}
    client.sends(person, prompt="login").tick("Remember Me")
    sign_in(world, person)
    thief = Person(world.issuer)
    thief.http.cookies.update(old)
    assert (
        client.sends(thief).press("LOGIN WITH EMAIL").heading == "Sign in with your email address"
    )


def test_no_other_site_begins_a_journey_here(world, client):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = requests.post(
            f"{world.issuer}/begin/reset", headers=headers, allow_redirects=False, timeout=30
        )
        assert answer.status_code == 404 and not answer.cookies
    assert (
        requests.post(
            f"{world.issuer}/begin/sign-in", allow_redirects=False, timeout=30
        ).status_code
        == 404
    )


def test_what_was_never_finished_frees_its_name(world, client):
    register(world, client.sends(Person(world.issuer)), give_code(world))
    invited(world, client)
    with world.inside():
        resets.reset(world.time.now, "test", *world.desk, "oreyes2021", password_lost=True)
    world.time.passes(hours=24 * 31)
    world.tidy()
    with world.inside():
        assert accounts.by_username("mvale2026") is None and not accounts.taken(
            "mira.vale@lakeside.example"
        )
        assert accounts.by_username("lortiz2024") and accounts.by_username("pnair2019")
        assert accounts.by_username("oreyes2021").contact_email == OMAR, (
            "whoever was registered once is not forgotten by a reset"
        )
    person = client.sends(Person(world.issuer))
    register(world, person, give_code(world))
    assert person.heading == "CHECK YOUR EMAIL"


def test_two_people_of_one_mailbox_and_the_first_who_registers_has_it(world, client):
    with world.inside():
        accounts.set_contact_email(world.account("nquist2018").id, world.time.now, PRIYA)
    first = client.sends(Person(world.issuer))
    to_method(first).press("EMAIL")
    accept(make_password(verify_address(world, first)))
    assert client.tokens(first)
    second = client.sends(Person(world.issuer))
    to_method(second, "nquist2018", "old-harbor-password").press("EMAIL").press(
        "Send verification code"
    )
    assert world.mails_to(PRIYA)[-1].subject == "You already have an account for the Atrezzo portal"
