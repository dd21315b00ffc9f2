"""Settings: every key documented and bounded; a weak or half-configured deployment does not
start."""

import shutil
from pathlib import Path

import pytest

from idp.brand import load_brand
from idp.cli.init import write_settings
from idp.operations.doctor_settings import of_settings
from idp.settings import SettingsError, load, read, template
from tests.support.world import DEMO_BRANDS

ROOT = Path(__file__).parent.parent.parent


def written(folder, text="", **more):
    path = folder / "idp.toml"
    write_settings(path, "http://localhost:9000", "", "")
    path.write_text(text or path.read_text("utf-8"), "utf-8")
    return path


SECRET = "secret_file = 'idp.secret'\nmode = 'development'\ninbox = true\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "issuer = 'http://login.example.org'\nsecret_file='idp.secret'\nmail.host='x'",
            "issuer: http is allowed for localhost only",
        ),
        (
            "issuer = 'https://login.example.org/'\nsecret_file='idp.secret'\nmail.host='x'",
            "issuer: write scheme and host in lowercase",
        ),
        (
            "issuer = 'https://login.example.org'\n" + SECRET,
            "a public issuer must use mode production",
        ),
        (
            "mode = 'production'\ninbox = true\nsecret_file='idp.secret'",
            "inbox: the inbox is allowed only in mode development or demo",
        ),
        ("secret_file='idp.secret'", "mail.host: set an SMTP server"),
        (
            "issuer = 'https://login.example.org:443'\nsecret_file='idp.secret'\nmail.host='x'",
            "issuer: write scheme",
        ),
        (
            "issuer = 'https://Login.example.org'\nsecret_file='idp.secret'\nmail.host='x'",
            "issuer: write scheme",
        ),
        (
            "issuer = 'https://user@login.example.org'\nsecret_file='idp.secret'\nmail.host='x'",
            "issuer: write scheme",
        ),
        ("issuer = 'http://localhost:abc'\n" + SECRET, "issuer: write scheme"),
        (SECRET + "server.host = '0.0.0.0'", "inbox and server.host"),
        (
            "secret_file='idp.secret'\nmail.host='mail.example.org'\nmail.starttls=false",
            "mail.starttls",
        ),
        (SECRET + "mode_ = 'x'", "mode_: there is no such setting"),
        (SECRET + "[lifetimes]\nsession = 5", "lifetimes.session: 5 is outside 300 to 86400"),
        (SECRET + "[lifetimes]\nsession = '5'", "lifetimes.session: expected int"),
        (SECRET + "[lifetimes]\nsession = true", "lifetimes.session: expected int"),
        (SECRET + "server = 5", "server: this is a section"),
        (SECRET + "nodes = 2", "nodes: more than one machine cannot share SQLite"),
        (SECRET + "brand = 'nobody'", "brand: nobody cannot be read"),
        (SECRET + "[sign_in]\noptions = ['carrier-pigeon']", "sign_in.options"),
        (SECRET + "[sign_in]\noptions = []", "sign_in.options"),
        (SECRET + "[sign_in]\naccepted = [[]]", "sign_in.accepted"),
        (SECRET + "[sign_in]\naccepted = []", "no one could sign in"),
        ("issuer = ", "is not valid TOML"),
        (SECRET.replace("idp.secret", "nowhere"), "secret_file"),
    ],
)
def test_what_would_be_unsafe_or_unfinished_is_refused_by_name(tmp_path, text, says):
    with pytest.raises(SettingsError, match=says.replace("(", "\\(")):
        load(written(tmp_path, text), {})


def test_a_weak_root_secret_is_refused(tmp_path):
    path = written(tmp_path)
    (tmp_path / "idp.secret").write_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    with pytest.raises(SettingsError, match="weak"):
        load(path, {})


def test_any_key_also_comes_from_the_environment(tmp_path):
    environ = {
        "IDP_LIFETIMES_SESSION": "7200",
        "IDP_INBOX": "true",
        "IDP_BRAND": str(DEMO_BRANDS / "kepro.toml"),
        "IDP_SIGN_IN_WAYS": '["email"]',
        "DATABASE_URL": "postgres://u:p@db/x",
    }
    settings = load(written(tmp_path), environ)
    assert settings.lifetimes.session == 7200
    assert settings.database.url == "postgres://u:p@db/x"


