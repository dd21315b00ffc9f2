"""Daisy manages her people in the portal; the provider wants her phone for it, and the same click
goes through."""

import re

from idp.operations import members
from idp.store import organizations
from tests.journeys.test_phone_hold import register_phone, start
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, enrol, to_method, verify_phone
from tests.support.stories import sign_in, to_phone_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD


def come_in(world, portal, email=DAISY, password=DAISY_PASSWORD) -> Person:
    person = Person(world.issuer, also=(portal,)).open(portal)
    return sign_in(world, person, email, password)


def to_person(person, username="oreyes2021") -> Person:
    """From anywhere in the portal to someone's page."""
    person.open("/setup?tab=users&search=" + username)
    return person.open(re.search(r'class="pencil" href="([^"]+)"', person.page.html)[1])


def by_text(world, person) -> Person:
    """The provider's page asks for the phone, and nothing else."""
    assert "XXX-XXX-0142" in person.page.text and "Password" not in person.page.labels
    person.press("Send Code")
    return person.fill("Verification Code", world.newest_code()).press("Verify Code")


def messages(world, person, portal) -> str:
    world.tidy()  # the worker ties the events into the trail
    return person.open(f"{portal}/messages").page.text


def test_daisy_resets_omar_with_one_click(world, portal):
    omar = come_in(world, portal, OMAR, OMAR_PASSWORD)
    assert omar.heading == "HOME"
    daisy = come_in(world, portal)
    to_person(daisy).follow("RESET REGISTRATION")
    assert "The sign-in address will stop working." in daisy.page.text, "he has no phone"
    daisy.press("RESET REGISTRATION")
    assert (
        "You are signed in. Before you can reset a registration, Atrezzo portal asks you "
        "to confirm that it is you." in daisy.page.text
    ), "nobody wonders why"
    by_text(world, daisy)
    assert (
        daisy.heading == "Omar Reyes"
        and "The registration was reset." in daisy.page.text
        and "reset, not registered again yet" in daisy.page.text
    )
    again = to_person(daisy).follow("RESET REGISTRATION").page.text
    assert "Links that were emailed before will stop working." in again
    assert "signed out everywhere" not in again, "he is, already"
    assert "You reset the registration of Omar Reyes (oreyes2021)." in messages(
        world, daisy, portal
    )
    assert omar.open(portal).heading == "LOGIN OPTIONS", (
        "the portal was told, and his session there is over"
    )
    person = (
        Person(world.issuer, also=(portal,))
        .open(world.mails_to(OMAR)[-1].links[0])
        .press("Continue")
    )
    person.fill("PASSWORD *", OMAR_PASSWORD).press("NEXT")
    enrol(world, person, "EMAIL")
    assert person.heading == "HOME" and "Omar Reyes" in person.page.text
    said = messages(world, person, portal)
    unread = person.page.text.count("NEW")
    assert unread and person.open(person.url).page.text.count("NEW") == unread, (
        "looking at the list reads nothing"
    )
    news = next(to for text, to in person.page.links.items() if "reset your registration" in text)
    assert "reset your registration" in person.open(news).page.text
    assert person.open(f"{portal}/messages").page.text.count("NEW") == unread - 1, (
        "opening one reads that one"
    )
    assert "Daisy Dunn (ddunn2020) reset your registration." in said and "You registered." in said
    assert "Omar Reyes (oreyes2021) registered." in messages(world, daisy, portal)


def test_a_phone_that_is_new_is_said_to_be_the_reason(world, portal, client):
    person = start(world, client)
    person.press("I no longer have this phone")
    register_phone(world, person)
    client.tokens(person)
    daisy = Person(world.issuer, also=(portal,)).open(portal)
    to_phone_page(daisy, DAISY, NEW_PASSWORD).press("Send Code")
    daisy.fill("Verification Code", world.newest_code()).press("Verify Code")
    to_person(daisy).press("SIGN OUT EVERYWHERE")
    if daisy.url.startswith(world.issuer):
        world.time.passes(minutes=1)
        daisy.press("Send Code")
        daisy.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert (
        daisy.heading == "A stronger sign-in is needed" and "Your phone is new" in daisy.page.text
    )
    assert "You signed in without a phone" not in daisy.page.text


def test_after_the_link_has_expired_by_journey_4(world, portal, client):
    daisy = come_in(world, portal)
    to_person(daisy).follow("RESET REGISTRATION")
    by_text(world, daisy.press("RESET REGISTRATION"))
    link = world.mails_to(OMAR)[-1].links[0]
    world.time.passes(minutes=21)
    person = Person(world.issuer).open(link)
    assert "expired" in person.page.text
    # the portal's own clock stands where it stood: another client takes him in
    client.sends(person)
    enrol(world, to_method(person, "oreyes2021", OMAR_PASSWORD), "EMAIL")
    assert client.tokens(person)


