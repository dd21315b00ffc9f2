"""Ways to prove an identity, one file each. A factor obtains a proof; what it is worth is the
flow's business."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """Why a try or a send gave nothing. `reason` is a key of web/flow/words; `seconds` how long to
    wait; `also` what else is wrong with the same form; `elsewhere` that it is said on the page that
    is due then, whichever that is."""

    reason: str
    seconds: int = 0
    also: "tuple[FieldError, ...]" = ()
    elsewhere: bool = False


@dataclass(frozen=True)
class Recipient:
    """Whom a code goes to. `subject` is an account's id, or stands for an address that no one has;
    `target` is what is counted: the address folded, the number as E.164. Of a silent one no message
    leaves, and all else is the same."""

    subject: str
    target: str
    address: str  # the same as the carrier takes it
    name: str = ""
    silent: bool = False
    # the kind of message that leaves in the code's place, to the owner of an address that is taken
    instead: str = ""


@dataclass(frozen=True)
class Cause:
    """What a message is sent for: the interaction, its reference, and in which words."""

    interaction_id: str
    reference: str
    locale: str
    brand: str
    # a fingerprint of where it is asked for: what one network has sent is counted together
    network: str = ""


ALREADY = FieldError(
    "already"
)  # a second click: what it asks for is under way, and nothing is wrong


class Busy(Exception):
    """Too much work at once; the visitor is answered 503 and may try again."""
