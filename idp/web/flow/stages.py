"""A page a stage. Which one is due is decided elsewhere."""

from collections.abc import Mapping

from idp.web.flow import agreeing, asking, codes, enrolling, signing_in, upstream
from idp.web.flow.codes import show_stopped
from idp.web.flow.stage import Stage, nothing_to_do, nothing_to_show

STAGES: Mapping[str, Stage] = {
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
