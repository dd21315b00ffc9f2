"""What `idp explain` says has words for every page and button."""

import re
from pathlib import Path

from idp.cli import explain_sentences, explain_words
from idp.flow.rules import SHIPPED
from idp.operations import explain
from idp.visit.ending import REFUSALS
from idp.web.flow.stages import STAGES
from tests.support.person import Person
from tests.support.registering import (
    NEW_PASSWORD,
    PRIYA,
    enrol,
    make_password,
    to_method,
    verify_address,
)
from tests.support.stories import reference, signed_in, to_code_page
from tests.support.world import MFA

TEMPLATES = Path(explain_sentences.__file__).parent.parent / "templates" / "flow"


def test_every_page_button_and_ending_has_words():
    assert set(explain_words.PAGES) == set(STAGES)
    assert set(explain_words.ENDS) == set(REFUSALS)
    buttons = {
        value
        for path in TEMPLATES.glob("*.html")
        for value in re.findall(
            r'name="(?:action|journey)" value="([a-z-]+)"', path.read_text("utf-8")
        )
    }
    assert buttons <= set(explain_words.DID), buttons - set(explain_words.DID)


def test_a_registration_in_words(world, client, person):
    client.sends(person)
    reference = person.page.html.split('class="reference">')[1].split("<")[0]
    enrol(world, to_method(person))
    with world.app.app_context():
        story = explain.explain(reference)
        told = " ".join(
            f"{explain_sentences.did(step, story)} {explain_sentences.outcome(step, story)}"
            for step in story.steps
        )
    for part in (
        "Chose to complete the registration. We showed the LOGIN page of the "
        "registration, for username and password.",
        "Chose phone or email. We showed the page for the emailed code.",
        "Created a new password. We showed the terms of use.",
        "The registration is saved",
        "Agreed to the terms of use. pnair2019 is signed in",
    ):
        assert part in told, told
    assert explain_sentences.who(story) == "pnair2019"


def test_why_a_proof_is_asked_for(world, client):
    """'A code by phone, because the application asked for a stronger sign-in'; and nothing where
    every sign-in asks for it."""

    def told(person) -> str:
        reference = person.page.html.split('class="reference">')[1].split("<")[0]
        with world.app.app_context():
            story = explain.explain(reference)
            return " ".join(explain_sentences.outcome(step, story) for step in story.steps)

    plain = to_code_page(client.sends(Person(world.issuer)))
    assert "because the application" not in told(plain)
    assert told(plain).endswith("Still missing: the code sent by email.")
    person, _ = signed_in(world, client)
    client.sends(person, acr_values=MFA)
    assert (
        "Still missing, because the application asked for a stronger sign-in: the code sent by "
        "text or the number shown on the page, entered during a call." in told(person)
    )
    again, _ = signed_in(world, client)
    client.sends(again, prompt="login")
    assert "because the application asked for a new sign-in" in told(to_code_page(again))


def test_every_sentence_is_on_one_line():
    assert not [says for says in explain.QUESTIONS.values() if "\n" in says or "  " in says]


def test_every_rule_that_wants_more_has_words():
    # what every sign-in, every registration and every set-up wants
    usual = {"base_level", "fresh_identity", "set_up_recent"}
    assert {rule.name for rule in SHIPPED.rules} - usual == set(explain_words.BECAUSE)


def test_every_mistake_of_a_form_and_what_an_unfinished_registration_waits_for(world, client):
    person = to_method(client.sends(Person(world.issuer)))
    make_password(verify_address(world, person.press("EMAIL")))
    person = client.sends(Person(world.issuer)).press("LOGIN WITH EMAIL").press("Sign in")
    person.fill("Email Address", PRIYA).fill("Password", NEW_PASSWORD).press("Sign in")
    with world.app.app_context():
        story = explain.explain(reference(person))
        lines = [
            (explain_sentences.did(step, story), explain_sentences.outcome(step, story))
            for step in story.steps[-2:]
        ]
    (mistakes, _), (_, mailed) = lines
    assert "Enter your email address" in mistakes and "Enter your password." in mistakes
    assert "emailed a link to pnair2019" in mailed
    assert mailed.endswith("They cannot sign in before that is done.")
