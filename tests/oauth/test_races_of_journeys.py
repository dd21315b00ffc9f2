"""Links, codes and registration codes raced by 32 threads on both databases: what happens once
happens once, and nothing breaks."""

import threading

import pytest
import requests

from idp.operations import invitations
from idp.store import accounts, audit, links, organizations, registration_codes
from idp.store.database import rows as read
from idp.store.organizations import MEMBERSHIPS, Membership
from idp.store.registration_codes import CODES, RegistrationCode
from tests.oauth.test_races import THREADS, raced
from tests.support.client import Client
from tests.support.person import Person
from tests.support.registering import PROFILE, give_code, make_password, to_method, verify_address
from tests.support.stories import sign_in
from tests.support.world import OMAR


def events(world, action: str) -> list:
    with world.inside():
        return [row for row in audit.listed() if row.action == action]


def each(act):
    """Something by each of 32 threads at once, that differs between them; nothing may break."""
    numbers, lock = iter(range(THREADS)), threading.Lock()

    def one():
        with lock:
            number = next(numbers)
        return act(number)

    return raced(one)


def test_one_browser_at_a_time_gets_a_link(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))
    with world.inside():
        mailed = world.app.extensions["stagedoor"].mailed_link
        invitations.invite(
            world.time.now,
            "test",
            mailed,
            "lortiz2024",
            "lena@harbor.example",
            "Lena",
            "Ortiz",
            client_id=client.id,
        )
    address = world.newest_link()
    people = [Person(world.issuer).open(address) for _ in range(THREADS)]
    asked = [(one.url, dict(one.page.fields), one.cookies) for one in people]

    def press(number):
        url, form, cookies = asked[number]
        return requests.post(url, data=form, cookies=cookies, timeout=60, allow_redirects=False)

    answers = each(press)
    gone_on = [
        answer
        for answer, (url, *_) in zip(answers, asked, strict=True)
        if not url.endswith(answer.headers["Location"])
    ]
    assert len(gone_on) == 1 + links.MOST_TAKEN_OVER, (
        "the others are sent back to the page, which says that it was opened too often"
    )
    assert (len(events(world, "link_used")), len(events(world, "link_taken_over"))) == (
        1,
        links.MOST_TAKEN_OVER,
    )
    for one, answer in zip(people, answers, strict=True):
        one.http.cookies.update(answer.cookies)
    assert [client.sends(one).heading for one in people].count("LOGIN METHOD") == 1, (
        "the one that took it last"
    )


@pytest.mark.parametrize("uses", [1, 5])
def test_a_registration_code_lets_in_as_many_as_it_says(either_world, uses):
    world = either_world
    client = Client(world.issuer, world.add_client())
    code = give_code(world, uses=uses)
    ready = []
    for number in range(THREADS):
        person = client.sends(Person(world.issuer)).press("register here")
        person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
        address = f"n{number}@lakeside.example"
        mine = {
            **PROFILE,
            "USERNAME *": f"newcomer{number}",
            "EMAIL *": address,
            "CONFIRM EMAIL *": address,
        }
        form = {name: person.page.fields[name] for name in person.page.fields} | {
            person.page.forms[-1].labels[label]: value for label, value in mine.items()
        }
        ready.append((person.url, form | {"action": "next"}, person.cookies))

    def send(number):
        url, form, cookies = ready[number]
        return requests.post(url, data=form, cookies=cookies, timeout=60, allow_redirects=False)

    answers = each(send)
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert len(events(world, "account_registered")) == uses
    with world.inside():
        assert [
            row.uses_left
            for row in read(CODES.select().where(CODES.c.uses_left < uses), RegistrationCode)
        ] == [0]
        assert len([row for row in read(MEMBERSHIPS.select(), Membership) if row.code_id]) == uses


