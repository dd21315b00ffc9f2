"""A deployment's own rule: three lines, and every page, every record and `idp explain` follow
it."""

import pytest

from idp.flow.policy import Policy, Rule
from idp.flow.requirements import Requirement
from idp.flow.rules import SHIPPED
from idp.operations.explain import explain
from tests.support.person import Person
from tests.support.stories import reference, sign_in, to_code_page

BY_PHONE = Requirement(
    sets=(frozenset({"password", "sms_code"}), frozenset({"password", "voice_code"}))
)


def by_phone(facts) -> Requirement:
    """A phone is needed."""
    return BY_PHONE


def held_to(world, *rules: Rule) -> None:
    world.app.extensions["stagedoor"].visits.policy = Policy((*SHIPPED.rules, *rules))


def new_device(facts) -> bool:
    return facts.known_device is False


@pytest.fixture
def on_new_devices(world):
    held_to(
        world,
        Rule(
            "phone_on_new_devices",
            by_phone,
            "this browser is new",
            when=new_device,
            needs=("known_device",),
        ),
    )


def test_where_the_browser_is_new_the_phone_is_asked_for(world, client, person, on_new_devices):
    to_code_page(client.sends(person))
    assert "XXX-XXX-0142" in person.page.text, "whichever button was chosen"
    with world.inside():
        story = explain(reference(person))
    assert story.steps[-1].answer["because"] == ["phone_on_new_devices"]


def test_and_where_it_is_known_the_email_is_enough(world, client, person):
    sign_in(world, client.sends(person))
    client.tokens(person)
    held_to(
        world,
        Rule(
            "phone_on_new_devices",
            by_phone,
            "this browser is new",
            when=new_device,
            needs=("known_device",),
        ),
    )
    world.time.passes(hours=5)
    assert "d*****@lakeside.example" in to_code_page(client.sends(person)).page.text


def test_a_shadow_rule_lets_everyone_in_and_counts_whom_it_would_have_asked(world, client):
    held_to(world, Rule("by_phone", by_phone, "phones are safer", shadow=True))
    person = sign_in(world, client.sends(Person(world.issuer)))
    assert client.tokens(person)
    with world.inside():
        story = explain(reference(person)) if "Reference" in person.page.text else None
    assert story is None or "by_phone" in story.steps[-1].answer.get("shadows", [])


def test_a_rule_may_ask_where_and_since_when(world, client, person):
    seen = []

    def where(facts) -> bool:
        seen.append((facts.network, facts.last_sign_in_at))
        return False

    sign_in(world, client.sends(Person(world.issuer)))
    held_to(
        world,
        Rule("where", by_phone, "of the place", when=where, needs=("network", "last_sign_in_at")),
    )
    sign_in(world, client.sends(person))
    assert ("127.0.0.1", None) in seen and any(at for _, at in seen)