def test_the_password_is_lost_too(world, portal):
    daisy = come_in(world, portal)
    to_person(daisy).follow("RESET REGISTRATION").tick(
        "The password is lost too. Do not ask for it when the link in the email is used"
    )
    by_text(world, daisy.press("RESET REGISTRATION"))
    person = (
        Person(world.issuer, also=(portal,))
        .open(world.mails_to(OMAR)[-1].links[0])
        .press("Continue")
    )
    enrol(world, person, "EMAIL")
    assert person.heading == "HOME"
    again = Person(world.issuer, also=(portal,)).open(portal)
    assert sign_in(world, again, OMAR, NEW_PASSWORD).heading == "HOME"


def test_a_second_act_within_the_quarter_of_an_hour_asks_for_nothing(world, portal):
    daisy = come_in(world, portal)
    by_text(world, to_person(daisy).press("SIGN OUT EVERYWHERE"))
    assert "Omar Reyes was signed out everywhere." in daisy.page.text
    to_person(daisy, "pnair2019").fill("EMAIL *", "priya@new.example").press("SAVE")
    assert (
        daisy.heading == "Priya Nair"
        and "The contact email is now priya@new.example." in daisy.page.text
    )


def test_what_the_provider_refuses_is_said_at_its_field(world, portal):
    daisy = come_in(world, portal)
    by_text(world, to_person(daisy).press("SIGN OUT EVERYWHERE"))
    to_person(daisy, "pnair2019").fill("EMAIL *", OMAR).press("SAVE")
    assert daisy.status == 422 and "already on file" in daisy.page.errors[0]
    assert "Error:" in daisy.page.html and daisy.page.fields["contact_email"] == OMAR
    daisy.fill("EMAIL *", "").press("SAVE")
    assert daisy.page.fields["contact_email"] == "" and "Enter an email address" in daisy.page.text
    daisy.open(f"{portal}/setup/new")
    for label, value in (
        ("LAST NAME *", "Vy"),
        ("USER NAME *", "iv$y"),
        ("EMAIL *", "iv@y.example"),
    ):
        daisy.fill(label, value)
    daisy.press("SEND INVITATION")
    assert daisy.status == 422 and "letters and digits" in daisy.page.errors[0]


def test_whoever_leaves_the_step_up_has_changed_nothing(world, portal):
    daisy = come_in(world, portal)
    to_person(daisy).press("SIGN OUT EVERYWHERE")
    assert "XXX-XXX-0142" in daisy.page.text
    while daisy.url.startswith(world.issuer):
        daisy.press("Cancel")
    assert daisy.heading == "Omar Reyes" and "Nothing was changed" in daisy.page.text


def omar_manages(world, portal) -> Person:
    """Omar, made an administrator, in the portal; he has no phone."""
    with world.inside():
        members.set_role(
            world.time.now,
            "test",
            world.account("oreyes2021"),
            organizations.by_identifier("1234567893"),
            "administrator",
        )
    return come_in(world, portal, OMAR, OMAR_PASSWORD)


def test_who_has_no_phone_sets_one_up_and_the_act_goes_through(world, portal):
    omar = omar_manages(world, portal)
    to_person(omar, "pnair2019").fill("EMAIL *", "priya@new.example").press("SAVE")
    assert omar.heading == "Set up a phone" and "Before you can correct" in omar.page.text
    verify_phone(world, omar.press("Set up a phone"))
    assert omar.heading == "Priya Nair"
    assert "The contact email is now priya@new.example." in omar.page.text
    assert "You set up a phone. If it was not you" in messages(world, omar, portal)
    daisy = come_in(world, portal)
    assert "Omar Reyes (oreyes2021) set up a phone." in messages(world, daisy, portal)


def test_who_has_no_phone_and_wants_none_is_told_what_to_do_and_is_sent_nowhere(world, portal):
    omar = omar_manages(world, portal)
    before = len(omar.trail)
    to_person(omar, "pnair2019").fill("EMAIL *", "priya@new.example").press("SAVE")
    omar.press("Not now")
    assert (omar.status, omar.heading) == (
        403,
        "A stronger sign-in is needed",
    ) and "No phone on record" in omar.page.text
    assert sum("/authorize" in url for _, url in omar.trail[before:]) == 1, "once, and not again"
    assert omar.follow("BACK").page.fields["contact_email"] == "priya@new.example", (
        "what was typed is still there"
    )
    with world.inside():
        assert world.account("pnair2019").contact_email == "priya.nair@lakeside.example"


def test_somebody_else_who_signs_in_there_finishes_nothing(world, portal):
    daisy = come_in(world, portal)
    to_person(daisy, "pnair2019").fill("EMAIL *", "priya@new.example").press("SAVE")
    asked = next(url for _, url in reversed(daisy.trail) if "/authorize" in url)
    for name in [name for name in daisy.cookies if name.startswith("idp_")]:
        daisy.http.cookies.set(name, None)
    sign_in(world, daisy.open(asked), OMAR, OMAR_PASSWORD).press("Not now")
    assert (daisy.status, daisy.heading) == (403, "A different person signed in")
    assert "Omar Reyes" in daisy.follow("HOME").page.text
    with world.inside():
        assert world.account("pnair2019").contact_email == "priya.nair@lakeside.example"
