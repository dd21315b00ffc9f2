"""The states of the page for the code or call to the phone."""

from typing import Any

from idp.factors.sent_code import Sent
from idp.factors.voice import Call
from idp.web.gallery.samples import NUMBER, PHONE


def phone_states() -> dict[str, tuple[str, dict[str, Any]]]:
    """By name: the stage, and what it shows."""
    return {
        "phone": ("phone", PHONE),
        "phone-before": ("phone", {**PHONE, "old_phone": True, "offers": []}),
        "phone-step-up": (
            "phone",
            {**PHONE, "asked_by": "Example app", "purpose": "reset a registration"},
        ),
        "phone-after-star": ("phone", {**PHONE, "call_refused": True, "next_call": 3180}),
        "phone-sent": (
            "phone",
            {
                **PHONE,
                "showing": "code",
                "sent": Sent(True, 280, False, False, 12, 0),
                "next_send": 12,
            },
        ),
        "phone-calling": (
            "phone",
            {**PHONE, "showing": "call", "call": Call("ringing", "417", 30, 0)},
        ),
        "phone-calling-texted": (
            "phone",
            {
                **PHONE,
                "showing": "call",
                "call": Call("ringing", "417", 30, 0),
                "enterable": True,
            },
        ),
        "phone-texted-no_answer": (
            "phone",
            {
                **PHONE,
                "showing": "code",
                "sent": Sent(True, 240, False, False, 0, 0),
                "call": Call("no_answer", None, 21, 0),
                "next_call": 21,
                "enterable": True,
            },
        ),
        "phone-calling-bare": (
            "phone",
            {**PHONE, "showing": "call", "call": Call("ringing", None, 30, 0)},
        ),
        **{
            f"phone-{state}": (
                "phone",
                {**PHONE, "call": Call(state, None, 21, 0), "next_call": 21},
            )
            for state in ("no_answer", "busy", "machine", "wrong", "failed")
        },
        "phone-registering": (
            "phone",
            {
                **NUMBER,
                "showing": "code",
                "sent": Sent(True, 280, False, False, 12, 0),
                "next_send": 12,
            },
        ),
        "phone-registering-refused": (
            "phone",
            {**NUMBER, "call": Call("refused", None, 3600, 0), "next_call": 3600},
        ),
        "phone-recovering": ("phone", {**PHONE, "recovering": True, "offers": []}),
    }
