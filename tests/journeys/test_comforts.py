"""What saves people a call to the help desk: sending again, more time, what was typed once, and
letting time pass in the inbox."""

import re

import pytest
import requests

from idp.cli.explain_sentences import beside, did, outcome
from idp.operations.explain import explain
from idp.settings.lifetimes import Lifetimes
from tests.support.person import Person
from tests.support.registering import PRIYA, to_method, verify_address
from tests.support.stories import keyed_number, reference, sign_in, to_code_page, to_phone_page
from tests.support.world import DAISY, DAISY_PASSWORD, OMAR, OMAR_PASSWORD


def test_a_link_is_sent_again_after_half_a_minute(world, person, client):
    client.sends(person).press("Click here")
    person.press("RESET").fill("USERNAME *", "oreyes2021").press("SUBMIT")
    assert person.heading == "CHECK YOUR EMAIL"
    first = world.newest_link()
    person.press("Send again")
    assert world.newest_link() == first, "too soon: the page says when"
    world.time.passes(seconds=31)
    person.open(person.url).press("Send again")
    assert person.heading == "CHECK YOUR EMAIL"
    second = world.newest_link()
    assert second != first and len(world.mails_to(OMAR)) == 2
    person.open(second).press("Continue")
    assert person.heading == "CURRENT PASSWORD"


def test_sending_again_tells_a_stranger_nothing(world, client):
    pages = []
    for name in ("oreyes2021", "nobody2021"):
        person = (
            client.sends(Person(world.issuer))
            .press("Click here")
            .press("RESET")
            .fill("USERNAME *", name)
            .press("SUBMIT")
        )
        world.time.passes(seconds=31)
        person.open(person.url).press("Send again")
        pages.append((person.status, person.heading, person.buttons))
    assert pages[0] == pages[1]


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
def test_who_needs_longer_gets_a_code_that_works_longer(world, person, client):
    to_code_page(client.sends(person)).press("Send verification code")
    world.newest_code()
    world.time.passes(seconds=31)
    person.open(person.url)
    assert person.heading == "The code has expired"
    person.press("I need more time")
    code = world.newest_code()
    world.time.passes(seconds=200)
    person.open(person.url).fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
def test_a_code_that_still_works_works_longer_for_who_asks(world, person, client):
    """While it runs no other one could be sent, and none is needed."""
    to_code_page(client.sends(person)).press("Send verification code")
    code = world.newest_code()
    world.time.passes(seconds=10)
    person.open(person.url).press("I need more time")
    assert person.status == 200 and "I need more time" not in person.buttons, "it is given once"
    assert world.newest_code() == code
    world.time.passes(seconds=200)
    person.open(person.url).fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
def test_after_two_codes_that_expired_the_next_one_works_longer_by_itself(world, person, client):
    to_code_page(client.sends(person))
    for button in ("Send verification code", "Send new code"):
        person.press(button)
        world.newest_code()
        world.time.passes(seconds=31)
        person.open(person.url)
    assert "The next one works for 5 minutes." in person.page.text
    person.press("Send new code")
    code = world.newest_code()
    world.time.passes(seconds=200)
    person.open(person.url).fill("Verification Code", code).press("Verify code").press("Continue")
    assert client.tokens(person)


def test_an_address_is_typed_once(person, client):
    client.sends(person).press("LOGIN WITH EMAIL").fill("Email Address", DAISY).press(
        "Forgot your password?"
    )
    assert person.heading == "Forgot your password?" and person.page.fields["email"] == DAISY


def test_a_remembered_browser_says_whose_and_is_forgotten_with_one_click(world, person, client):
    client.sends(person).tick("Remember Me")
    sign_in(world, person, OMAR, OMAR_PASSWORD)
    assert client.tokens(person)
    requests.post(f"{world.issuer}/inbox/time", data={"pass": "sessions"}, timeout=30)
    client.sends(person)
    assert "LOGIN WITH EMAIL remembers you as o*****@lakeside.example" in person.page.text
    person.press("Not you? Forget this account")
    assert person.heading == "LOGIN OPTIONS" and "remembers you" not in person.page.text
    assert "This browser no longer remembers that account." in person.page.text
    assert person.press("LOGIN WITH EMAIL").heading == "Sign in with your email address"


