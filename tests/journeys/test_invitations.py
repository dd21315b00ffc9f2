"""Accounts created by an administrator (product 6), and what mailed links keep whatever they are
for."""

import pytest

from idp.operations import OperatorError, accounts, invitations
from idp.store import accounts as rows
from idp.store import audit, links
from tests.support.person import Person
from tests.support.registering import accept, enrol, make_password, verify_address

LENA = "lena.ortiz@harbor.example"


def invite(world, **more) -> str:
    with world.inside():
        mailed = world.app.extensions["stagedoor"].mailed_link
        invitations.invite(
            world.time.now,
            "test",
            mailed,
            "lortiz2024",
            LENA,
            "Lena",
            "Ortiz",
            organization="1245319599",
            **more,
        )
    return world.newest_link()


def resend(world) -> str:
    with world.inside():
        invitations.resend(
            world.time.now, "test", world.app.extensions["stagedoor"].mailed_link, "lortiz2024"
        )
    return world.newest_link()


def state(world) -> str:
    with world.inside():
        account = rows.by_username("lortiz2024")
        return invitations.state(account, links.invitation(account.id), world.time.now)


def test_lena_registers_by_her_invitation_next_morning(world, person, client):
    link = invite(world, client_id=client.id)
    mail = world.mails_to(LENA)[-1]
    assert (
        mail.subject == "Atrezzo - Account Registration"
        and "for 2 days" in mail.text
        and state(world) == "invited"
    )
    world.time.passes(hours=20)
    person.open(link)
    assert "Lena Ortiz, username lortiz2024" in person.page.text
    person.press("Continue")
    client.sends(person)
    assert person.heading == "LOGIN METHOD" and state(world) == "invitation opened, not finished"
    enrol(world, person, "PHONE")
    assert client.tokens(person) and state(world) == "registered"
    assert person.open(link).heading == "You are registered"


def test_an_invitation_that_is_late_says_whom_to_ask_and_no_reset_revives_it(world, person, client):
    link = invite(world, client_id=client.id)
    world.time.passes(hours=49)
    assert (
        person.open(link).heading == "This invitation has expired"
        and person.status == 410
        and "administrator who invited you" in person.page.text
    )
    assert state(world) == "invitation expired"
    with world.inside():
        lena = rows.by_username("lortiz2024").id
        before = len(links.made_since(lena, 0))
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person)
    person.fill("USERNAME *", "lortiz2024").press("SUBMIT")
    assert person.heading == "CHECK YOUR EMAIL"
    told = world.mails_to(LENA)[-1]
    assert told.subject == "You need a new invitation to the Atrezzo portal" and not told.links
    with world.inside():
        assert len(links.made_since(f"told:{lena}", 0)) == 1, (
            "what is explained is counted, apart from links"
        )
        assert len(links.made_since(lena, 0)) == before
    fresh = resend(world)
    assert Person(world.issuer).open(link).heading == "There is a newer link"
    person.open(fresh).press("Continue")
    assert client.sends(person).heading == "LOGIN METHOD"


def test_a_reset_that_a_stranger_asks_for_does_not_end_an_invitation(world, person, client):
    link = invite(world, client_id=client.id)
    stranger = Person(world.issuer)
    stranger.http.post(f"{world.issuer}/begin/reset", allow_redirects=False)
    client.sends(stranger).fill("USERNAME *", "lortiz2024").press("SUBMIT")
    assert person.open(link).heading == "Your registration"


def test_revoked_disabled_and_registered(world, person):
    link = invite(world)
    with world.inside():
        invitations.revoke(world.time.now, "test", "lortiz2024")
    assert state(world) == "invitation withdrawn"
    assert person.open(link).heading == "This invitation was withdrawn"
    with world.inside(), pytest.raises(OperatorError, match="no invitation"):
        invitations.revoke(world.time.now, "test", "lortiz2024")
    fresh = resend(world)
    with world.inside():
        accounts.disable(world.time.now, "test", "lortiz2024")
    assert person.open(fresh).heading == "This invitation was withdrawn"
    with world.inside(), pytest.raises(OperatorError, match="disabled"):
        invitations.resend(
            world.time.now, "test", world.app.extensions["stagedoor"].mailed_link, "lortiz2024"
        )
    with world.inside(), pytest.raises(OperatorError, match="already registered"):
        invitations.resend(
            world.time.now, "test", world.app.extensions["stagedoor"].mailed_link, "ddunn2020"
        )


def test_a_mail_scanner_opens_the_link_and_burns_nothing(world, person, client):
    link = invite(world, client_id=client.id)
    for _ in range(3):
        scanner = Person(world.issuer)
        assert scanner.open(link).status == 200
    assert state(world) == "invited"
    assert person.open(link).press("Continue").left_for
    assert client.sends(person).heading == "LOGIN METHOD"


def test_a_mail_scanner_that_presses_the_button_keeps_nobody_out(world, person, client):
    """It runs scripts, presses Continue and walks on through the portal to the first page of the
    registration."""
    link = invite(world, client_id=client.id)
    scanner = Person(world.issuer).open(link).press("Continue")
    client.sends(scanner).press("EMAIL")
    assert scanner.heading == "Verification is necessary"
    assert "open in another browser too" in person.open(link).page.text
    person.press("Continue")
    assert client.sends(person).heading == "LOGIN METHOD"
    enrol(world, person)
    assert client.tokens(person) and state(world) == "registered"