def test_one_username_and_one_address_for_one_account(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    code = give_code(world, uses=THREADS)
    ready = []
    for number in range(THREADS):
        person = client.sends(Person(world.issuer)).press("register here")
        person.fill("NPI *", "1234567893").fill("PROVIDER REGISTRATION CODE *", code).press("NEXT")
        mine = PROFILE if number % 2 else {**PROFILE, "USERNAME *": f"else{number}"}
        form = dict(person.page.fields) | {
            person.page.forms[-1].labels[label]: value for label, value in mine.items()
        }
        ready.append((person.url, form, person.cookies))

    def send(number):
        url, form, cookies = ready[number]
        return requests.post(url, data=form, cookies=cookies, timeout=60, allow_redirects=False)

    each(send)
    assert len(events(world, "account_registered")) == 1


def test_the_first_of_many_becomes_the_administrator(either_world):
    world = either_world
    with world.inside():
        harbor = organizations.by_identifier("1245319599")
        registration_codes.add(world.time.now, harbor.id, "a digest", world.time.now + 999, 99)
        code = registration_codes.code(harbor.id, "a digest", world.time.now)
        made = [
            accounts.add(world.time.now, f"user{n}", f"u{n}@harbor.example", "U", "N")
            for n in range(8)
        ]
        for account_id in made:
            organizations.join(account_id, harbor.id, "user", code.id)
    barrier = threading.Barrier(8)

    def settle(account_id):
        barrier.wait()
        with world.inside():
            organizations.settle_roles(account_id)

    threads = [threading.Thread(target=settle, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.inside():
        roles = [
            row.role
            for row in read(
                MEMBERSHIPS.select().where(MEMBERSHIPS.c.organization_id == harbor.id), Membership
            )
        ]
    assert roles.count("administrator") == 1


def test_a_registration_is_kept_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = client.sends(Person(world.issuer))
    make_password(verify_address(world, to_method(person).press("EMAIL")))
    person.tick("I have read and agree to these terms of use.")
    form = dict(person.page.forms[-1].fields) | {"action": "accept"}
    answers = raced(
        lambda: requests.post(
            person.url, data=form, cookies=person.cookies, timeout=60, allow_redirects=False
        )
    )
    assert {answer.status_code for answer in answers} <= {200, 303}
    assert len(events(world, "registered")) == 1
    assert (
        len(
            [
                mail
                for mail in world.mails_to("priya.nair@lakeside.example")
                if mail.subject.startswith("You are registered")
            ]
        )
        == 1
    )


def test_a_recovery_code_proves_once_and_a_password_changes_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = client.sends(Person(world.issuer))
    person.press("LOGIN WITH EMAIL").press("Forgot your password?").fill(
        "Email Address", OMAR
    ).press("Send verification code")
    form = {"csrf": person.page.fields["csrf"], "action": "verify", "code": world.newest_code()}
    raced(
        lambda: requests.post(
            person.url, data=form, cookies=person.cookies, timeout=60, allow_redirects=False
        )
    )
    assert len(events(world, "proof_given")) == 1
    person.open(person.url).press("Continue")
    form = {
        "csrf": person.page.fields["csrf"],
        "action": "create",
        "new_password": "nine-quiet-otters",
        "confirm_password": "nine-quiet-otters",
    }
    raced_answers = []

    def send(number):
        made = form | {
            "new_password": f"nine-quiet-otters-{number % 3}",
            "confirm_password": f"nine-quiet-otters-{number % 3}",
        }
        answer = requests.post(
            person.url, data=made, cookies=person.cookies, timeout=60, allow_redirects=False
        )
        raced_answers.append(answer.status_code)
        # busy hashing says so
        answer.status_code = (
            min(answer.status_code, 499) if answer.status_code == 503 else answer.status_code
        )
        return answer

    each(send)
    assert len(events(world, "password_recovered")) == 1


def test_links_asked_for_at_once_leave_one(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client(start_url="http://localhost:1/login"))
    ready = []
    for _ in range(THREADS):
        person = Person(world.issuer)
        person.http.post(
            f"{world.issuer}/begin/reset", data={"client": client.id}, allow_redirects=False
        )
        client.sends(person)
        ready.append(
            (
                person.url,
                dict(person.page.fields) | {"username": "oreyes2021", "action": "submit"},
                person.cookies,
            )
        )

    def send(number):
        url, form, cookies = ready[number]
        return requests.post(url, data=form, cookies=cookies, timeout=60, allow_redirects=False)

    each(send)
    assert len(world.mails_to(OMAR)) == 1


def test_a_browser_is_told_as_new_once(either_world):
    world = either_world
    client = Client(world.issuer, world.add_client())
    sign_in(world, client.sends(Person(world.issuer)))
    other = Person(world.issuer)
    sign_in(world, client.sends(other))
    mails = [
        mail.subject
        for mail in world.mails_to("daisy.dunn@lakeside.example")
        if mail.subject.startswith("New sign-in")
    ]
    assert len(mails) == 1
    world.time.passes(hours=1)
    sign_in(world, client.sends(other))
    assert (
        len(
            [
                mail
                for mail in world.mails_to("daisy.dunn@lakeside.example")
                if mail.subject.startswith("New sign-in")
            ]
        )
        == 1
    )
