"""create_app(settings): the house with its pages and endpoints."""

from collections.abc import Callable
from typing import Any

from flask import Flask, appcontext_pushed, g
from flask_sqlalchemy import SQLAlchemy

from idp.house import furnished, timeouts
from idp.settings import Settings, database_url
from idp.store import Base, database, engines
from idp.web import (
    EXTENSION,
    authorize,
    counted,
    gallery,
    guard,
    home,
    inbox,
    limits,
    links,
    logos,
    logout,
    pages,
    protocol,
    reading,
    running,
    stop,
    upstream,
)
from idp.web.api import routes as api
from idp.web.flow import routes

db = SQLAlchemy(metadata=Base.metadata)


class Synchronous(Flask):
    """Flask looks at each view and hook of each request for whether it is a coroutine. None of ours
    is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The view as it is."""
        return func


def create_app(settings: Settings) -> Flask:
    """The provider as a WSGI application; it neither makes nor migrates a database."""
    app = Synchronous("idp", static_url_path="/static")
    _furnish(app, settings)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    pages.init(app)
    guard.init(app, settings)
    counted.init(app, settings)
    parts = (
        home.bp,
        running.bp,
        logos.bp,
        authorize.bp,
        routes.bp,
        links.bp,
        reading.bp,
        upstream.bp,
        logout.bp,
        stop.bp,
    )
    for bp in (*parts, protocol.blueprint(settings), api.blueprint(settings)):
        app.register_blueprint(bp)
    limits.init(app, settings)
    if settings.inbox:
        app.register_blueprint(inbox.bp)
    if settings.mode != "production":
        app.register_blueprint(gallery.bp)
    return app


def _furnish(app: Flask, settings: Settings) -> None:
    """Give the application its database and the house. Each application context, so each request,
    is a unit of work."""
    url, bounds = database_url(settings.database.url), timeouts(settings)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=engines.options(url, settings.database.pool, *bounds),
    )
    db.init_app(app)
    with app.app_context():
        engine = engines.prepare(db.engine, bounds[0])
    app.extensions[EXTENSION] = furnished(settings, engine)

    def begin(_app: Flask, **_: Any) -> None:
        g.work = database.begin_work(engine)

    appcontext_pushed.connect(begin, app, weak=False)
    app.teardown_appcontext(lambda _: database.end_work(g.pop("work")))
