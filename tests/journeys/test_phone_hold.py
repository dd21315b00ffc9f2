"""A phone that replaces another one: whoever has the old one shows it; else the new one proves less
for a day, and the owner is told."""

import pytest

from idp.operations import OperatorError, resets
from idp.store import accounts, audit
from tests.support.person import Person
from tests.support.registering import NEW_PASSWORD, make_password, verify_address, verify_phone
from tests.support.stories import keyed_number, to_phone_page
from tests.support.world import (
    DAISY,
    DAISY_PASSWORD,
    DAISY_PHONE,
    MFA,
    OMAR,
    OMAR_PASSWORD,
    TWO_STEP,
)

NEW_PHONE = "+13035550188"


def current(person: Person, password: str) -> Person:
    label = next(
        label
        for form in person.page.forms
        for label in form.labels
        if "assword" in label or "ASSWORD" in label
    )
    button = [text for text in person.buttons if text not in ("Cancel", "BACK")][-1]
    return person.fill(label, password).press(button)


def register_phone(world, person, number="303 555 0188", password=NEW_PASSWORD) -> Person:
    person.press("PHONE")
    make_password(verify_address(world, person), password)
    return verify_phone(world, person, number)


def acr_of(client, person) -> str:
    return client.claims(client.tokens(person)["id_token"])["acr"]


def start(world, client, username="ddunn2020", password=DAISY_PASSWORD) -> Person:
    with world.inside():
        from idp.factors.mailed_link import AskedBy
        from idp.store import links

        account = accounts.by_username(username)
        world.desk[0].mail(
            account, username, links.RESET, AskedBy(client_id=client.id), world.time.now
        )
    person = Person(world.issuer).open(world.newest_link()).press("Continue")
    client.sends(person)
    return current(person, password)


def test_who_has_the_old_phone_is_asked_for_it_and_the_new_one_counts_at_once(world, client):
    person = start(world, client)
    assert "XXX-XXX-0142" in person.page.text and "I no longer have this phone" in person.buttons
    person.press("Send Code").fill("Verification Code", world.newest_code()).press("Verify Code")
    assert person.heading == "LOGIN METHOD"
    register_phone(world, person)
    assert acr_of(client, person) == MFA
    with world.inside():
        assert world.account("ddunn2020").new_phone_until is None


