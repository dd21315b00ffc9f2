"""New provider registration (product 5): an organization's code lets its people make accounts."""

import pytest

from idp.store import accounts, organizations, profiles
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import PROFILE, enrol, give_code, register
from tests.support.world import DAISY

MIRA = "mira.vale@lakeside.example"


def test_mira_registers_and_arrives_signed_in(either_world):
    world = either_world
    client, person = Client(world.issuer, world.add_client()), Person(world.issuer)
    code = give_code(world)
    client.sends(person)
    person.press("register here")
    assert (
        person.heading == "Create a New Account - Specify Your Organization"
        and "Atrezzo help desk" in person.page.text
    )
    person.fill("NPI *", "1234 5678 93").fill("PROVIDER REGISTRATION CODE *", f" {code} ").press(
        "NEXT"
    )
    assert person.heading == "Create a New Account - Enter User Information"
    for words in (
        "Organizational Information",
        "Lakeside Clinic",
        "Please enter the required (*) fields",
        "Account Information",
        "Contact Information",
        "Select State",
    ):
        assert words in person.page.text
    person.fill("STATE", "CO").fill("ZIP CODE", "80202").fill("PHONE", "303.555.0150")
    for label, value in PROFILE.items():
        person.fill(label, value)
    person.press("NEXT")
    assert person.heading == "CHECK YOUR EMAIL" and "within 20 minutes" in person.page.text
    link = world.newest_link()
    mail = world.mails_to(MIRA)[-1]
    assert (
        mail.subject == "Atrezzo - Account Registration"
        and "Atrezzo Registration" in mail.text
        and "mvale2026" in mail.text
    )
    person.open(link)
    assert (
        person.heading == "Your registration"
        and "/link/open/" in person.url
        and link.rpartition("/")[2] not in person.page.html
    )
    person.press("Continue")
    assert person.heading == "LOGIN METHOD"
    enrol(world, person, "PHONE")
    told = client.userinfo(client.tokens(person)["access_token"]).json()
    assert (told["preferred_username"], told["email"]) == ("mvale2026", MIRA)
    assert [(one["name"], one["roles"]) for one in told["organizations"]] == [
        ("Lakeside Clinic", ["user"])
    ]
    with world.inside():
        mira = accounts.by_username("mvale2026")
        kept = profiles.of(mira.id)
        assert (kept["fax"], kept["phone"], kept["state"]) == ("+13035550143", "+13035550150", "CO")


def test_prompt_create_opens_it_and_cancel_leads_to_the_options(world, person, client):
    client.sends(person, prompt="create")
    assert person.heading == "Create a New Account - Specify Your Organization"
    assert person.press("LOGIN").heading == "LOGIN OPTIONS"
    assert person.press("Cancel").left_for and client.answer(person)["error"] == "access_denied"


def test_the_first_who_registers_for_a_clinic_without_administrator_becomes_it(world, client):
    code = give_code(world, npi="1245319599")
    with world.inside():
        before = organizations.by_identifier("1245319599")
        assert before
    for number, role in ((1, "administrator"), (2, "user")):
        person = Person(world.issuer)
        client.sends(person)
        mine = {
            "USERNAME *": f"harbor{number}",
            "EMAIL *": f"h{number}@harbor.example",
            "CONFIRM EMAIL *": f"h{number}@harbor.example",
        }
        person.press("register here")
        person.fill("NPI *", "1245319599").fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
        for label, value in {**PROFILE, **mine}.items():
            person.fill(label, value)
        person.press("NEXT").open(world.newest_link()).press("Continue")
        enrol(world, person)
        told = client.userinfo(client.tokens(person)["access_token"]).json()
        assert told["organizations"][0]["roles"] == [role]


