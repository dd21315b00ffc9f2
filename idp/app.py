"""create_app(settings): the only place where the parts meet."""

from flask import Flask

from idp.factors.email_code import EmailCode
from idp.factors.password import Password
from idp.factors.phone import Spending
from idp.factors.phone_call import PhoneCall
from idp.factors.phone_code import PhoneCode
from idp.factors.sent_code import SentCode
from idp.oauth.clients import Registry
from idp.oauth.keys import Keyring
from idp.oauth.server import Server
from idp.secret import Vault
from idp.settings import Settings, database_url
from idp.store import database
from idp.visit import Calls, Ending, Proofs, Visits
from idp.web import House, authorize, guard, home, inbox, limits, logos, logout, open_house, pages, protocol, running
from idp.web.flow import routes


def create_app(settings: Settings) -> Flask:
    """The provider as a WSGI application; it neither makes nor migrates a database."""
    app = Flask("idp", static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    vault = Vault(settings.root)
    registry, keyring = Registry(settings.issuer, vault), Keyring(settings, vault)
    server = Server(settings, registry, keyring)
    spending = Spending(settings)
    sent_codes: dict[str, SentCode] = {one.METHOD: one for one in (EmailCode(settings, vault), PhoneCode(settings, vault, spending))}
    phone_call = PhoneCall(settings, vault, spending)
    visits, ending = Visits(settings, server, sent_codes), Ending(settings, server)
    proofs, calls = Proofs(Password(settings, vault), sent_codes, phone_call), Calls(vault, phone_call)
    open_house(app, House(settings, vault, registry, keyring, server, visits, proofs, calls, ending))
    database.init(app, database_url(settings.database.url), settings.database.pool)
    pages.init(app)
    guard.init(app, settings)
    for bp in (home.bp, running.bp, logos.bp, authorize.bp, routes.bp, logout.bp, protocol.blueprint(settings)):
        app.register_blueprint(bp)
    limits.init(app, settings)
    if settings.inbox:
        app.register_blueprint(inbox.bp)
    return app
