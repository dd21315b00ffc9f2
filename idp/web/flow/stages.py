"""A page a stage. Which one is due is decided elsewhere."""

from collections.abc import Mapping

from idp.flow.methods import METHODS
from idp.web.flow import agreeing, asking, codes, enrolling, signing_in, upstream
from idp.web.flow.codes import show_stopped, typed_stage
from idp.web.flow.stage import Stage, nothing_to_do, nothing_to_show

STAGES: Mapping[str, Stage] = {
    # the page of every second step, where it has none of its own below
    **{one.stage: typed_stage(one) for one in METHODS.values() if one.with_password},
    **signing_in.STAGES,
    **codes.STAGES,
    **enrolling.STAGES,
    **asking.STAGES,
    **agreeing.STAGES,
    **upstream.STAGES,
    "blocked": Stage("flow/blocked.html", nothing_to_show, nothing_to_do),
    "refused": Stage("flow/refused.html", show_stopped, nothing_to_do),
    "link-over": Stage("flow/link_over.html", nothing_to_show, nothing_to_do),
    "link-moved": Stage("flow/link_moved.html", nothing_to_show, nothing_to_do),
    "stopped": Stage("flow/stopped.html", show_stopped, nothing_to_do),
}
