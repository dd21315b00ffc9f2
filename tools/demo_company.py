"""The company of the demo: a second instance of this program, with settings, database and brand of
its own."""

import tomllib
from pathlib import Path
from typing import Any

from idp import clock, store
from idp.cli.init import write_settings
from idp.house import built
from idp.operations import accounts, clients, employees, keys
from idp.settings import load
from idp.store import accounts as account_rows
from idp.store import migrate

CLIENT_ID = "atrezzo-sign-in"
SECRET = "company-client.secret"  # the file beside the settings of both
# one way and nothing to remember: no options page
WITH_CODE = {
    "options": ["email"],
    "accepted": [["password", "email_code"], ["email_code", "recovery"]],
}
LEVELS = {"urn:stagedoor:acr:two-step": "two-step", "urn:stagedoor:acr:mfa": "mfa"}


def read(data: Path) -> dict[str, Any]:
    return tomllib.loads((data / "company.toml").read_text("utf-8-sig"))


def prepare(data: Path, var: Path, port: int, actor: str, provider: str, name: str) -> Path:
    """The company's provider on this port, which knows ours as a client; its settings file. The
    company is called by the look of the portal, whose employees it has."""
    path, company, upstream = (
        var / "company.toml",
        read(data),
        f"{provider}/upstream/{read(data)['provider']['id']}",
    )
    look = var / "company-brand.toml"
    text = (data / "company-brand.toml").read_text("utf-8-sig")
    look.write_text(text.replace(company["provider"]["name"], name), "utf-8")
    write_settings(
        path,
        f"http://localhost:{port}",
        "",
        "",
        mode="demo",
        brand=str(look),
        portal_url=provider,
        sign_in=WITH_CODE,
    )
    house = built(load(path))
    with house.working():
        migrate.upgrade()
        store.writing()
        keys.ensure(clock.now(), actor, house.keyring)
        for one in company["accounts"]:
            if not account_rows.by_username(one["username"]):
                person = (one["username"], one["email"], one["given_name"], one["family_name"])
                accounts.add(
                    clock.now(), actor, *person, new_password=one["password"], enrolled=True
                )
                employees.set_roles(clock.now(), actor, one["username"], one["roles"])
        addresses = {
            "redirect_uris": [f"{upstream}/callback"],
            "post_logout_redirect_uris": [f"{upstream}/signed-out"],
            "initiate_login_uri": provider,
        }
        if CLIENT_ID not in {client.id for client in clients.listed()}:
            about = {"client_name": "Atrezzo portal sign-in", **addresses}
            made = clients.add(clock.now(), actor, house.vault, about, client_id=CLIENT_ID)
            (var / SECRET).write_text(made["client_secret"], "utf-8")
            (var / SECRET).chmod(0o600)
        clients.update(clock.now(), actor, CLIENT_ID, addresses)
        store.commit()
    return path


def upstream(data: Path, port: int, name: str) -> dict[str, Any]:
    """The table [[upstreams]] by which our provider knows it."""
    company = read(data)["provider"]
    return {
        "id": company["id"],
        "name": name,
        "issuer": f"http://localhost:{port}",
        "client_id": CLIENT_ID,
        "client_secret_file": SECRET,
        "domains": [company["domain"]],
        "scopes": ["openid", "profile", "email", "roles"],
        "roles": company["roles"],
        "acr": LEVELS,
    }