def test_the_inbox_lets_time_pass(world, person, client):
    client.sends(person).press("Click here").press("RESET").fill("USERNAME *", "oreyes2021").press(
        "SUBMIT"
    )
    link = world.newest_link()
    answer = requests.post(
        f"{world.issuer}/inbox/time", data={"pass": "1200"}, timeout=30, allow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox?done=1200")
    assert "20 minutes have passed." in person.open(f"{world.issuer}/inbox?done=1200").page.text
    assert person.open(f"{world.issuer}/inbox?done=nonsense").status == 200
    assert person.open(link).heading == "This link has expired"
    for nonsense in ("", "-5", "1e9", "everything"):
        assert (
            requests.post(
                f"{world.issuer}/inbox/time", data={"pass": nonsense}, timeout=30
            ).status_code
            == 200
        )
    assert (
        requests.post(
            f"{world.issuer}/inbox/time",
            data={"pass": "clear"},
            headers={"Sec-Fetch-Site": "cross-site"},
            timeout=30,
        ).status_code
        == 403
    )
    assert world.messages()
    requests.post(f"{world.issuer}/inbox/time", data={"pass": "clear"}, timeout=30)
    assert not world.messages()


def test_a_mail_is_shown_as_it_looks_and_runs_nothing(world, person, client):
    to_code_page(client.sends(person)).press("Send verification code")
    world.newest_code()
    page = requests.get(f"{world.issuer}/inbox", timeout=30)
    assert (
        'sandbox referrerpolicy="no-referrer"' in page.text
        and "frame-src 'self'" in page.headers["Content-Security-Policy"]
    )
    shown = requests.get(f"{world.issuer}/inbox/{world.messages()[-1].id}/html", timeout=30)
    assert (
        "<html" in shown.text
        and "sandbox" in shown.headers["Content-Security-Policy"]
        and "default-src 'none'" in shown.headers["Content-Security-Policy"]
    )
    assert requests.get(f"{world.issuer}/inbox/999999/html", timeout=30).status_code == 404


def test_a_password_manager_learns_whose_the_new_password_is(world, person, client):
    """Enrolling and recovering: the page names the address as the username, and asks for a new
    password twice."""
    to_method(client.sends(person)).press("EMAIL")
    verify_address(world, person)
    pages = [person.page.html]
    other = Person(world.issuer)
    client.sends(other).press("LOGIN WITH EMAIL").press("Forgot your password?")
    other.fill("Email Address", OMAR)
    verify_address(world, other).press("Continue")
    for html, address in ((pages[0], PRIYA), (other.page.html, OMAR)):
        fields = {
            re.search(r'autocomplete="([^"]*)"', field)[1]: field
            for field in re.findall(r"<input[^>]*autocomplete=[^>]*>", html)
        }
        assert f'value="{address}"' in fields["username"] and "readonly" in fields["username"]
        assert html.count('autocomplete="new-password"') == 2


def test_the_steps_for_a_browser_that_continues_are_numbered(person, client):
    client.sends(person).press("Click here")
    lists = re.findall(r"<ol>(.*?)</ol>", person.page.html, re.S)
    steps = [re.findall(r"<li>(.*?)</li>", one, re.S) for one in lists]
    assert len(steps) == 2 and all(len(one) >= 4 for one in steps)
    for browser, one in zip(("Chrome", "Edge"), steps, strict=True):
        assert (
            "three dots" in one[0] and "Settings" in " ".join(one) and browser in person.page.text
        )


@pytest.mark.settings(lifetimes=Lifetimes(sign_in_email_code=30))
def test_more_time_is_offered_as_long_as_a_code_is_short(world, person, client):
    to_code_page(client.sends(person)).press("Send verification code")
    assert "I need more time" in person.buttons
    world.deliver()
    world.time.passes(seconds=31)
    assert "I need more time" in person.open(person.url).buttons, "also when the code is over"
    person.press("Send new code")
    world.deliver()
    assert "I need more time" in person.open(person.url).buttons
    assert "The next one works for 5 minutes." in person.page.html, (
        "and the page says what comes, when this one is over too"
    )


def test_what_happened_is_told_in_its_order_though_time_was_let_pass(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    world.time.passes(seconds=4)
    world.press("*")
    world.time.passes(seconds=2)
    assert "LOGIN ERROR" in person.press("Continue").heading
    for seconds in ("60", "300"):
        requests.post(f"{world.issuer}/inbox/time", data={"pass": seconds}, timeout=30)
    person.press("LOGIN")
    to_code_page(person, DAISY, DAISY_PASSWORD)
    with world.inside():
        story = explain(reference(person))
        during = {step.event: beside(step, story) for step in story.steps}
        assert during["phone:call"] == [
            "During the call, the star key was pressed: 'this is not me'. Nothing was confirmed."
        ]
        assert [said for event, said in during.items() if event != "phone:call" and said] == []


def test_a_sign_in_that_took_too_long_says_so_to_the_help_desk(world, person, client):
    to_code_page(client.sends(person), OMAR, OMAR_PASSWORD).press("Send verification code")
    code = world.newest_code()
    world.time.passes(minutes=20)
    person.fill("Verification Code", code).press("Verify code")
    with world.inside():
        story = explain(reference(person))
        assert outcome(story.steps[-1], story).endswith(
            "The password was entered so long ago that it no longer counted."
        )


def test_a_wait_is_told_as_one_and_not_quoted(world, person, client):
    to_code_page(client.sends(person), OMAR, OMAR_PASSWORD)
    for button in ("Send verification code", "Send new code"):
        person.press(button)
        world.deliver()
        world.time.passes(seconds=5)
    with world.inside():
        story = explain(reference(person))
        told = f"{did(story.steps[-1], story)} {outcome(story.steps[-1], story)}"
    assert "because it was too soon" in told and "a while" not in told


def test_the_demos_phone_says_that_a_number_is_wrong(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    world.deliver()
    call = world.messages()[-1].call_id
    inbox = Person(world.issuer).open(f"{world.issuer}/inbox")
    inbox.send(f"{world.issuer}/inbox/calls/{call}", {"digits": "9999#"})
    assert (
        "That number is not right. Enter the number on the page, then press the pound key."
        in inbox.page.text
    )


def test_the_voice_has_the_last_word_in_the_inbox(world, person, client):
    to_phone_page(client.sends(person)).press("Call Me")
    wrong, call = f"{(int(keyed_number(person)) + 1) % 1000:03d}#", world.ring()
    said = [
        person.send(f"{world.issuer}/inbox/calls/{call}", {"digits": wrong}).page.text
        for _ in range(3)
    ]
    assert all("The voice says: That number is not right." in page for page in said[:2])
    assert "The voice says: Nothing was confirmed. You can hang up." in said[2]
    assert "wrong number keyed" in said[2]
