"""The journeys drawn: what docs/flow.md holds, made from the tables themselves."""

import ast
import inspect
from collections.abc import Mapping
from functools import cache

from idp.flow.journeys import JOURNEYS, LEADS_TO, PURPOSES
from idp.flow.methods import METHODS, SECOND_STEPS, SET_UP_METHODS
from idp.flow.questions import Question

HEAD = """# The journeys

Made from the tables in `idp/flow/journeys.py` by `idp flow --markdown`; `make check` compares. After every answer a
journey is read from the top, and the first open question is the next page. When none is open, the client gets its code.
Cancel leads back to the login options from every page, and from there back to the client.

"""


# the methods of questions that ask for the page of a method
BY_METHOD: Mapping[str, tuple[str, ...]] = {
    "identity_unproven": ("password", "upstream"),
    "proof_too_weak": ("password", *(second for _, second in SECOND_STEPS), "upstream_mfa"),
    "factor_unverified": tuple(one for names in SET_UP_METHODS.values() for one in names),
}


def says(question: Question) -> str:
    """What is so while a question is open."""
    return " ".join((inspect.getdoc(question) or "").split())


@cache
def pages_of(question: Question) -> tuple[str, ...]:
    """The pages that a question may lead to, read from its own text; `client` where it ends there,
    `kept` where something is done."""
    found: list[str] = []
    for node in ast.walk(ast.parse(inspect.getsource(question))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        first = node.args[0] if node.args else None
        if node.func.id == "Ask":
            worked_out = [METHODS[one].stage for one in BY_METHOD.get(question.__name__, ())]
            found += [str(first.value)] if isinstance(first, ast.Constant) else worked_out
        elif node.func.id == "Refuse":
            found.append("client")
        elif node.func.id == "Do":
            found.append("kept")
    return tuple(dict.fromkeys(found))


def markdown() -> str:
    """The whole page."""
    parts = [HEAD, "## How they lead to one another\n\n", _map()]
    for name, questions in JOURNEYS.items():
        parts += [
            f"\n## {name}: {PURPOSES[name]}\n\n",
            "| | question | page | while it is open |\n|---|---|---|---|\n",
        ]
        parts += [
            f"| {n} | `{one.__name__}` | {', '.join(pages_of(one))} | {says(one)} |\n"
            for n, one in enumerate(questions, 1)
        ]
        parts += ["\n", _diagram(questions)]
    return "".join(parts)


def _map() -> str:
    """Which journeys begin on which page of which others."""
    lines = ["```mermaid\nflowchart LR\n"]
    for name, questions in JOURNEYS.items():
        pages = {page for one in questions for page in pages_of(one)}
        for page, others in LEADS_TO.items():
            begun_here = (
                page in pages and page != "email-verified" and (name != "enrol" or page == "login")
            )
            lines += [
                f"  {name} -- {page} --> {other}\n"
                for other in others
                if begun_here and other != name
            ]
    lines += [
        "  reset & forgot & complete & register -- emailed link --> enrol\n",
        "  sign-in & enrol & recover -- code --> client([client])\n",
        "```\n",
    ]
    return "".join(lines)


def _diagram(questions: tuple[Question, ...]) -> str:
    lines = ["```mermaid\nflowchart TD\n"]
    for one, following in zip(
        questions, [*(other.__name__ for other in questions[1:]), "code"], strict=True
    ):
        name = one.__name__
        lines += [
            f'  {name}{{{{"{name.replace("_", " ")}"}}}} -- open --> '
            f'{name}_{page.replace("-", "_")}["{page}"]\n'
            for page in pages_of(one)
        ]
        lines += [] if _always_open(one) else [f"  {name} -- closed --> {following}\n"]
    lines += [] if _always_open(questions[-1]) else ['  code(["code"])\n']
    return "".join([*lines, "```\n"])


def _always_open(question: Question) -> bool:
    return "None" not in inspect.getsource(question).split('"""')[-1]
