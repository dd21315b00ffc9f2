"""[[upstreams]]: eight lines are enough, and what is wrong with them is said by name."""

import re
import tomllib
from pathlib import Path

import pytest

from idp.cli.init import write_settings
from idp.settings import SettingsError, load
from tests.support.world import DEMO_BRANDS

DOCUMENT = Path(__file__).parents[2] / "docs" / "operating.md"


def eight_lines() -> str:
    """The table as the document for operators has it."""
    block = re.search(r"(?m)^ {7}\[\[upstreams\]\]\n(?: {7}.+\n)+", DOCUMENT.read_text("utf-8"))
    assert block
    return re.sub(r"(?m)^ {7}", "", block[0])


def load_with(tmp_path: Path, table: str, brand: str = "stagedoor", **environ: str):
    path = tmp_path / "idp.toml"
    write_settings(path, "http://localhost:9000", "", "", brand=brand)
    (tmp_path / "acme.secret").write_text("a secret of the company\n")
    path.write_text(path.read_text("utf-8") + table, "utf-8")
    return load(path, environ)


def test_the_eight_lines_of_the_document_are_eight_and_are_all_it_takes(tmp_path):
    lines = eight_lines()
    assert len(lines.strip().splitlines()) == 8
    (found,) = load_with(tmp_path, lines).upstreams
    assert (found.id, found.domains, found.roles) == (
        "acme",
        ("acme.example",),
        {"care-managers": "reviewer"},
    )
    assert found.client_secret.reveal() == "a secret of the company" and "a secret" not in repr(
        found
    )


def test_a_table_without_domains_has_those_of_the_brand(tmp_path):
    table = eight_lines().replace('domains = ["acme.example"]\n', "")
    assert load_with(tmp_path, table, brand=str(DEMO_BRANDS / "kepro.toml")).upstreams[
        0
    ].domains == ("atrezzo.example",)
    with pytest.raises(SettingsError, match=r"upstreams\.acme\.domains: set the email domains"):
        load_with(tmp_path, table)


def test_companies_may_come_from_the_environment(tmp_path):
    table = tomllib.loads(eight_lines())["upstreams"][0]
    inline = "[{" + ", ".join(f"{name} = {_toml(value)}" for name, value in table.items()) + "}]"
    assert load_with(tmp_path, "", IDP_UPSTREAMS=inline).upstreams[0].name == "Acme Health"


def _toml(value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}" = {_toml(one)}' for name, one in value.items()) + "}"
    return str(value).replace("'", '"') if isinstance(value, list) else f'"{value}"'


WRONG = [
    ('id = "acme"', 'id = "Acme Health"', "upstreams.Acme Health.id"),
    ('id = "acme"', "", "upstreams.1.id"),
    ('name = "Acme Health"', "", "upstreams.acme.name: this must be set"),
    (
        'issuer = "https://login.acme.example"',
        'issuer = "http://login.acme.example"',
        "upstreams.acme.issuer: it is not https",
    ),
    (
        'issuer = "https://login.acme.example"',
        'issuer = "http://localhost:9000"',
        "upstreams.acme.issuer: this is our own",
    ),
    ('issuer = "https://login.acme.example"', "issuer = 7", "upstreams.acme.issuer: expected str"),
    ('client_secret_file = "acme.secret"', "", "client_secret_file: set the file"),
    (
        'client_secret_file = "acme.secret"',
        'client_secret_file = "nowhere"',
        "It holds the secret that the company gave us",
    ),
    (
        'domains = ["acme.example"]',
        'domains = ["Acme.example"]',
        "domains: Acme.example is not a domain",
    ),
    ('domains = ["acme.example"]', 'domains = ["@acme.example"]', "is not a domain"),
    (
        'domains = ["acme.example"]',
        'domains = "acme.example"',
        "upstreams.acme.domains: this is a list",
    ),
    (
        'name = "Acme Health"',
        'name = "Acme Health"\nsecret = "x"',
        "upstreams.acme.secret: there is no such setting",
    ),
    ('name = "Acme Health"', 'name = "A"\nalgorithms = ["none"]', "algorithms: none: choose from"),
    (
        'name = "Acme Health"',
        'name = "A"\nalgorithms = ["HS256"]',
        "algorithms: HS256: choose from",
    ),
    ('name = "Acme Health"', 'name = "A"\nalgorithms = []', "algorithms: set at least one"),
    (
        'name = "Acme Health"',
        'name = "A"\nacr = { strong = "phr" }',
        "acr: strong must be mapped to two-step or mfa",
    ),
    ('name = "Acme Health"', 'name = "A"\namr = ["mfa"]', "amr: this is a table"),
    (
        'name = "Acme Health"',
        'name = "A"\nscopes = ["email"]',
        "scopes: openid must be one of them",
    ),
    (
        'name = "Acme Health"',
        'name = "A"\nclient_auth = "tls_client_auth"',
        "client_auth: choose from client_secret_basic",
    ),
    ('name = "Acme Health"', 'name = "A"\nmax_age = 99999', "max_age: 99999 is outside 0 to 86400"),
    (
        '"care-managers" = "reviewer"',
        '"care-managers" = "a role with spaces"',
        "roles: care-managers",
    ),
    ('"care-managers" = "reviewer"', '"care-managers" = ["reviewer"]', "roles: this is a table"),
]


