"""Whose account it is: by the subject, which never changes, and once by the verified address."""

import threading

import pytest

from idp.operations import OperatorError, accounts, employees
from idp.store import accounts as rows
from idp.store import audit, organizations
from tests.employees.test_attacks import FAILED, attempt, told, why
from tests.support.client import Client
from tests.support.company import SAM
from tests.support.person import Person
from tests.support.stories import sign_in

TERMS = "I have read and agree to these terms of use."


def come_in(client: Client, person: Person, **asked) -> dict:
    attempt(client, person, **{"scope": "openid email profile roles", **asked})
    if person.heading == "Terms of Use Agreement":
        person.tick(TERMS).press("CONTINUE")
    return client.claims(client.tokens(person)["id_token"])


def somebody(world, other) -> Person:
    return Person(world.issuer, also=(other.issuer,))


def refused(world, person: Person, reason: str) -> None:
    assert person.heading == FAILED and why(world) == reason
    assert "reference" in person.page.text and "TRY AGAIN" not in person.buttons, (
        "trying again changes nothing"
    )


def test_a_changed_address_is_the_same_person_and_the_old_one_is_told(world, client, other):
    first = come_in(client, somebody(world, other))
    other.person |= {"email": "sam.lee@atrezzo.example", "family_name": "Lee"}
    second = come_in(client, somebody(world, other))
    assert second["sub"] == first["sub"]
    with world.inside():
        account = accounts.found("sam.lee@atrezzo.example")
        assert (account.family_name, account.contact_email) == ("Lee", "sam.lee@atrezzo.example")
    assert [mail.subject for mail in world.mails_to(SAM["email"])] == [
        "Your email address for the Atrezzo portal has changed"
    ]


def test_a_subject_that_has_another_address_and_other_names_is_somebody_else(world, client, other):
    """A provider that gives a subject away once more must not give an account away with it."""
    first = come_in(client, somebody(world, other))
    other.person |= {"email": "pat.fox@atrezzo.example", "given_name": "Pat", "family_name": "Fox"}
    pat = attempt(client, somebody(world, other))
    refused(world, pat, "other_person")
    assert "its subject may be someone else's" in told(world, pat)
    with world.inside():
        employees.retire(world.time.now, "test", SAM["email"])
    world.time.passes(seconds=1)
    assert come_in(client, somebody(world, other))["sub"] != first["sub"], "an account of Pat's own"


def test_an_address_that_went_to_a_new_person_does_not_bring_the_account_along(
    world, client, other
):
    first = come_in(client, somebody(world, other))
    other.person |= {"sub": "sam-2", "given_name": "Samantha"}
    newcomer = attempt(client, somebody(world, other))
    refused(world, newcomer, "other_subject")
    assert "idp accounts retire" in told(world, newcomer)
    with world.inside():
        employees.retire(world.time.now, "test", SAM["email"])
        with pytest.raises(OperatorError, match="does not sign in through a company"):
            employees.retire(world.time.now, "test", "ddunn2020")  # a customer
    assert come_in(client, somebody(world, other))["sub"] != first["sub"], "an account of her own"


def test_an_account_that_is_switched_off_is_linked_to_nobody(world, client, other):
    with world.inside():
        rows.add(world.time.now, "sam2019", SAM["email"], "Samuel", "Kimble")
        accounts.disable(world.time.now, "test", "sam2019")
    newcomer = attempt(client, somebody(world, other))
    refused(world, newcomer, "switched_off")
    with world.inside():
        employees.retire(world.time.now, "test", "sam2019")
    come_in(client, somebody(world, other))
    with world.inside():
        assert accounts.found(SAM["email"]).username == "sam.kim"


def test_the_same_person_with_another_subject_is_linked_anew_when_an_operator_says_so(
    world, client, other
):
    first = come_in(client, somebody(world, other))
    other.person |= {"sub": "sam-after-the-move"}
    refused(world, attempt(client, somebody(world, other)), "other_subject")
    with world.inside():
        assert employees.unlink(world.time.now, "test", "sam.kim") == other.issuer
        with pytest.raises(OperatorError, match="does not sign in through a company"):
            employees.unlink(world.time.now, "test", "sam.kim")
    world.time.passes(seconds=1)
    assert come_in(client, somebody(world, other))["sub"] == first["sub"]


def test_a_company_whose_provider_has_another_issuer_takes_its_people_along(world, client, other):
    person = somebody(world, other)
    tokens = client.tokens(agreed(attempt(client, person, scope="openid email")))
    first = client.claims(tokens["id_token"])
    with world.inside():
        rename = ("test", other.issuer, "https://new.acme.example")
        assert employees.move(world.time.now, *rename) == 1
        with pytest.raises(OperatorError, match="no account belongs to"):
            employees.move(world.time.now, *rename)
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant", (
        "they sign in once more"
    )
    other.person |= {"sub": "a-newcomer", "email": "robin@atrezzo.example"}
    come_in(client, somebody(world, other))
    with world.inside():
        assert (
            employees.move(world.time.now, "test", "https://new.acme.example", other.issuer) == 1
        ), "newcomers are in nobody's way"
    other.person = dict(SAM)
    assert come_in(client, somebody(world, other))["sub"] == first["sub"]


def test_a_company_with_another_product_has_its_people_linked_by_their_addresses(
    world, client, other
):
    first = come_in(client, somebody(world, other))
    with world.inside():
        employees.move(world.time.now, "test", other.issuer, "https://before.acme.example")
    refused(world, attempt(client, somebody(world, other)), "other_issuer")
    with world.inside():
        employees.move(world.time.now, "test", "https://before.acme.example", other.issuer)
        employees.move(world.time.now, "test", other.issuer, other.issuer, new_subjects=True)
    other.person |= {"sub": "an-id-of-another-product"}
    world.time.passes(seconds=1)
    assert come_in(client, somebody(world, other))["sub"] == first["sub"]