def test_an_unknown_variable_is_refused_like_an_unknown_key(tmp_path):
    with pytest.raises(SettingsError, match="IDP_LIFETIMES_SESION: there is no such setting"):
        load(written(tmp_path), {"IDP_LIFETIMES_SESION": "3", "IDP_SETTINGS": "x"})


def test_a_relative_database_file_lies_beside_the_settings(tmp_path):
    assert load(written(tmp_path), {}).database.url == f"sqlite:///{tmp_path}/idp.sqlite"


def test_the_root_secret_is_for_its_owner_only_and_never_printed(tmp_path):
    settings = load(written(tmp_path), {})
    assert (tmp_path / "idp.secret").stat().st_mode & 0o077 == 0
    assert settings.root.reveal() not in repr(settings) + str(settings.root)


def test_the_documented_file_is_what_the_program_reads():
    assert (ROOT / "config" / "idp.toml").read_text("utf-8") == template()


def test_a_section_by_its_old_name_is_read_until_the_next_release(tmp_path):
    (tmp_path / "idp.secret").write_text("s" * 64)
    (tmp_path / "idp.toml").write_text(
        'issuer = "http://localhost:9000"\nmode = "development"\n[edge]\nvisits = 40\n'
    )
    environ = {"IDP_EDGE_FORMS": "70"}
    settings = read(tmp_path / "idp.toml", environ)
    assert (settings.rate_limits.visits, settings.rate_limits.forms) == (40, 70)
    findings = [one.says for one in of_settings(settings, tmp_path / "idp.toml")]
    assert any("[edge] is now named [rate_limits]" in says for says in findings)


def test_keys_and_methods_by_their_old_names_are_read_until_the_next_release(tmp_path):
    (tmp_path / "idp.secret").write_text("s" * 64)
    (tmp_path / "idp.toml").write_text(
        'issuer = "http://localhost:9000"\nmode = "development"\n'
        '[sign_in]\nways = ["phone", "email"]\n'
        'accepted = [["password", "keyed_call"], ["password", "phone_call"], ["remembered"]]\n'
    )
    environ = {"IDP_LIFETIMES_REMEMBERED": "7200"}
    settings = read(tmp_path / "idp.toml", environ)
    assert settings.sign_in.options == ("phone", "email")
    assert settings.sign_in.accepted == (
        ("password", "voice_code"),
        ("password", "voice_confirm"),
        ("trusted_device",),
    )
    assert settings.lifetimes.trusted_device == 7200
    says = [one.says for one in of_settings(settings, tmp_path / "idp.toml")]
    for before, now in (
        ("sign_in.ways", "sign_in.options"),
        ("keyed_call", "voice_code"),
        ("remembered", "trusted_device"),
        ("IDP_LIFETIMES_REMEMBERED", "IDP_LIFETIMES_TRUSTED_DEVICE"),
    ):
        assert any(f"{before} is now named {now}" in one for one in says), before
    (tmp_path / "idp.toml").write_text('issuer = "http://localhost:9000"\n')
    for accepted in ('[["password", "keyed_call"]]', "[['password', 'keyed_call']]"):
        found = read(tmp_path / "idp.toml", {"IDP_SIGN_IN_ACCEPTED": accepted})
        assert found.sign_in.accepted == (("password", "voice_code"),)
        assert ("keyed_call", "voice_code") in found.old_names


def test_both_names_of_a_section_at_once_are_refused(tmp_path):
    (tmp_path / "idp.secret").write_text("s" * 64)
    (tmp_path / "idp.toml").write_text("[edge]\nvisits = 40\n[rate_limits]\nforms = 50\n")
    with pytest.raises(SettingsError, match="edge is the old name of rate_limits"):
        read(tmp_path / "idp.toml", {})


def test_a_brand_by_its_old_key_is_read_until_the_next_release(tmp_path):
    shipped = Path("idp/brands/stagedoor.toml").read_text()
    for name in ("stagedoor.css", "stagedoor.svg"):
        shutil.copy(Path("idp/brands") / name, tmp_path)
    (tmp_path / "ours.toml").write_text(shipped.replace("color =", "colour ="))
    assert load_brand("ours.toml", tmp_path).color == load_brand("stagedoor").color
