"""What a person did in an interaction, event by event, folded into facts. Events are only ever
appended: `History.after` folds more of them onto what is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from idp.flow.facts import START_OVER, AuthenticationEvent, Facts

OPTION_CHOSEN = "option_chosen"  # value: the option
METHOD_CHOSEN = "method_chosen"  # value: the method, instead of the one whose page was due
# value: yes, or no for 'Not now'; account: who says so
SET_UP_CHOSEN = "set_up_chosen"
# value: the method by which what is set up was verified; it proves nothing before it is kept
SET_UP_VERIFIED = "set_up_verified"
ACCOUNT_CHOSEN = "account_chosen"  # value: an account id, or 'another'
# value: the method; of a company's, when it was there and by which amr values
PROOF_GIVEN = "proof_given"
UPSTREAM_LEFT_FOR = "upstream_left_for"  # value: the upstream's id; the person was sent there
UPSTREAM_FAILED = "upstream_failed"  # value: why what came back from there is no sign-in
CONFIRMED = "confirmed"  # Continue, after the address was verified
CALL_REFUSED = "call_refused"  # the star key, pressed by the person who took the call
JOURNEY_CHOSEN = "journey_chosen"  # value: the journey; nothing before it counts
# value: its purpose and id; account: whose; nothing before it counts
LINK_FOLLOWED = "link_followed"
ENROLMENT_BEGUN = "enrolment_begun"  # value: the enrolment's id
# the person who registers again no longer has the phone on record
OLD_PHONE_LOST = "old_phone_lost"
ADDRESS_NAMED = "address_named"  # value: the address whose password is forgotten, as it was typed
ORGANIZATION_NAMED = "organization_named"  # value: the registration code's id
MAIL_ASKED = "mail_asked"  # what was asked for is answered by mail, if at all
REMEMBER = "remember"  # value: yes or no, as the box stood when an option was chosen
CONSENT_GIVEN = "consent_given"  # value: the scopes that were shown; account: who pressed Allow
CONSENT_DENIED = "consent_denied"
STARTED_OVER = "started_over"  # Cancel on a page of the journey: nothing before it counts
GIVEN_UP = "given_up"  # Cancel on the login options
# a form of an earlier page, opened by Back: the choice made there last does not count
WENT_BACK = "went_back"

CHOICES_KEPT = 8  # how many choices in a row can be taken back


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a person did, at a time in seconds. `account` is whom it is about."""

    kind: str
    value: str | None
    account: str | None
    at: float


@dataclass(frozen=True)
class History:
    """Where the events have led: the facts, and the last value of each kind since the last
    beginning. `before` is where it stood at each choice that can be taken back, newest last; empty
    as soon as anything but choosing was done."""

    start: Facts  # before anything was done here
    facts: Facts
    values: Mapping[str, str | None] = field(default_factory=dict)
    before: tuple["History", ...] = ()

    def after(self, events: Iterable[Event]) -> "History":
        """The history with these events at its end."""
        facts, values, before = self.facts, dict(self.values), self.before
        # who starts over sees the options, no matter who is signed in here
        fresh = replace(self.start, chosen_account=START_OVER)
        for event in events:
            if event.kind == WENT_BACK:
                if before:
                    facts, values = before[-1].facts, dict(before[-1].values)
                    before = before[:-1]
                continue
            if event.kind in _CHOICES and values.keys() <= _MERE_CHOICES:
                at = History(self.start, facts, dict(values))
                before = (*before, at)[-CHOICES_KEPT:]
            elif event.kind != REMEMBER:  # which is told with the option
                before = ()
            if event.kind in _BEGINNINGS:
                facts, values = replace(fresh, **_BEGINNINGS[event.kind](event, facts)), {}
            else:
                # what a newer program knows changes nothing here
                facts = replace(facts, **_ADDED.get(event.kind, _nothing)(event, facts))
            values[event.kind] = event.value
        return History(self.start, facts, values, before)


def went_back(at: float) -> Event:
    """That a choice does not count."""
    return Event(WENT_BACK, None, None, at)


def begun(start: Facts) -> History:
    """The history of an interaction in which nothing was done yet. A client that asks to register
    someone begins with that journey (prompt=create)."""
    return History(
        start, replace(start, journey="register") if "create" in start.asked.prompt else start
    )


Change = Callable[[Event, Facts], dict[str, Any]]  # the fields of the facts that an event changes


def _proof(event: Event, facts: Facts) -> AuthenticationEvent:
    """The method, and what a company said of its own sign-in: when it was, and how."""
    method, *said = (event.value or "").split()
    at_upstream = float(said[0]) if said and said[0] != "-" else None
    return AuthenticationEvent(
        method, event.account or "", event.at, facts.interaction, at_upstream, tuple(said[1:])
    )


def _nothing(event: Event, facts: Facts) -> dict[str, Any]:
    return {}


def sets_up(events: Iterable[Event]) -> bool:
    """Whether these events lead into a set-up within a sign-in."""
    found = False
    for event in events:
        found = event.kind not in _BEGINNINGS and (
            event.value == "yes" if event.kind == SET_UP_CHOSEN else found
        )
    return found


_CHOICES = (OPTION_CHOSEN, JOURNEY_CHOSEN)
_MERE_CHOICES = {*_CHOICES, REMEMBER, STARTED_OVER}

_BEGINNINGS: Mapping[str, Change] = {  # nothing before these events counts
    STARTED_OVER: lambda event, facts: {},
    JOURNEY_CHOSEN: lambda event, facts: {"journey": event.value},
    LINK_FOLLOWED: lambda event, facts: {
        "journey": "enrol",
        "link": (event.value or "").split()[0],
        "proofs": (
            AuthenticationEvent("mailed_link", event.account or "", event.at, facts.interaction),
        ),
    },
}

_ADDED: Mapping[str, Change] = {
    PROOF_GIVEN: lambda event, facts: {"proofs": (*facts.proofs, _proof(event, facts))},
    OPTION_CHOSEN: lambda event, facts: {"option": event.value, "method": None},
    METHOD_CHOSEN: lambda event, facts: {"method": event.value},
    SET_UP_CHOSEN: lambda event, facts: {
        "set_up": event.value == "yes",
        "set_up_by": event.account,
    },
    SET_UP_VERIFIED: lambda event, facts: {},
    UPSTREAM_LEFT_FOR: lambda event, facts: {"upstream": event.value, "upstream_error": None},
    UPSTREAM_FAILED: lambda event, facts: {"upstream_error": event.value},
    ACCOUNT_CHOSEN: lambda event, facts: {"chosen_account": event.value},
    CONFIRMED: lambda event, facts: {"confirmed_at": event.at},
    GIVEN_UP: lambda event, facts: {"given_up": True},
    CONSENT_GIVEN: lambda event, facts: {
        "allowed": (event.account or "", frozenset((event.value or "").split()))
    },
    CONSENT_DENIED: lambda event, facts: {"denied": True},
    CALL_REFUSED: lambda event, facts: {"call_refused": True},
    OLD_PHONE_LOST: lambda event, facts: {"old_phone_lost": True},
    ADDRESS_NAMED: lambda event, facts: {"address_given": True},
    MAIL_ASKED: lambda event, facts: {"mail_asked": True},
    REMEMBER: lambda event, facts: {},
    ENROLMENT_BEGUN: lambda event, facts: {},
    ORGANIZATION_NAMED: lambda event, facts: {},
}
