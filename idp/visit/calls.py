"""Keys pressed during a call: they come from the carrier, not from the browser that waits, and
prove for its interaction."""

from collections.abc import Callable

from idp import metrics
from idp.delivery import post
from idp.factors import FieldError
from idp.factors.table import Factors
from idp.factors.voice import ENDINGS, NUMBER
from idp.flow import history
from idp.secret import Vault
from idp.store import (
    accounts,
    audit,
    codes,
    credentials,
    enrolments,
    interactions,
    lock,
    writing,
)
from idp.store.accounts import Account
from idp.store.codes import Code
from idp.store.interactions import Interaction
from idp.store.tries import Asker

NOTICE_LIFE = 86400  # seconds that the notice of a refused call is tried


class Calls:
    """One for a process. `begin`, commit, `finish`, commit: the try counts before the number is
    compared."""

    def __init__(self, vault: Vault, factors: Factors, brand_of: Callable[[str], str]) -> None:
        self._vault = vault
        self._factors = factors
        self._brand_of = brand_of  # the brand's id, by the client's

    def begin(self, call_id: str, pressed: str, now: float) -> tuple[Code, int | None] | None:
        """The call that these keys belong to, and the try that they are; None when it does not ring
        any more."""
        call = codes.by_id(call_id)
        interaction = interactions.by_id(call.interaction_id) if call else None
        account = accounts.by_id(call.account_id) if call else None
        if (
            call is None
            or interaction is None
            or interaction.finished_at is not None
            or account is None
            or not self._wanted(call, account)
        ):
            return None
        counted = self._factors.call(call.factor).begin(call, pressed, now, _asker(call))
        return None if isinstance(counted, FieldError) else (call, counted)

    def finish(self, call: Code, pressed: str, try_id: int | None, now: float) -> str:
        """What the keys meant, as the voice answers: confirmed, refused, wrong, over or more."""
        writing()
        lock(f"account:{call.account_id}")
        used = self._factors.call(call.factor)
        meant = used.finish(call, pressed, try_id, now, _asker(call))
        interaction = interactions.by_id(call.interaction_id)
        assert interaction is not None  # begin found it, and rows are not forgotten within a call
        if meant == "confirmed":
            if call.factor == NUMBER:
                row = enrolments.of_number(interaction.id, call.account_id, call.target)
                if row is None or not enrolments.verify_factor(row.id, call.target, now):
                    return "over"  # another number was given since
            else:
                credentials.used(call.account_id, used.credential, now)
            metrics.count(metrics.CODES, call.factor, "used")
            setting_up = call.factor == NUMBER and history.sets_up(
                interactions.events_of(interaction.id)
            )
            kind = history.SET_UP_VERIFIED if setting_up else history.PROOF_GIVEN
            interactions.add_fact(interaction.id, kind, now, used.method, call.account_id)
            self._audit(interaction, call, "proof_given", "success", now, method=used.method)
        elif meant == "refused":
            self._audit(interaction, call, "call_refused", "failure", now)
            if call.factor != NUMBER:  # that one was mistyped, or is not known to be anybody's yet
                interactions.add_fact(
                    interaction.id, history.CALL_REFUSED, now, account_id=call.account_id
                )
                self._tell(interaction, call, now)
        elif meant in ("wrong", "over"):
            metrics.count(metrics.CODES, call.factor, "wrong")
            self._audit(
                interaction, call, "code_wrong", "failure", now, factor=call.factor, reason=meant
            )
        return meant

    def ended(self, call_id: str, outcome: str, now: float) -> bool:
        """The carrier reports that no one confirmed: one of ENDINGS. Whether that changed
        anything."""
        call = codes.by_id(call_id) if outcome in ENDINGS else None
        interaction = interactions.by_id(call.interaction_id) if call else None
        if call is None or interaction is None or not codes.end(call_id, outcome):
            return False
        self._audit(interaction, call, "call_ended", "failure", now, how=outcome)
        return True

    def keyed(self, call_id: str) -> bool:
        """Whether this call asks for the number of the page."""
        call = codes.by_id(call_id)
        return call is not None and self._factors.call(call.factor).keyed

    def state(self, call_id: str, now: float) -> str:
        """How a call stands for the phone: ringing, confirmed, how it ended, or over."""
        call = codes.by_id(call_id)
        if call is None:
            return "over"
        if call.used_at is not None:
            return "confirmed"
        return (
            "ringing"
            if self._factors.call(call.factor).rings(call, now)
            else call.outcome or "over"
        )

    @staticmethod
    def _wanted(call: Code, account: Account) -> bool:
        """Whether the phone that rings is still the one that it is about."""
        if call.factor == NUMBER:
            return enrolments.of_number(call.interaction_id, account.id, call.target) is not None
        return account.phone == call.target

    def _tell(self, interaction: Interaction, call: Code, now: float) -> None:
        """Someone knows the password: its owner is told by mail."""
        account = accounts.by_id(call.account_id)
        address = account and accounts.on_file(account)
        if account and address:
            post.write(
                self._vault,
                now,
                channel="email",
                recipient=address,
                kind="call_refused",
                data={"name": account.given_name, "reference": interaction.reference},
                locale="en",
                brand=self._brand_of(interaction.client_id),
                not_after=now + NOTICE_LIFE,
                reference=interaction.reference,
            )

    @staticmethod
    def _audit(
        interaction: Interaction, call: Code, action: str, outcome: str, now: float, **detail: str
    ) -> None:
        about = {"client_id": interaction.client_id, "reference": interaction.reference}
        actor = call.account_id if outcome == "success" else None
        audit.add(now, action, outcome, actor=actor, target=call.account_id, **about, **detail)


def _asker(call: Code) -> Asker:
    """Who tries is the person whose page asked for the call: a stranger of its network."""
    return Asker(f"network:{call.network}", False, call.network)
