"""Some editors begin a file with a byte order mark, which no one sees: in no file that people write
or save does it make a difference."""

import json
import shutil
from pathlib import Path

import pytest
import requests
from joserfc.jwk import ECKey

from idp.brand import load_brand
from idp.cli.init import write_settings
from idp.settings import load
from relying_party_demo.app import application
from tests.support.commands import idp, told
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.world import DEMO_BRANDS, served

MARK = b"\xef\xbb\xbf"
COMPANY = """
[[upstreams]]
id = "acme"
name = "Acme Health"
issuer = "https://login.acme.example"
client_id = "our-id-there"
client_secret_file = "acme.secret"
domains = ["acme.example"]
"""


def marked(path: Path) -> Path:
    """The same file, saved by such an editor."""
    assert not path.read_bytes().startswith(MARK)
    path.write_bytes(MARK + path.read_bytes())
    return path


@pytest.fixture
def brand(tmp_path) -> Path:
    """A copy of a brand of the demo, which an operator has edited."""
    shutil.copytree(DEMO_BRANDS, tmp_path / "brands")
    return marked(tmp_path / "brands" / "kepro.toml")


@pytest.mark.parametrize("name", ["kepro.toml", "acentra.toml"])
def test_a_brand_is_the_same(tmp_path, name):
    shutil.copytree(DEMO_BRANDS, tmp_path / "brands")
    before = load_brand(name, tmp_path / "brands")
    marked(tmp_path / "brands" / name)
    assert load_brand(name, tmp_path / "brands") == before and before.id == name[:-5]


def test_a_deployment_starts_with_a_brand_and_settings_of_such_an_editor(deployment, brand):
    deployment.set("brand", f'"{brand}"')
    marked(deployment.settings)
    assert deployment.wrong() == {}
    deployment.serve()
    person = Person(f"http://localhost:{deployment.port}").open("/help")
    assert "Kepro" in person.page.text and "brands/kepro/kepro.css" in person.page.html


def test_the_portal_starts_with_a_file_of_such_an_editor(world, tmp_path, monkeypatch):
    port = free_port()
    base = f"http://localhost:{port}"
    made = world.add_client("Atrezzo portal", f"{base}/callback", start_url=f"{base}/login")
    about = {
        "issuer": world.issuer,
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "base_url": base,
        "cookie_secret": "a-cookie-secret-of-the-tests",
        "database": str(tmp_path / "portal.sqlite"),
    }
    file = tmp_path / "portal.toml"
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in about.items()))
    monkeypatch.setenv("PORTAL_SETTINGS", str(marked(file)))
    with served(application(), port):
        answer = requests.get(f"{base}/login", allow_redirects=False, timeout=30)
    assert answer.is_redirect and made["client_id"] in answer.headers["Location"]


def test_the_secret_of_a_company_is_what_the_company_gave(tmp_path):
    path, secret = tmp_path / "idp.toml", tmp_path / "acme.secret"
    write_settings(path, "http://localhost:9000", "", "")
    path.write_text(path.read_text("utf-8") + COMPANY, "utf-8")
    secret.write_text("a secret of the company\r\n")
    marked(secret)
    (found,) = load(path, {}).upstreams
    assert found.client_secret.reveal() == "a secret of the company"


def test_the_root_secret_is_the_same(tmp_path):
    """With a mark in it every sealed value and every signature would be another one's."""
    path = tmp_path / "idp.toml"
    write_settings(path, "http://localhost:9000", "", "")
    before = load(path, {})
    marked(tmp_path / before.secret_file)
    assert load(path, {}).root.reveal() == before.root.reveal()


def test_an_exported_trail_is_intact_after_it_was_saved_again(deployment, tmp_path):
    file = tmp_path / "trail.jsonl"
    file.write_text(idp(deployment.settings, "audit", "export").stdout, "utf-8")
    before = told(deployment.settings, "audit", "verify", str(file))
    assert before["rows"] > 0 and before["checkpoints"] > 0 and not before["fault"]
    marked(file)
    assert told(deployment.settings, "audit", "verify", str(file)) == before
    lines = file.read_text("utf-8-sig").splitlines(keepends=True)
    file.write_bytes(MARK + "".join([lines[0], *lines[2:]]).encode())
    said = idp(deployment.settings, "audit", "verify", str(file))
    assert said.returncode == 1 and "Not intact" in said.stdout, "and what is missing is missed"


def test_a_clients_public_keys_are_read(deployment, tmp_path):
    """Which its developer has sent as a file."""
    keys = {"keys": [ECKey.generate_key("P-256", {"kid": "1"}).as_dict(private=False)]}
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(keys))
    added = idp(
        deployment.settings,
        *("clients", "add", "Desk", "--redirect-uri", "https://desk.example/cb"),
        *("--auth-method", "private_key_jwt", "--jwks", str(marked(file))),
    )
    assert added.returncode == 0, added.stderr
