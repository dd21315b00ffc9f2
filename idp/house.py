"""The parts put together, without the web: what `idp serve` and every command stand on."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from idp.factors.email_code import AddressCode, EmailCode, RecoveryCode
from idp.factors.mailed_link import MailedLink
from idp.factors.password import Password
from idp.factors.phone import Spending
from idp.factors.phone_call import PhoneCall
from idp.factors.phone_code import NumberCode, PhoneCode
from idp.factors.sent_code import SentCode
from idp.factors.upstream import Companies
from idp.oauth.clients import Registry
from idp.oauth.keys import Keyring
from idp.oauth.logout_notices import LogoutNotices
from idp.oauth.server import Server
from idp.operations.notices import Notices as OperationsNotices
from idp.outbound import Outbound
from idp.secret import Vault
from idp.settings import Settings, database_url
from idp.store import database, rollback
from idp.visit import Calls, Deeds, Employees, Ending, Enrolling, Links, Proofs, Recovering, Registering, Standing, Visits
from idp.visit.notices import Notices

EXTENSION = "stagedoor"


@dataclass(frozen=True)
class House:
    """The parts that a request or a command may call, put together once a process."""

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
    told: OperationsNotices
    logout_notices: LogoutNotices


class Synchronous(Flask):
    """Flask looks at each view and hook of each request for whether it is a coroutine. None of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def built(settings: Settings, patient: bool = False) -> Flask:
    """An application that holds the house and its database, and answers nothing. `patient` is for commands, which no person's request
    waits for: statements and locks take the time that they need."""
    app = Synchronous("idp", static_url_path="/static")
    house = app.extensions[EXTENSION] = furnished(settings)
    where = settings.database
    timeouts = (60, 0) if patient else (where.lock_timeout, where.statement_timeout)
    database.init(app, database_url(where.url), where.pool, *timeouts)
    house.keyring.background = lambda work: threading.Thread(target=_in_context, args=(app, work), daemon=True).start()
    return app


def house_of(app: Flask) -> House:
    found: House = app.extensions[EXTENSION]
    return found


def _in_context(app: Flask, work: Callable[[], None]) -> None:
    """Work that no request waits for, with a connection of its own."""
    with app.app_context():
        work()


def furnished(settings: Settings) -> House:
    """The parts that requests call, put together."""
    vault = Vault(settings.root)
    registry, keyring = Registry(settings.issuer, vault), Keyring(settings, vault)
    server = Server(settings, registry, keyring)
    outbound = Outbound(settings.outbound.allow, settings.mode != "production", settings.outbound.ca_file)
    spending, password, notices, mailed_link = Spending(settings), Password(settings, vault), Notices(vault), MailedLink(settings, vault)
    by_mail = (EmailCode(settings, vault), RecoveryCode(settings, vault), AddressCode(settings, vault))
    by_text = (PhoneCode(settings, vault, spending), NumberCode(settings, vault, spending))
    sent_codes: dict[str, SentCode] = {one.METHOD: one for one in (*by_mail, *by_text)}
    phone_call = PhoneCall(settings, vault, spending)

    def sign(claims: dict[str, Any], alg: str, typ: str, now: float) -> str:
        """For a company; looking for the key was all that the database is needed for, and the request that follows takes its time."""
        made = keyring.sign(claims, alg, typ, now)
        rollback()
        return made

    companies = Companies(settings, vault, outbound, sign)
    visits, enrolling = Visits(settings, vault, server, sent_codes), Enrolling(settings, password, notices)

    def brand_of(client_id: str) -> str:
        client = registry.get(client_id)
        return settings.brand_of(client.brand if client else None).id

    return House(
        settings,
        vault,
        registry,
        keyring,
        server,
        visits,
        Proofs(vault, password, sent_codes, phone_call, enrolling, notices),
        Calls(vault, phone_call, brand_of),
        Ending(settings, server, notices),
        Deeds(visits, enrolling),
        enrolling,
        Registering(settings, vault, mailed_link, notices),
        Recovering(password, mailed_link, notices),
        Links(mailed_link, visits),
        Employees(settings.lifetimes, vault, companies, notices),
        Standing(vault, companies),
        mailed_link,
        OperationsNotices(settings, vault),
        LogoutNotices(settings.issuer, registry, keyring, outbound),
    )