@pytest.mark.parametrize(("line", "instead", "says"), WRONG, ids=[row[2][:40] for row in WRONG])
def test_what_is_wrong_is_said_by_name(tmp_path, line, instead, says):
    with pytest.raises(SettingsError, match=re.escape(says)):
        load_with(tmp_path, eight_lines().replace(line, instead))


def test_two_companies_share_neither_id_nor_domain(tmp_path):
    with pytest.raises(SettingsError, match="id acme is used twice"):
        load_with(tmp_path, eight_lines() * 2)
    with pytest.raises(SettingsError, match=re.escape("domain acme.example is used twice")):
        load_with(
            tmp_path,
            eight_lines()
            + eight_lines().replace('id = "acme"', 'id = "other"').replace("login.", "sign-in."),
        )
    with pytest.raises(
        SettingsError, match=re.escape("issuer https://login.acme.example is used twice")
    ):
        load_with(
            tmp_path,
            eight_lines()
            + eight_lines()
            .replace('id = "acme"', 'id = "other"')
            .replace('"acme.example"', '"other.example"'),
        )


def test_upstreams_are_tables(tmp_path):
    path = tmp_path / "idp.toml"
    write_settings(path, "http://localhost:9000", "", "")
    path.write_text("upstreams = 'acme'\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(SettingsError, match="upstreams: these are tables"):
        load(path, {})


OUTBOUND = [
    ("allow = ['10.2.0.0/99']", "outbound.allow"),
    ("allow = ['https://x']", "outbound.allow"),
    ("ca_file = 'nowhere'", "outbound.ca_file"),
]


@pytest.mark.parametrize(("key", "says"), OUTBOUND)
def test_what_may_be_fetched_is_checked_too(tmp_path, key, says):
    path = tmp_path / "idp.toml"
    write_settings(path, "http://localhost:9000", "", "")
    text = path.read_text("utf-8")
    path.write_text(re.sub(rf"(?m)^# {key.split()[0]} = .*$", key, text), "utf-8")
    with pytest.raises(SettingsError, match=says):
        load(path, {})


def test_employees_alone_may_be_all_there_is_and_then_their_proof_must_be_accepted(tmp_path):
    path = tmp_path / "idp.toml"
    (tmp_path / "acme.secret").write_text("a secret of the company\n")
    write_settings(path, "http://localhost:9000", "", "", sign_in={"options": []})
    path.write_text(path.read_text("utf-8") + eight_lines(), "utf-8")
    assert load(path, {}).options == ("employee",)
    write_settings(
        path,
        "http://localhost:9000",
        "",
        "",
        sign_in={"options": ["email"], "accepted": [["password", "email_code"]]},
    )
    path.write_text(path.read_text("utf-8") + eight_lines(), "utf-8")
    with pytest.raises(SettingsError, match="the option employee leads to no accepted set"):
        load(path, {})
