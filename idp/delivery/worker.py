"""The outbox worker: one process that sends messages to people and notices to clients, chains the
audit trail and forgets what is too old."""

import logging
import threading
from collections.abc import Callable, Mapping

from idp import clock, metrics
from idp.delivery import Carrier, CarrierError, NotSentError, post, rendering, trail
from idp.delivery.inbox import Inbox
from idp.delivery.smtp import Smtp
from idp.secret import Vault
from idp.settings import Settings
from idp.store import (
    audit,
    checkpoints,
    codes,
    commit,
    enrolments,
    lock,
    outbox,
    retention,
    rollback,
    writing,
)
from idp.store.outbox import Message

log = logging.getLogger("idp.outbox")

POLL = 0.1  # seconds between two looks at the outbox
POLL_FOR_CLIENTS = 0.5
STALE = 60.0  # seconds after which a claimed message counts as lost with its worker
FIRST_RETRY = 2.0  # seconds; doubles with each try
TIDY = 3600.0  # seconds between two rounds of forgetting
CHECKPOINT = 60.0  # seconds between two checkpoints of the audit trail while rows come in


def carriers(settings: Settings) -> Mapping[str, Carrier]:
    """Who takes messages, by channel."""
    if settings.inbox:
        return {channel: Inbox(channel) for channel in ("email", "sms", "call")}
    return {"email": Smtp(settings.mail, settings.mail_password, settings.look.sender)}


