"""What a command loads, what lies beside the program, what its signatures are made of, and what the
package that is handed out holds."""

import base64
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from itsdangerous import BadSignature

from idp.secret import Secret, Vault
from relying_party_demo.app import Cookies
from tests.support.commands import ENVIRON
from tests.support.deployment import Deployment
from tests.support.world import ROOT_SECRET

ROOT = Path(__file__).parent.parent.parent
NOT_PACKED = (".git", ".venv", "var", "node_modules", "build", "dist", "*.egg-info", "__pycache__")
DEMO = re.compile(rb"daisy|lakeside|kepro|acentra", re.IGNORECASE)
LOADED = """
import json, sys
from idp.cli import main
sys.argv = ["idp", *{arguments!r}]
try:
    main()
except SystemExit as ended:
    code = ended.code or 0
print("LOADED", json.dumps([code, sorted(sys.modules)]))
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that this command has loaded when it is done, in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-c", LOADED.format(arguments=list(arguments))],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRON,
        cwd=ROOT,
    )
    mark = said.stdout.rpartition("LOADED ")[2]
    code, modules = json.loads(mark)
    assert code == 0, said.stderr
    return set(modules)


def web_in(modules: set[str]) -> list[str]:
    return [
        name
        for name in modules
        if name.partition(".")[0] in ("flask", "werkzeug", "granian")
        or f"{name}.".startswith(("idp.web.", "idp.app."))
    ]


@pytest.mark.parametrize("command", [("clients", "list"), ("doctor",), ("accounts", "add")])
def test_a_command_that_serves_nobody_loads_no_web(command):
    modules = loaded(*command, "--help")
    assert "idp.cli" in modules and not web_in(modules)


def test_nor_does_one_that_asks_the_database(tmp_path):
    """Not only its help."""
    made = Deployment(tmp_path / "deployment")
    assert not web_in(loaded("--settings", str(made.settings), "clients", "list"))


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md"])
def test_what_a_newcomer_looks_for_is_there(name):
    assert len((ROOT / name).read_text("utf-8").split()) > 50


def parts(signed: str) -> tuple[str, bytes]:
    """What was signed, and the signature."""
    value, _, mark = signed.rpartition(".")
    return value, base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4))


def test_what_leaves_in_addresses_and_cookies_is_signed_by_sha_256(time):
    vault = Vault(ROOT_SECRET)
    value, mark = parts(vault.sign("link", ["one", 2]))
    assert len(mark) == hashlib.sha256().digest_size
    # as itsdangerous makes the key of a signer: salt, "signer", key
    key = hashlib.sha256(b"link" + b"signer" + vault._key("link")).digest()
    assert hmac.compare_digest(mark, hmac.new(key, value.encode(), hashlib.sha256).digest())
    assert vault.read("link", f"{value}.{'A' * 27}") is None, "no mark of SHA-1's length"
    assert vault.read("logo", f"{value}.{'A' * 43}") is None


def test_what_is_older_than_it_may_be_is_refused(time):
    vault = Vault(ROOT_SECRET)
    signed = vault.sign("sign-out", "a question")
    assert vault.read("sign-out", signed, 600) == "a question"
    time.passes(seconds=600)
    assert vault.read("sign-out", signed, 600) == "a question", "to the second"
    time.passes(seconds=2)
    assert vault.read("sign-out", signed, 600) is None
    assert vault.read("sign-out", signed) == "a question", "where no age is given, the row decides"
    assert vault.read("link", signed) is None, "nothing of one purpose is good for another"
    assert Vault(Secret("another-root-secret-" * 3)).read("sign-out", signed) is None


def test_the_portals_cookie_is_signed_by_sha_256_too():
    from flask import Flask

    app = Flask("any")
    app.secret_key = "a-cookie-secret-of-the-tests"
    serializer = Cookies().get_signing_serializer(app)
    assert serializer
    signed = serializer.dumps({"portal": "x"})
    assert len(parts(signed)[1]) == hashlib.sha256().digest_size
    with pytest.raises(BadSignature):
        serializer.loads(signed[:-3] + "AAA")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """The package as `pip wheel` makes it of a copy of this folder, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(*NOT_PACKED))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    made = subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "source")],
        capture_output=True,
        text=True,
        timeout=300,
        env=ENVIRON,
    )
    assert made.returncode == 0, made.stderr
    (found,) = folder.glob("*.whl")
    return zipfile.ZipFile(found)


def test_no_text_of_the_package_names_the_demo(wheel):
    """But for the description of the package, which is the README."""
    names = [name for name in wheel.namelist() if not name.endswith("METADATA")]
    assert names
    assert not [name for name in names if DEMO.search(wheel.read(name))]


def test_the_package_holds_no_file_of_the_demo(wheel):
    names = wheel.namelist()
    assert not [name for name in names if DEMO.search(name.encode())]
    rooms = {name.split("/")[0] for name in names}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"idp"}


def test_the_package_holds_what_the_program_needs(wheel):
    names = set(wheel.namelist())
    source = {
        f"idp/{path.relative_to(ROOT / 'idp').as_posix()}"
        for folder in ("brands", "templates", "static", "translations", "store/migrations")
        for path in (ROOT / "idp" / folder).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".po", ".pot")
    }
    assert len(source) > 100 and source - names == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