def test_without_the_old_phone_the_new_one_is_two_steps_for_a_day_and_the_owner_is_told(
    world, client
):
    person = start(world, client).press("I no longer have this phone")
    assert person.heading == "LOGIN METHOD"
    register_phone(world, person)
    assert acr_of(client, person) == TWO_STEP
    world.deliver()
    texts = [
        message
        for message in world.messages()
        if message.recipient == DAISY_PHONE and "a new phone replaced" in message.text.lower()
    ]
    mails = [mail for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")]
    assert (
        len(texts) == 1
        and len(mails) == 1
        and "/stop/" in mails[0].links[0]
        and mails[0].links[0] in texts[0].text
    )
    again = Person(world.issuer)
    for hours, acr in ((0, TWO_STEP), (23, TWO_STEP), (2, MFA)):
        world.time.passes(hours=hours, minutes=1)
        to_phone_page(
            client.sends(again, acr_values=MFA, prompt="login"), DAISY, NEW_PASSWORD
        ).press("Send Code")
        again.fill("Verification Code", world.newest_code()).press("Verify Code")
        claims = client.claims(client.tokens(again)["id_token"])
        assert claims["acr"] == acr and ("mfa" in claims["amr"]) == (acr == MFA), hours


def test_a_proof_from_the_day_of_the_hold_is_not_worth_more_when_it_is_over(
    request, tmp_path, time
):
    from idp.settings import Lifetimes
    from tests.conftest import a_world
    from tests.support.client import Client

    for world in a_world(
        "sqlite",
        request,
        tmp_path,
        time,
        lifetimes=Lifetimes(new_phone_hold=600, sign_in_email_code=30),
    ):
        client = Client(world.issuer, world.add_client())
        person = start(world, client).press("I no longer have this phone")
        register_phone(world, person)
        assert acr_of(client, person) == TWO_STEP
        world.time.passes(minutes=12)
        client.sends(person)
        assert acr_of(client, person) == TWO_STEP, "the session goes on as what it was"
        client.sends(person, acr_values=MFA)
        assert "Verification is necessary" in person.heading, "the code is asked for once more"
        person.press("Send Code").fill("Verification Code", world.newest_code()).press(
            "Verify Code"
        )
        assert acr_of(client, person) == MFA


def test_by_a_call_it_is_the_same(world, client):
    person = start(world, client)
    person.press("Call Me")
    world.press(f"{keyed_number(person)}#")
    person.open(person.url)
    assert person.heading == "LOGIN METHOD"


def test_the_star_key_on_the_old_phone_stops_it(world, client):
    person = start(world, client).press("Call Me")
    world.press("*")
    person.open(person.url)
    assert "refused" in person.url


def test_the_owner_stops_it_by_the_link_once(world, client):
    person = start(world, client).press("I no longer have this phone")
    register_phone(world, person)
    tokens = client.tokens(person)
    link = next(
        mail.links[0] for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")
    )
    owner = Person(world.issuer).open(link)
    assert client.userinfo(tokens["access_token"]).status_code == 200, "looking changes nothing"
    owner.press("This was not me")
    assert owner.heading == "The change is undone"
    assert client.userinfo(tokens["access_token"]).status_code == 401
    with world.inside():
        daisy = world.account("ddunn2020")
        assert (daisy.phone, daisy.new_phone_until) == (DAISY_PHONE, None)
        assert "phone_change_stopped" in [row.action for row in audit.listed()]
    assert Person(world.issuer).open(link).status == 410


def test_a_phone_that_is_removed_without_a_code_to_it_is_told_and_comes_back(world, client):
    """Password and mailbox register again with the email way; then with a phone of their own."""
    person = start(world, client).press("I no longer have this phone").press("EMAIL")
    make_password(verify_address(world, person), NEW_PASSWORD)
    client.tokens(person)
    world.deliver()
    texts = [
        message
        for message in world.messages()
        if message.recipient == DAISY_PHONE and "was removed from your account" in message.text
    ]
    mail = next(mail for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or ""))
    assert (
        len(texts) == 1
        and mail.links[0] in texts[0].text
        and "was removed. This was done without a code from that phone" in mail.text
    )
    world.time.passes(minutes=1)
    again = start(world, client, password=NEW_PASSWORD)
    register_phone(world, again, password="eight-loud-magpies")
    assert acr_of(client, again) == TWO_STEP
    newest = [mail for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")][-1]
    Person(world.issuer).open(newest.links[0]).press("This was not me")
    with world.inside():
        assert world.account("ddunn2020").phone == DAISY_PHONE


def test_the_link_is_over_with_the_hold(world, client):
    person = start(world, client).press("I no longer have this phone")
    register_phone(world, person)
    link = next(
        mail.links[0] for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")
    )
    world.time.passes(hours=25)
    assert Person(world.issuer).open(link).status == 410
    assert Person(world.issuer).open(f"{world.issuer}/stop/made-up").status == 410


def test_who_had_no_phone_and_registers_one_with_password_and_mailbox_has_a_hold_too(world, client):
    person = start(world, client, "oreyes2021", OMAR_PASSWORD)
    assert person.heading == "LOGIN METHOD"
    register_phone(world, person)
    assert acr_of(client, person) == TWO_STEP
    assert [mail for mail in world.mails_to(OMAR) if "The phone for" in (mail.subject or "")]


def test_a_new_account_has_none(world, client):
    from tests.support.registering import to_method

    person = to_method(client.sends(Person(world.issuer)))
    register_phone(world, person)
    if "Terms" in person.heading:
        from tests.support.registering import accept

        accept(person)
    assert acr_of(client, person) == MFA


def test_an_operator_lifts_it_and_that_is_written_down(world, client):
    person = start(world, client).press("I no longer have this phone")
    register_phone(world, person)
    with world.inside():
        resets.lift_phone_hold(world.time.now, "operator", "ddunn2020")
        assert [row.actor for row in audit.listed() if row.action == "phone_hold_lifted"] == [
            "operator"
        ]
    with world.inside(), pytest.raises(OperatorError, match="is not on hold"):
        resets.lift_phone_hold(world.time.now, "operator", "ddunn2020")
    again = to_phone_page(client.sends(Person(world.issuer)), DAISY, NEW_PASSWORD).press(
        "Send Code"
    )
    again.fill("Verification Code", world.newest_code()).press("Verify Code")
    assert acr_of(client, again) == MFA


def second_round(world, client, *, by_code: bool) -> Person:
    """Whoever has password and mailbox does it all once more, with the phone that is held now."""
    person = start(world, client, password=NEW_PASSWORD)
    if by_code:
        person.press("Send Code").fill("Verification Code", world.newest_code()).press(
            "Verify Code"
        )
    else:
        person.press("I no longer have this phone")
    return person


@pytest.mark.parametrize("by_code", [True, False])
@pytest.mark.parametrize("number", ["303 555 0188", "303 555 0177"])
def test_registering_once_more_does_not_shake_the_hold_off(world, client, by_code, number):
    first = register_phone(world, start(world, client).press("I no longer have this phone"))
    assert acr_of(client, first) == TWO_STEP
    stop = next(
        mail.links[0] for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")
    )
    world.time.passes(minutes=5)
    person = register_phone(
        world, second_round(world, client, by_code=by_code), number, "eight-quiet-herons"
    )
    assert acr_of(client, person) == TWO_STEP
    newest = [
        mail.links[0] for mail in world.mails_to(DAISY) if "The phone for" in (mail.subject or "")
    ][-1]
    Person(world.issuer).open(newest).press("This was not me")
    with world.inside():
        assert world.account("ddunn2020").phone == DAISY_PHONE, (
            "the phone of before it all comes back"
        )
    assert Person(world.issuer).open(stop).status == 410