def test_a_link_opened_twice_goes_on_where_it_was_and_another_browser_takes_it_over(
    world, person, client
):
    link = invite(world, client_id=client.id)
    person.open(link).press("Continue")
    client.sends(person).press("EMAIL")
    make_password(verify_address(world, person))
    before = person.url
    person.open(link).press("Continue")
    assert (person.url, person.heading) == (before, "Terms of Use Agreement"), (
        "in the same browser it goes on where it was"
    )
    other = Person(world.issuer).open(link).press("Continue")
    assert client.sends(other).heading == "LOGIN METHOD", (
        "what was done in the first browser counts there alone"
    )
    accept(person)
    assert (
        person.heading == "!THIS LINK WAS OPENED IN ANOTHER BROWSER"
        and state(world) == "invitation opened, not finished"
    )
    assert person.press("LOGIN").heading == "LOGIN OPTIONS"
    person.open(link).press("Continue")
    assert client.sends(person).heading == "LOGIN METHOD", "and it may come back"
    assert other.open(other.url).heading == "!THIS LINK WAS OPENED IN ANOTHER BROWSER"
    with world.inside():
        actions = [
            event.action for event in reversed(audit.listed()) if event.action.startswith("link_")
        ]
    assert actions == ["link_taken_over", "link_taken_over", "link_used", "link_used"]


def test_the_browser_that_asked_for_a_link_gets_it_back_where_it_asked(world, person, client):
    """A scanner takes the link over, and goes no further or walks on; the person goes on in the
    sign-in that asked."""
    person.http.post(
        f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
    )
    client.sends(person).fill("USERNAME *", "oreyes2021").press("SUBMIT")
    link = world.newest_link()
    for walks_on in (False, True, False):
        scanner = Person(world.issuer).open(link).press("Continue")
        if walks_on:
            client.sends(scanner)
        asked_in = person.open(link).press("Continue").url.split("/")[-2]
        assert person.url.endswith(f"/flow/{asked_in}/current-password"), (
            "not by the portal's own sign-in, and not stopped"
        )
    client.sends(scanner)
    assert "open in another browser too" in scanner.page.text, (
        "who was overtaken on the way is told"
    )


def test_a_link_that_is_passed_around_stops(world, person, client):
    link = invite(world, client_id=client.id)
    for _ in range(1 + links.MOST_TAKEN_OVER):
        last = Person(world.issuer).open(link).press("Continue")
        assert last.left_for
    assert client.sends(last).heading == "LOGIN METHOD"
    person.open(link)
    assert (person.status, person.heading) == (
        409,
        "This invitation was opened in too many browsers",
    ) and "new invitation" in person.page.text
    assert last.open(link).press("Continue").heading == "LOGIN METHOD"


def test_the_laptop_closed_for_the_night_the_invitation_still_goes_on_in_its_browser(
    world, person, client
):
    link = invite(world, client_id=client.id)
    person.open(link).press("Continue")
    client.sends(person).press("EMAIL")
    world.time.passes(hours=12)
    assert person.open(person.url).heading == "!REGISTRATION ERROR"
    person.open(link).press("Continue")
    client.sends(person)
    assert person.heading == "LOGIN METHOD"
    enrol(world, person)
    assert client.tokens(person)


def test_a_second_click_on_the_links_button_changes_nothing(world, person, client):
    link = invite(world, client_id=client.id)
    person.open(link)
    url, form = person.url, dict(person.page.fields)
    for _ in range(2):
        person._go("post", url, data=form)
        assert person.left_for.startswith("http://localhost:1/login")
    assert client.sends(person).heading == "LOGIN METHOD"


def test_two_links_in_two_tabs_do_not_disturb_each_other(world, person, client):
    first = invite(world, client_id=client.id)
    with world.inside():
        mailed = world.app.extensions["stagedoor"].mailed_link
        invitations.invite(
            world.time.now,
            "test",
            mailed,
            "second1",
            "second@harbor.example",
            "Sol",
            "Ek",
            client_id=client.id,
        )
    second = world.newest_link()
    person.open(first)
    one, form = person.url, dict(person.page.fields)
    person.open(second)
    assert "Sol Ek" in person.page.text
    person._go("post", one, data=form)
    client.sends(person)
    assert "Hello Lena" in person.page.text


@pytest.mark.parametrize("spoilt", ["", "x", "WyJhIiwiYiJd.c2lnbmF0dXJl", "%00", "a" * 600])
def test_a_link_that_is_not_ours_says_so(world, person, spoilt):
    person.open(f"{world.issuer}/link/{spoilt}")
    assert person.status == 404
    link = invite(world)
    person.open(link[:-3])
    assert (person.status, person.heading) == (404, "This link is not complete")


def test_a_link_without_its_cookie_cannot_be_used(world, person):
    link = invite(world)
    person.open(link)
    url, form = person.url, dict(person.page.fields)
    stranger = Person(world.issuer)
    stranger._go("post", url, data=form)
    assert stranger.status == 404 and state(world) == "invited"


@pytest.mark.settings(portal_url="")
def test_without_a_portal_the_link_waits_for_the_application(world, person, client):
    link = invite(world)
    assert person.open(link).press("Continue").heading == "Open the application now"
    assert client.sends(person).heading == "LOGIN METHOD"
