"""The fold of events into facts: in any order whatever, going back takes back a choice and nothing
else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.flow import history
from idp.flow.facts import Asked, Facts
from idp.flow.history import Event
from idp.flow.rules import SHIPPED

START = Facts(
    1_000.0, "here", Asked(), (frozenset({"password"}),), 600, SHIPPED, ("phone", "email")
)

option = st.sampled_from(["phone", "email"]).map(lambda one: (history.OPTION_CHOSEN, one, None))
journey = st.sampled_from(["sign-in", "help", "recover", "register"]).map(
    lambda one: (history.JOURNEY_CHOSEN, one, None)
)
choice = option | journey
back = st.just((history.WENT_BACK, None, None))
KINDS = {
    value
    for name, value in vars(history).items()
    if name.isupper() and isinstance(value, str) and name != "START_OVER"
}
MERE_CHOICES = {history.OPTION_CHOSEN, history.JOURNEY_CHOSEN, history.REMEMBER, history.WENT_BACK}
DONE = [
    (
        kind,
        {history.LINK_FOLLOWED: "reset 1", history.PROOF_GIVEN: "password"}.get(kind, "1"),
        "daisy",
    )
    for kind in sorted(KINDS - MERE_CHOICES)
]
done = st.sampled_from([*DONE, ("known_to_a_newer_program", "1", "daisy")])
events = st.lists((choice | back | done).map(lambda one: Event(*one, at=1_000.0)), max_size=12)


def folded(these: list[Event]) -> history.History:
    return history.begun(START).after(these)


@given(events)
def test_going_back_never_brings_a_proof(these):
    for at, event in enumerate(these):
        if event.kind == history.WENT_BACK:
            before, after = folded(these[:at]), folded(these[: at + 1])
            assert after == before or not after.facts.proofs
            assert after.facts.proofs == before.facts.proofs


@given(events, choice.map(lambda one: Event(*one, at=1_000.0)))
def test_back_takes_the_choice_back_where_there_was_nothing_but_choosing(these, chosen):
    before, stands = folded(these), folded([*these, chosen])
    after = folded([*these, chosen, history.went_back(1_000.0)])
    beyond = before.values.keys() - MERE_CHOICES - {history.STARTED_OVER}
    only_chosen = not beyond
    expected = before if only_chosen else stands
    assert (after.facts, after.values) == (expected.facts, expected.values)


@given(events)
def test_a_second_look_needs_no_second_read(these):
    for at in range(len(these) + 1):
        assert folded(these[:at]).after(these[at:]) == folded(these)


def test_one_press_of_back_a_choice():
    chosen = [
        Event(history.OPTION_CHOSEN, "email", None, 1_000.0),
        Event(history.REMEMBER, "yes", None, 1_000.0),
        Event(history.JOURNEY_CHOSEN, "recover", None, 1_000.0),
    ]
    back = history.went_back(1_000.0)
    assert folded([*chosen, back]) == folded(chosen[:2])
    assert folded([*chosen, back, back]) == folded([])
    assert folded([*chosen, back, back, back]) == folded([])
    named = Event(history.ADDRESS_NAMED, "daisy@lakeside.example", None, 1_000.0)
    assert folded([*chosen, named, back]) == folded([*chosen, named])


@pytest.mark.parametrize("done", DONE, ids=[kind for kind, *_ in DONE])
def test_nothing_but_choosing_is_taken_back(done):
    """No Cancel, no star key, no Deny, no proof; and nothing from before them either."""
    chosen = [
        Event(history.OPTION_CHOSEN, "email", None, 1_000.0),
        Event(history.JOURNEY_CHOSEN, "recover", None, 1_000.0),
        Event(*done, at=1_000.0),
    ]
    assert folded([*chosen, history.went_back(1_000.0)]) == folded(chosen)
    assert len(DONE) > 18