def test_an_administrator_is_made_only_when_the_registration_is_done(world, client):
    code = give_code(world, npi="1245319599")
    lazy = client.sends(Person(world.issuer))
    lazy.press("register here").fill("NPI *", "1245319599").fill(
        "PROVIDER REGISTRATION CODE *", code
    ).press("NEXT")
    for label, value in PROFILE.items():
        lazy.fill(label, value)
    lazy.press("NEXT")
    with world.inside():
        assert organizations.of_account(accounts.by_username("mvale2026").id)[0]["roles"] == [
            "user"
        ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"USERNAME *": "DDUNN2020"}, "That username is already taken"),
        ({"USERNAME *": "a b"}, "3 to 64 letters and digits"),
        ({"USERNAME *": ""}, "Enter your username."),
        ({"EMAIL *": "mira"}, "Enter an email address in the right format"),
        ({"CONFIRM EMAIL *": "other@lakeside.example"}, "The email addresses do not match"),
        ({"FAX *": "12"}, "Enter a 10-digit fax number"),
        ({"ZIP CODE": "8"}, "5 or 9 digits"),
        ({"STATE": "ZZ"}, "Choose a state"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_lost(world, person, client, changes, said):
    client.sends(person)
    register(world, person, give_code(world), **changes)
    assert person.status == 422 and any(said in error for error in person.page.errors)
    assert person.page.fields["family_name"] == "Vale"
    for label, value in PROFILE.items():
        person.fill(label, value)
    if "STATE" in changes:
        person.fill("STATE", "CO")
    if "ZIP CODE" in changes:
        person.fill("ZIP CODE", "80202-1234")
    assert person.press("NEXT").heading == "CHECK YOUR EMAIL"


def test_an_empty_form_says_everything_at_once(world, person, client):
    client.sends(person)
    register(world, person, give_code(world), **dict.fromkeys(PROFILE, ""))
    assert len(person.page.errors) == 5


def test_a_taken_address_is_answered_by_mail_alone(world, person, client):
    client.sends(person)
    register(world, person, give_code(world), **{"EMAIL *": DAISY, "CONFIRM EMAIL *": DAISY})
    assert person.heading == "CHECK YOUR EMAIL"
    assert [mail.subject for mail in world.mails_to(DAISY)] == [
        "You already have an account for the Atrezzo portal"
    ]
    again = client.sends(Person(world.issuer))
    register(world, again, give_code(world))
    assert again.status == 422 and "username is already taken" in again.page.errors[0], (
        "taken as if the address had been free"
    )


def test_codes_that_do_not_work_all_say_the_same(world, client):
    used, old, good = give_code(world, uses=1), give_code(world, life=3600), give_code(world)
    register(world, client.sends(Person(world.issuer)), used)
    world.time.passes(hours=2)
    said = set()
    for npi, code in (
        ("1234567893", used),
        ("1234567893", old),
        ("1234567893", "NO-SUCH-CODE"),
        ("1245319599", good),
        ("1679576722", good),
    ):
        person = client.sends(Person(world.issuer)).press("register here")
        person.fill("NPI *", npi).fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
        assert person.status == 422
        said.add(tuple(person.page.errors))
    assert len(said) == 1
    person.fill("NPI *", "1234567890").press("NEXT")
    assert "not a valid NPI" in person.page.errors[0]


def test_guessing_codes_waits_longer_and_longer(world, person, client):
    client.sends(person).press("register here")
    for _ in range(5):
        person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", "GUESS").press(
            "NEXT"
        )
    assert "do not match" in person.page.errors[0]
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", give_code(world)).press(
        "NEXT"
    )
    assert "Try again in 5 seconds" in person.page.notices[0]
    world.time.passes(seconds=6)
    person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", give_code(world)).press(
        "NEXT"
    )
    assert person.heading == "Create a New Account - Enter User Information"


def test_a_code_used_up_while_the_form_was_filled_in_leads_back_to_the_first_page(world, client):
    code = give_code(world, uses=1)
    slow, quick = client.sends(Person(world.issuer)), client.sends(Person(world.issuer))
    slow.press("register here").fill("NPI *", "1234567893").fill(
        "PROVIDER REGISTRATION CODE *", code
    ).press("NEXT")
    register(
        world,
        quick,
        code,
        **{
            "USERNAME *": "quick1",
            "EMAIL *": "q@lakeside.example",
            "CONFIRM EMAIL *": "q@lakeside.example",
        },
    )
    for label, value in PROFILE.items():
        slow.fill(label, value)
    slow.press("NEXT")
    assert (
        slow.heading == "Create a New Account - Specify Your Organization"
        and "has been used up" in slow.page.text
    )


def test_the_link_opened_on_the_phone_goes_on_by_the_portals_own_sign_in(world, person, client):
    client.sends(person)
    register(world, person, give_code(world))
    link = world.newest_link()
    mobile = Person(world.issuer)
    mobile.open(link).press("Continue")
    assert mobile.left_for.startswith("http://localhost:1/login?iss=")
    client.sends(mobile)
    assert mobile.heading == "LOGIN METHOD"
    enrol(world, mobile)
    assert client.tokens(mobile)
    assert person.open(link).heading == "You are registered"


def test_who_registers_again_before_the_first_mail_was_read_gets_the_link_once_more(world, client):
    code = give_code(world)
    register(world, client.sends(Person(world.issuer)), code)
    world.deliver()
    world.time.passes(minutes=40)
    again = client.sends(Person(world.issuer))
    register(world, again, code, **{"USERNAME *": "mvale2"})
    assert again.heading == "CHECK YOUR EMAIL"
    first, second = [mail for mail in world.mails_to(MIRA) if mail.links]
    assert "mvale2026" in second.text and second.links != first.links
    again.open(second.links[0]).press("Continue")
    assert again.heading == "LOGIN METHOD"


def test_an_old_page_in_another_tab_does_not_end_what_the_link_began(world, person, client):
    client.sends(person)
    register(world, person, give_code(world))
    url, form = person.url, dict(person.page.fields) | {"action": "cancel"}
    person.open(world.newest_link()).press("Continue").press("EMAIL")
    person._go("post", url, data=form)
    assert person.heading == "Verification is necessary"
