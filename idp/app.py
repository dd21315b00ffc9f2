"""create_app(settings): the house with its pages and endpoints."""

from flask import Flask

from idp.house import built
from idp.settings import Settings
from idp.web import authorize, company, counted, gallery, guard, home, inbox, limits, links, logos, logout, pages, protocol, reading, running, stop
from idp.web.api import routes as api
from idp.web.flow import routes


def create_app(settings: Settings) -> Flask:
    """The provider as a WSGI application; it neither makes nor migrates a database."""
    app = built(settings)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    pages.init(app)
    guard.init(app, settings)
    counted.init(app, settings)
    parts = (home.bp, running.bp, logos.bp, authorize.bp, routes.bp, links.bp, reading.bp, company.bp, logout.bp, stop.bp)
    for bp in (*parts, protocol.blueprint(settings), api.blueprint(settings)):
        app.register_blueprint(bp)
    limits.init(app, settings)
    if settings.inbox:
        app.register_blueprint(inbox.bp)
    if settings.mode != "production":
        app.register_blueprint(gallery.bp)
    return app