def test_a_new_address_that_belongs_to_another_account_is_not_taken(world, client, other):
    come_in(client, somebody(world, other))
    other.person |= {"email": "robin.ash@atrezzo.example"}
    with world.inside():
        accounts.add(
            world.time.now,
            "test",
            "rash",
            "robin.ash@atrezzo.example",
            "Robin",
            "Ash",
            new_password="robin-old-password",
        )
    refused(world, attempt(client, somebody(world, other)), "address_taken")


def test_an_address_that_two_accounts_have_on_file_links_none(world, client, other):
    with world.inside():
        for username in ("sam2019", "front.desk"):
            rows.add(world.time.now, username, SAM["email"], "Sam", "Kim")
    refused(world, attempt(client, somebody(world, other)), "ambiguous")


def test_usernames_are_those_of_the_company_where_they_are_free(world, client, other):
    other.person |= {"preferred_username": "ddunn2020"}
    come_in(client, somebody(world, other))
    other.person = {**SAM, "sub": "kim-1", "email": "k@atrezzo.example", "given_name": "Kim"}
    come_in(client, somebody(world, other))
    with world.inside():
        assert (
            accounts.found(SAM["email"]).username == "ddunn20202"
            and accounts.found("k@atrezzo.example").username == "k.employee"
        )


def test_names_that_cannot_be_shown_are_made_so(world, client, other):
    other.person |= {
        "given_name": "Sam\u202e\n<b>",
        "family_name": 7,
        "roles": ["care-managers", 8, None, "care-managers"],
    }
    assert come_in(client, somebody(world, other))["roles"] == ["reviewer"]
    with world.inside():
        account = accounts.found(SAM["email"])
        assert (account.given_name, account.family_name) == ("Sam <b>", "")


@pytest.mark.upstream(roles_claim="groups")
def test_roles_may_be_groups_in_one_text(world, client, other):
    other.person |= {"groups": "book-club care-managers"}
    assert come_in(client, somebody(world, other))["roles"] == ["reviewer"]


def test_a_customers_account_keeps_its_clinic_and_loses_all_that_opened_it(world, client, other):
    """It was made before its owner worked for the company; someone is signed in with it."""
    with world.inside():
        accounts.add(
            world.time.now,
            "test",
            "sam2019",
            "sam@old.example",
            "Sam",
            "Kim",
            new_password="old-ways-of-samuel",
            enrolled=True,
            organization="1234567893",
        )
    before = somebody(world, other)
    client.sends(before, scope="openid organizations")
    tokens = client.tokens(agreed(sign_in(world, before, "sam@old.example", "old-ways-of-samuel")))
    with world.inside():
        account = world.account("sam2019")
        rows.set_contact_email(account.id, world.time.now, SAM["email"])
    claims = come_in(client, somebody(world, other), scope="openid organizations roles")
    assert claims["sub"] == client.claims(tokens["id_token"])["sub"]
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant", (
        "whoever was signed in with the password is out"
    )
    with world.inside():
        account = accounts.found("sam2019")
        assert (account.password_hash, account.sign_in_address) == (None, None)
        assert [one["name"] for one in organizations.of_account(account.id)] == ["Lakeside Clinic"]
        assert [
            one.detail["sessions"] for one in audit.listed() if one.action == "account_linked"
        ] == [1]


def agreed(person: Person) -> Person:
    return (
        person.tick(TERMS).press("CONTINUE")
        if person.heading == "Terms of Use Agreement"
        else person
    )


def test_the_first_sign_in_of_one_person_in_many_browsers_at_once_makes_one_account(
    either_world, other
):
    world = either_world
    people = []
    for number in range(8):
        client = Client(world.issuer, world.add_client(f"Desk {number}"))
        person = Person(world.issuer)
        client.sends(person).press("LOGIN")
        answer = person.http.get(person.left_for, allow_redirects=False, timeout=30).headers[
            "Location"
        ]
        people.append((person, answer))
    gate = threading.Barrier(len(people))

    def arrive(person: Person, answer: str) -> None:
        gate.wait()
        person.open(answer)

    threads = [threading.Thread(target=arrive, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {person.status for person, _ in people} == {200}
    with world.inside():
        assert len([one for one in audit.listed() if one.action == "account_made"]) == 1


def test_thirty_two_answers_to_one_trip_sign_one_person_in_once(either_world, other):
    world = either_world
    client = Client(world.issuer, world.add_client())
    person = Person(world.issuer)
    client.sends(person).press("LOGIN")
    answer = person.http.get(person.left_for, allow_redirects=False, timeout=30).headers["Location"]
    statuses, gate = [], threading.Barrier(32)

    def arrive() -> None:
        twin = Person(world.issuer)
        twin.http.cookies.update(person.http.cookies)
        gate.wait()
        twin.open(answer)
        statuses.append(twin.status)

    threads = [threading.Thread(target=arrive) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert len(statuses) == 32 and max(statuses) < 500
    assert other.count("token") == 1, "the code went out once"
    with world.inside():
        assert len([one for one in audit.listed() if one.action == "proof_given"]) == 1


def test_who_signed_in_as_a_customer_before_is_replaced_by_the_employee(world, client, other):
    person = somebody(world, other)
    client.sends(person)
    sign_in(world, person)
    daisy = client.claims(client.tokens(person)["id_token"])
    client.sends(person, prompt="login")
    person.press("LOGIN").tick(TERMS).press("CONTINUE")
    sam = client.claims(client.tokens(person)["id_token"])
    assert sam["sub"] != daisy["sub"] and sam["sid"] != daisy["sid"]
