"""Who may do what in the house, read from the syntax tree; import-linter keeps the order of the
rooms."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent / "idp"
FILES = sorted(path for path in ROOT.rglob("*.py") if "versions" not in path.parts)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, whole."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0].removesuffix(".py")


def users_of(*modules: str) -> set[str]:
    return {
        room(path)
        for path in FILES
        if any(
            name == module or name.startswith(module + ".")
            for name in imports(path)
            for module in modules
        )
    }


def callers_of(*names: str) -> set[str]:
    """Rooms whose code calls something of these dotted names."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                found.add(str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize(
    "path", [path for path in FILES if room(path) == "flow"], ids=lambda path: path.stem
)
def test_flow_imports_the_standard_library_alone(path):
    for name in imports(path):
        assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("idp.flow")


def test_the_time_comes_from_the_clock_alone():
    # web and cli only write times for people; a brand's terms have a day
    assert users_of("time", "datetime") <= {"clock", "web", "cli", "brand"}
    assert callers_of("time.time", "datetime.now", "datetime.utcnow", "time.monotonic") <= {
        "clock.py"
    }


def test_statements_are_written_in_the_store_alone():
    named = {f"sqlalchemy.{name}" for name in ("select", "update", "insert", "delete")}
    assert {room(path) for path in FILES if imports(path) & named} == {"store"}


def test_commits_are_made_by_pages_commands_and_the_outbox_worker_alone():
    places = callers_of("store.commit", "commit", "work.connection.commit")
    assert {place for place in places if not place.startswith(("web/", "cli/"))} == {
        "delivery/worker.py",
        "store/database.py",
    }


def test_each_library_has_its_room():
    assert users_of("flask") <= {"app", "cli", "web"}
    assert users_of("flask_sqlalchemy") == {"app"}
    assert users_of("flask_babel") == {"web"}
    assert users_of("authlib") == {"oauth"}
    assert users_of("joserfc") == {"oauth", "factors", "jws"}
    assert callers_of("jwt.decode", "jws.deserialize_compact") == {"jws.py"}, (
        "one reader for whatever comes in"
    )
    assert {
        path.parent.name
        for path in FILES
        if room(path) == "factors" and any(name.startswith("joserfc") for name in imports(path))
    } == {"upstream"}
    # whoever asks other servers does so by outbound; the doctor asks our own
    assert users_of("requests", "urllib3") <= {"outbound", "operations"}
    assert users_of("click", "rich", "granian") == {"cli"}
    assert users_of("smtplib") == {"delivery"}
    assert users_of("flask_limiter") == {"web"}
    assert users_of("phonenumbers") == {"factors", "phone_numbers"}
    assert users_of("prometheus_client") == {"metrics"}
    assert users_of("pydantic") == {"web"}


def test_strangers_meet_only_in_visit():
    for path in FILES:
        names = imports(path)
        if room(path) in ("factors", "oauth"):
            other = {"factors": "idp.oauth", "oauth": "idp.factors"}[room(path)]
            assert not any(name.startswith(other) for name in names), path


def test_every_module_opens_with_a_sentence_and_none_is_too_long():
    for path in FILES:
        text = path.read_text("utf-8")
        assert ast.get_docstring(ast.parse(text)), path
        assert text.count("\n") <= 300, path


def test_the_portal_knows_nothing_of_the_provider():
    for path in (ROOT.parent / "relying_party_demo").rglob("*.py"):
        assert not any(name.split(".")[0] == "idp" for name in imports(path))


def test_nothing_is_left_to_do():
    for path in [*FILES, *ROOT.rglob("*.html"), *ROOT.rglob("*.js")]:
        text = path.read_text("utf-8")
        assert "TODO" not in text and "FIXME" not in text, path


def test_sessions_end_where_clients_are_told_of_it():
    enders = callers_of("sessions.end", "sessions.end_all", "sessions.end_of_upstream")
    assert enders == {"store/endings.py"}
