"""What someone meets who typed something wrong, comes back late, or holds an old link."""

import pytest

from idp.cli.explain_sentences import beside, did, outcome, who
from idp.operations import OperatorError, invitations, resets
from idp.operations.explain import explain
from idp.settings import SignIn
from idp.store import accounts, audit, directory
from tests.support.company import upstream
from tests.support.person import Person
from tests.support.registering import enrol, give_code, register, to_method
from tests.support.stories import keyed_number, reference, sign_in, to_code_page, to_phone_page
from tests.support.world import DAISY, OMAR, OMAR_PASSWORD

TYPED = {"EMAIL *": "mira.vail@lakeside.example", "CONFIRM EMAIL *": "mira.vail@lakeside.example"}


def test_a_mistyped_address_is_corrected_and_nothing_else_is_typed_again(world, client, person):
    code = give_code(world)
    register(world, client.sends(person), code, **TYPED)
    old = world.newest_link()
    person.press("Enter it again")
    assert person.heading == "Create a New Account - Enter User Information"
    assert person.page.fields["username"] == "mvale2026" and person.page.fields["fax"]
    assert person.page.fields["email"] == TYPED["EMAIL *"]
    right = "mira.vale@lakeside.example"
    person.fill("EMAIL *", right).fill("CONFIRM EMAIL *", right).press("NEXT")
    assert person.heading == "CHECK YOUR EMAIL" and right in person.page.text
    assert Person(world.issuer).open(old).heading != "Your registration", "the first one is over"
    person.open(world.newest_link()).press("Continue")
    enrol(world, person)
    assert client.tokens(person)
    with world.inside():
        assert accounts.by_username("mvale2026").sign_in_address == right
        assert not accounts.with_address(TYPED["EMAIL *"])
        assert [one.username for one in accounts.listed() if one.family_name == "Vale"] == [
            "mvale2026"
        ], "who was corrected is one person"
        assert [one.account_id for one in directory.page("", "", 100, "vale")] == [
            accounts.by_username("mvale2026").id
        ]


def test_so_is_one_that_somebody_else_has_and_nothing_is_told(world, client, person):
    code = give_code(world)
    register(world, client.sends(person), code, **{"EMAIL *": OMAR, "CONFIRM EMAIL *": OMAR})
    right = "mira.vale@lakeside.example"
    person.press("Enter it again").fill("EMAIL *", right).fill("CONFIRM EMAIL *", right)
    person.press("NEXT").open(world.newest_link()).press("Continue")
    enrol(world, person)
    assert client.tokens(person)


def test_a_correction_costs_no_use_of_the_code_a_few_times(world, client, person):
    register(world, client.sends(person), give_code(world, uses=1), **TYPED)
    for number in range(5):
        person.press("Enter it again")
        assert person.heading == "Create a New Account - Enter User Information"
        address = f"mira{number}@lakeside.example"
        person.fill("EMAIL *", address).fill("CONFIRM EMAIL *", address).press("NEXT")
        assert address in person.page.text
    person.press("Enter it again")
    assert person.heading == "Create a New Account - Specify Your Organization"
    assert "has been used up or has expired" in person.page.text
    with world.inside():
        said = [row.action for row in audit.listed()]
    assert said.count("registration_entered_again") == 6 and "member_removed" not in said


def test_who_has_registered_by_the_link_elsewhere_is_told_so(world, client, person):
    register(world, client.sends(person), give_code(world))
    world.time.passes(minutes=1)
    assert "We sent it again." in person.press("Send again").page.text
    elsewhere = Person(world.issuer).open(world.newest_link()).press("Continue")
    client.sends(elsewhere)
    waiting = dict(person.page.forms[0].fields)
    enrol(world, elsewhere)
    person.send(person.url, {**waiting, "journey": "register"})  # from the page as it was
    with world.inside():
        assert accounts.by_username("mvale2026").sign_in_address, "what is done stays done"
    person.open(person.url)
    assert person.heading == "YOU ARE REGISTERED" and "Send again" not in person.buttons


def test_too_many_codes_of_a_registration_name_the_time_to_wait(world, client, person):
    to_method(client.sends(person)).press("EMAIL").press("Send verification code")
    for _ in range(2):
        code = int(world.newest_code())
        for number in range(5):
            person.fill("Verification Code", f"{(code + 1 + number) % 1000000:06d}")
            person.press("Verify code")
        world.time.passes(seconds=31)
        if "Send new code" in person.buttons:
            person.press("Send new code")
    person.open(person.url)
    assert person.heading == "!REGISTRATION ERROR"
    assert "Then choose RESET and enter your username" in person.page.text
    assert "Wait 59 minutes." in person.page.text or "Wait 60 minutes." in person.page.text


