"""The parts put together, without the web and without Flask: what the application and every command
stand on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from idp.factors.mailed_link import MailedLink
from idp.factors.table import Factors
from idp.factors.upstream import Upstreams
from idp.oauth.clients import Registry
from idp.oauth.keys import Keyring
from idp.oauth.logout_notices import LogoutNotices
from idp.oauth.server import Server
from idp.operations.notices import OperationsNotices
from idp.outbound import Outbound
from idp.secret import Vault
from idp.settings import Settings, database_url
from idp.store import database, engines, rollback
from idp.visit import (
    Calls,
    Choices,
    Deeds,
    Employees,
    Ending,
    Enrolling,
    Links,
    Proofs,
    Recovering,
    Registering,
    SettingUp,
    Standing,
    Visits,
)
from idp.visit.notices import Notices


@dataclass(frozen=True)
class House:
    """The parts that a request or a command may call, put together once a process."""

    settings: Settings
    engine: Engine
    vault: Vault
    registry: Registry
    keyring: Keyring
    server: Server
    visits: Visits
    choices: Choices
    proofs: Proofs
    calls: Calls
    ending: Ending
    deeds: Deeds
    enrolling: Enrolling
    setting_up: SettingUp
    registering: Registering
    recovering: Recovering
    links: Links
    employees: Employees
    standing: Standing
    mailed_link: MailedLink
    operations_notices: OperationsNotices
    logout_notices: LogoutNotices

    @contextmanager
    def working(self) -> Iterator[None]:
        """A unit of work at the database, for the length of a block."""
        with database.working(self.engine):
            yield


def built(settings: Settings, patient: bool = False) -> House:
    """The house on a database engine of its own, for commands. `patient` ones keep no request
    waiting: their statements and locks take the time that they need."""
    return furnished(
        settings,
        engines.opened(
            database_url(settings.database.url),
            settings.database.pool,
            *timeouts(settings, patient),
        ),
    )


def timeouts(settings: Settings, patient: bool = False) -> tuple[int, int]:
    """Seconds that a lock may be waited for and that a statement may take; 0 is no bound."""
    return (
        (60, 0)
        if patient
        else (settings.database.lock_timeout, settings.database.statement_timeout)
    )


def furnished(settings: Settings, engine: Engine) -> House:
    """The parts that requests and commands call, put together on this engine."""
    vault = Vault(settings.root)
    registry, keyring = Registry(settings.issuer, vault), Keyring(settings, vault)
    server = Server(settings, registry, keyring)
    outbound = Outbound(
        settings.outbound.allow, settings.mode != "production", settings.outbound.ca_file
    )
    factors, notices, mailed_link = (
        Factors(settings, vault),
        Notices(vault),
        MailedLink(settings, vault),
    )

    def sign(claims: dict[str, Any], alg: str, typ: str, now: float) -> str:
        """For a company; looking for the key was all that the database is needed for, and the
        request that follows takes its time."""
        made = keyring.sign(claims, alg, typ, now)
        rollback()
        return made

    upstreams = Upstreams(settings, vault, outbound, sign)
    visits = Visits(settings, vault, server, factors)
    enrolling = Enrolling(settings, factors.password, notices)
    setting_up = SettingUp(factors, notices)

    def brand_of(client_id: str) -> str:
        client = registry.get(client_id)
        return settings.brand_of(client.brand if client else None).id

    def in_background(work: Callable[[], None]) -> None:
        """Do what no request waits for, in a unit of work of its own."""

        def run() -> None:
            with database.working(engine):
                work()

        threading.Thread(target=run, daemon=True).start()

    keyring.background = in_background
    return House(
        settings,
        engine,
        vault,
        registry,
        keyring,
        server,
        visits,
        Choices(settings),
        Proofs(vault, factors, enrolling, notices),
        Calls(vault, factors, brand_of),
        Ending(settings, server, notices),
        Deeds(visits, enrolling, setting_up),
        enrolling,
        setting_up,
        Registering(settings, vault, mailed_link, notices),
        Recovering(factors.password, mailed_link, notices),
        Links(mailed_link, visits),
        Employees(settings.lifetimes, vault, upstreams, notices),
        Standing(vault, upstreams),
        mailed_link,
        OperationsNotices(settings, vault),
        LogoutNotices(settings.issuer, registry, keyring, outbound),
    )
