"""Ways to prove an identity, one file each. A factor obtains a proof; what it is worth is the flow's business."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """Why a try or a send gave nothing. `reason` is a key of web/flow/words; `seconds` how long to wait."""

    reason: str
    seconds: int = 0


ALREADY = Trouble("already")  # a second click: what it asks for is under way, and nothing is wrong


class Busy(Exception):
    """Too much work at once; the visitor is answered 503 and may try again."""
