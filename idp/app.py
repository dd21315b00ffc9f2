"""create_app(settings): the only place where the parts meet."""

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
from idp.operations import notices as operations_notices
from idp.outbound import Outbound
from idp.secret import Vault
from idp.settings import Settings, database_url
from idp.store import database, rollback
from idp.visit import Calls, Deeds, Employees, Ending, Enrolling, Links, Proofs, Recovering, Registering, Standing, Visits
from idp.visit.notices import Notices
from idp.web import House, authorize, company, gallery, guard, home, inbox, limits, links, logos, logout, open_house, pages, protocol, reading, running
from idp.web.api import routes as api
from idp.web.counted import Counted
from idp.web.flow import routes


def create_app(settings: Settings) -> Flask:
    """The provider as a WSGI application; it neither makes nor migrates a database."""
    app = Flask("idp", static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    open_house(app, furnished(settings))
    database.init(app, database_url(settings.database.url), settings.database.pool)
    pages.init(app)
    guard.init(app, settings)
    parts = (home.bp, running.bp, logos.bp, authorize.bp, routes.bp, links.bp, reading.bp, company.bp, logout.bp)
    for bp in (*parts, protocol.blueprint(settings), api.blueprint(settings)):
        app.register_blueprint(bp)
    limits.init(app, settings)
    if settings.inbox:
        app.register_blueprint(inbox.bp)
    if settings.mode != "production":
        app.register_blueprint(gallery.bp)
    return app


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
        operations_notices.Notices(settings, vault),
        Counted(settings),
        LogoutNotices(settings.issuer, registry, keyring, outbound),
    )