class Worker:
    """Runs inside an application context. Everything it does may be done twice at once by two of
    them. With `tell` it does one thing alone, telling clients of the ends of sessions: a client
    that does not answer holds up no one's code."""

    def __init__(
        self, settings: Settings, vault: Vault, tell: Callable[[Message, float], None] | None = None
    ) -> None:
        self._tell = tell
        self._settings = settings
        self._vault = vault
        self._carriers = carriers(settings)
        self._tidied = self._signed = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. A fault costs a pause, never the worker."""
        while not stop.is_set():
            try:
                busy = self.step()
            except Exception:
                rollback()
                log.exception("the outbox worker failed and goes on")
                busy = False
                stop.wait(1.0)
            if not busy:
                stop.wait(POLL_FOR_CLIENTS if self._tell else POLL)

    def step(self) -> bool:
        """One round; whether there was anything to do."""
        now = clock.now()
        due = outbox.due(now, STALE, to_clients=self._tell is not None)
        if self._tell:
            rollback()
            for message_id in due[:1]:  # what waits next may be others by then
                self._send(message_id)
            return bool(due)
        lost = outbox.lost_codes(now, STALE)
        waiting = bool(audit.unchained(1))
        rollback()
        for message_id in due:
            self._send(message_id)
        for message in lost:
            self._drop(message, "the worker was lost while sending it")
        if waiting:
            self._chain()
        if clock.ticks() - self._tidied > TIDY:
            self._tidied = clock.ticks()
            self.tidy(now)
        return bool(due)

    def _send(self, message_id: int) -> None:
        now = clock.now()
        writing()
        message = outbox.claim(message_id, now, STALE)
        wanted = message is None or message.code_id is None or codes.wanted(message.code_id)
        commit()  # claimed before it is sent, so that no second worker sends it too
        if message is None:
            return None
        if now > message.not_after:
            return self._drop(message, "too late")
        if not wanted:
            return self._leave(message)
        try:
            self._hand_over(message)
        except NotSentError as error:
            rollback()
            writing()
            then = now + FIRST_RETRY * 2 ** (message.attempts - 1)
            if self._tell:
                lock(f"told:{message.recipient}")
            outbox.again(message.id, then, str(error))
            if self._tell:
                outbox.hold(message.recipient, then)
            commit()
            metrics.count(metrics.MESSAGES, message.channel, "tried again")
            log.warning("message %s not sent yet: %s", message.id, error)
        except CarrierError as error:
            rollback()
            self._drop(message, str(error))
        except Exception as error:
            # a fault of ours, in a template say: this message goes, the others do not wait for it
            rollback()
            log.exception("message %s cannot be made", message.id)
            self._drop(message, type(error).__name__)

    def _hand_over(self, message: Message) -> None:
        if self._tell:
            self._tell(message, clock.now())
        elif message.channel != post.NOBODY:
            data, locale, brand = post.read(self._vault, message)
            content = rendering.render(
                message.channel,
                message.kind,
                data,
                locale,
                self._settings.brand_of(brand),
                self._settings.issuer,
            )
            if self._settings.inbox:
                writing()
            self._carriers[message.channel].send(message.recipient, content)
        writing()
        now = clock.now()
        outbox.sent(message.id, now)
        metrics.count(metrics.MESSAGES, message.channel, "handed over")
        if message.code_id:
            codes.handed_over(message.code_id, now)
        commit()

    def _leave(self, message: Message) -> None:
        """What it carries was replaced or cancelled before it left: no one waits for it."""
        writing()
        outbox.drop(message.id, clock.now(), outbox.UNWANTED)
        commit()
        metrics.count(metrics.MESSAGES, message.channel, "not needed any more")

    def _drop(self, message: Message, why: str) -> None:
        now = clock.now()
        writing()
        outbox.drop(message.id, now, why)
        if message.code_id:
            codes.dropped(message.code_id, now)
        audit.add(
            now,
            "message_dropped",
            "failure",
            reference=message.reference,
            channel=message.channel,
            kind=message.kind,
            why=why,
        )
        commit()
        metrics.count(metrics.MESSAGES, message.channel, "dropped")
        log.error("message %s dropped: %s", message.id, why)

    def _chain(self) -> None:
        """Tie new audit rows to those before them, so that none can be altered or removed
        unnoticed. A checkpoint follows within the minute: until then rows could be cut off at the
        end without a trace."""
        writing()
        audit.hold_chain()
        for row_id, position, value in trail.chain(
            self._vault, audit.unchained(), *audit.end_of_chain()
        ):
            if not audit.link(row_id, position, value):
                raise RuntimeError(
                    f"audit row {row_id} was chained by another worker in spite of the lock"
                )
        now = clock.now()
        if abs(now - self._signed) > CHECKPOINT:  # whichever way the clock was set
            self._signed = now
            self._checkpoint(audit.end_of_chain(), now)
        commit()

    def tidy(self, now: float) -> None:
        """Sign a checkpoint of the audit trail, and forget what is older than the settings say."""
        writing()
        audit.hold_chain()
        self._checkpoint(audit.end_of_chain(), now)
        checkpoints.thin_checkpoints(now - TIDY)
        commit()
        for kind, days in vars(self._settings.retention).items():
            if kind == "audit":
                self._forget_audit(now - 86400 * days, now)
                continue
            for rule in retention.RULES[kind]:
                self._forget(rule, now - 86400 * days, now)
        for rule in retention.UNANSWERED:
            self._forget(rule, now - retention.DAY, now)
        writing()
        enrolments.release(now - 86400 * self._settings.retention.enrolments, now)
        commit()

    @staticmethod
    def _forget(rule: retention.Rule, then: float, now: float) -> None:
        more = True
        while more:
            writing()
            more = retention.forget(rule, then, now)
            commit()

    def _forget_audit(self, then: float, now: float) -> None:
        """Old rows go from the beginning on, a few at a time; a checkpoint says each time how far,
        so that the rest verifies."""
        # the chain's end stays: what follows is tied to it
        last = min(audit.last_before(then), audit.end_of_chain()[0] - 1)
        rows = audit.after(0, retention.BATCH)
        rollback()
        while rows and (gone := [entry for entry in rows if (entry.position or 0) <= last]):
            end = (gone[-1].position or 0, gone[-1].chain or "")
            writing()
            audit.hold_chain()
            self._checkpoint(end, now, forgotten=True)
            audit.forget(end[0])
            commit()
            rows = audit.after(end[0], retention.BATCH)
            rollback()

    def _checkpoint(self, end: tuple[int, str], now: float, forgotten: bool = False) -> None:
        position, value = end
        signature = trail.signature(self._vault, position, value, now, forgotten)
        if position and checkpoints.add_checkpoint(position, value, now, forgotten, signature):
            # A witness outside the database: who removes rows there does not reach the log.
            log.info(
                "audit checkpoint",
                extra={
                    "about": {
                        "position": position,
                        "chain": value,
                        "forgotten": forgotten,
                        "signature": signature,
                    }
                },
            )