def test_old_links_say_what_has_become_of_them(world, client):
    with world.inside():
        invitations.invite(
            world.time.now,
            "test",
            world.desk[0],
            "lortiz2024",
            "lena@lakeside.example",
            "Lena",
            "Ortiz",
            organization="1234567893",
        )
    link = world.newest_link()
    with world.inside():
        resets.correct_email(
            world.time.now, "test", world.desk[1], "lortiz2024", "lena.ortiz@lakeside.example"
        )
    assert Person(world.issuer).open(link).heading == "This link no longer works"
    with world.inside():
        invitations.resend(world.time.now, "test", world.desk[0], "lortiz2024")
    second = world.newest_link()
    with world.inside():
        invitations.resend(world.time.now, "test", world.desk[0], "lortiz2024")
    assert Person(world.issuer).open(second).heading == "There is a newer link"
    person = Person(world.issuer).open(world.newest_link()).press("Continue")
    client.sends(person)
    enrol(world, person)
    world.time.passes(minutes=1)
    assert Person(world.issuer).open(second).heading == "You are registered"


def test_an_employees_address_is_neither_invited_nor_put_on_file(world):
    acme = (upstream("https://acme.example"),)
    employee = f"pat@{acme[0].domains[0]}"
    person = ("plee2026", employee, "Pat", "Lee")
    with world.inside():
        with pytest.raises(OperatorError, match="employees sign in with LOGIN") as refused:
            invitations.invite(world.time.now, "test", world.desk[0], *person, upstreams=acme)
        assert refused.value.field == "email"
        with pytest.raises(OperatorError, match="employees sign in with LOGIN") as refused:
            resets.correct_email(
                world.time.now, "test", world.desk[1], "oreyes2021", employee, upstreams=acme
            )
        assert refused.value.field == "contact_email"
        assert accounts.by_username("plee2026") is None


def test_each_remembered_button_names_its_person_and_is_forgotten_alone(world, client, person):
    client.sends(person).tick("Remember Me")
    to_phone_page(person).press("Send Code")
    person.fill("Verification Code", world.newest_code()).press("Verify Code")
    client.tokens(person)
    world.time.passes(minutes=20)
    client.sends(person).tick("Remember Me")
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    client.tokens(person)
    world.time.passes(minutes=20)
    client.sends(person)
    assert "LOGIN WITH PHONE remembers you as d*****@lakeside.example." in person.page.text
    assert "LOGIN WITH EMAIL remembers you as o*****@lakeside.example." in person.page.text
    person.press("Not you? Forget this account")  # the first: of the phone
    assert "LOGIN WITH PHONE remembers" not in person.page.text
    assert "LOGIN WITH EMAIL remembers you as o*****" in person.page.text
    person.press("LOGIN WITH PHONE")
    assert person.heading == "Sign in with your email address"


def explained(world, shown: str) -> str:
    with world.inside():
        story = explain(shown)
        lines = [who(story)]
        for step in story.steps:
            lines += [did(step, story), outcome(step, story), *beside(step, story)]
    return " ".join(lines)


def test_explain_tells_a_call_to_its_end(world, client, person):
    to_phone_page(client.sends(person)).press("Call Me")
    shown = reference(person)
    world.ring()
    number = keyed_number(person)
    world.time.passes(seconds=5)
    world.press("999#")
    world.time.passes(seconds=5)
    world.press(f"{number}#")
    person.open(person.url)  # as the page does by itself
    client.tokens(person)
    said = explained(world, shown)
    wrong, right = "the wrong number was entered.", "the number on the page was entered."
    assert f"During the call, {wrong} During the call, {right}" in said, "in the order of time"
    assert said.rstrip().endswith(
        "ddunn2020 is signed in with the password and the number shown on the page, entered "
        "during a call."
    )


def test_explain_names_who_was_remembered_and_why_no_call_was_placed(world, client, person):
    client.sends(person).tick("Remember Me")
    sign_in(world, person, DAISY)
    client.tokens(person)
    world.time.passes(minutes=20)
    client.sends(person)
    shown = reference(person)
    person.press("LOGIN WITH EMAIL")
    client.tokens(person)
    assert explained(world, shown).startswith("ddunn2020")
    other = Person(world.issuer)
    to_phone_page(client.sends(other)).press("Call Me")
    world.ring()
    world.press("*")
    world.time.passes(minutes=1)
    to_phone_page(client.sends(other)).press("Call Me") if "Call Me" in other.buttons else None
    again = Person(world.issuer)
    to_phone_page(client.sends(again))
    shown = reference(again)
    again.press("Send Code")
    assert "no account has that address" not in explained(world, shown)


@pytest.mark.settings(sign_in=SignIn(options=("email",)))
def test_help_speaks_of_what_there_is(world, client, person):
    client.sends(person)
    text = Person(world.issuer).open(f"{world.issuer}/help").page.text
    assert "A new email address?" in text and "A new phone" not in text
    assert to_code_page(person, OMAR, OMAR_PASSWORD).heading == "Verification is necessary"
