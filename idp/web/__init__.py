"""HTTP: read the request, call the house, answer. The only room, with the CLI, that commits."""

from dataclasses import dataclass

from flask import Flask, current_app

from idp.factors.mailed_link import MailedLink
from idp.oauth.clients import Registry
from idp.oauth.keys import Keyring
from idp.oauth.logout_notices import LogoutNotices
from idp.oauth.server import Server
from idp.operations.notices import Notices
from idp.secret import Vault
from idp.settings import Settings
from idp.visit import Calls, Deeds, Employees, Ending, Enrolling, Links, Proofs, Recovering, Registering, Standing, Visits
from idp.web.counted import Counted


@dataclass(frozen=True)
class House:
    """The parts that a request may call, put together once by `create_app`."""

    settings: Settings
    vault: Vault
    registry: Registry
    keyring: Keyring
    server: Server
    visits: Visits
    proofs: Proofs
    calls: Calls
    ending: Ending
    deeds: Deeds
    enrolling: Enrolling
    registering: Registering
    recovering: Recovering
    links: Links
    employees: Employees
    standing: Standing
    mailed_link: MailedLink
    told: Notices
    counted: Counted
    logout_notices: LogoutNotices


def open_house(app: Flask, house: House) -> None:
    app.extensions["stagedoor"] = house


def house() -> House:
    found: House = current_app.extensions["stagedoor"]
    return found
