"""A provider of a test's own: real HTTP on loopback, a real database, one clock that the test
moves."""

import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from idp import clock, store
from idp.app import create_app
from idp.brand import Brand, load_brand, shipped
from idp.delivery.worker import Worker
from idp.operations import accounts, clients, organizations, resource_servers
from idp.profiles import US_HEALTHCARE
from idp.secret import Secret
from idp.settings import Database, Lifetimes, Settings, SignIn
from idp.store import accounts as account_rows
from idp.store import inbox, interactions, terms
from idp.store.database import scalar
from idp.store.tries import Asker
from tests.support.clients import metadata

ROOT_SECRET = Secret("a-root-secret-of-the-tests-only-0123456789-abcdef")
DAISY_PHONE = "+13035550142"
DAISY, DAISY_PASSWORD = "daisy.dunn@lakeside.example", "correct-horse-lakeside"
OMAR, OMAR_PASSWORD = "omar.reyes@lakeside.example", "quiet-river-lakeside"
CASES_API = "https://cases.example"
TWO_STEP, MFA = "urn:stagedoor:acr:two-step", "urn:stagedoor:acr:mfa"


STRANGER = Asker("network:somewhere", False, "somewhere")


class Time:
    """The one clock, in the test's hand. It stands still until it is moved."""

    def __init__(self) -> None:
        # as clocks are: between two seconds. The portal has another one, as in life
        self.now = int(time.time()) + 0.437
        clock.set_source(lambda: self.now)

    def passes(self, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        self.now += seconds + 60 * minutes + 3600 * hours


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def served(app: Any, port: int, tls: ssl.SSLContext | None = None):
    """Serve a WSGI application on 127.0.0.1 while the block runs."""
    server = make_server(
        "127.0.0.1", port, app, threaded=True, request_handler=_Quiet, ssl_context=tls
    )
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


DEMO_BRANDS = Path(__file__).parent.parent.parent / "config" / "demo" / "brands"


def demo_brand(name: str) -> Brand:
    """A look of the demo."""
    return load_brand(str(DEMO_BRANDS / f"{name}.toml"))


LOOKS = {**shipped(), **{name: demo_brand(name) for name in ("acentra", "kepro")}}


def settings_for(port: int, database_url: str, **changes: Any) -> Settings:
    settings = Settings(
        issuer=f"http://localhost:{port}",
        brand="kepro",
        look=demo_brand("kepro"),
        looks=LOOKS,
        mode="development",
        registration_profile="us-healthcare",
        inbox=True,
        root=ROOT_SECRET,
        # a busy machine is no fault of what is tested
        database=Database(url=database_url, lock_timeout=20, statement_timeout=20),
        lifetimes=Lifetimes(sign_in_email_code=30),
        sign_in=SignIn(options=("phone", "email")),
    )
    return replace(settings, **changes)


class Templates(BytecodeCache):
    """What was compiled for one provider of a test process serves the next: they are many, and each
    would begin again."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Templates()


def provider(settings: Settings) -> Any:
    """The application."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


@dataclass
class World:
    """What a story plays in."""

    settings: Settings
    app: Any
    time: Time
    folder: Path
    read: int = 0  # messages that the test has read, or has left behind

    @property
    def issuer(self) -> str:
        return self.settings.issuer

    @property
    def vault(self):
        return self.app.extensions["stagedoor"].vault

    @property
    def desk(self):
        """What an administrator's acts tell people with: mailed links and notices."""
        house = self.app.extensions["stagedoor"]
        return house.mailed_link, house.operations_notices

    @contextmanager
    def inside(self):
        """Work on the rows as an operator's command does: committed when the block ends well."""
        with self.app.app_context():
            store.writing()
            try:
                yield
                store.commit()
            finally:
                store.rollback()

    def deliver(self) -> None:
        """Let the outbox worker do its rounds until nothing is left."""
        with self.app.app_context():
            for tell in (None, self.app.extensions["stagedoor"].logout_notices.tell):
                worker = Worker(self.settings, self.vault, tell)
                while worker.step():
                    pass

    def tidy(self) -> None:
        """Let the worker chain and sign the audit trail, and forget what is too old."""
        self.deliver()
        with self.app.app_context():
            Worker(self.settings, self.vault).tidy(self.time.now)

    def messages(self) -> list[inbox.InboxMessage]:
        with self.app.app_context():
            return inbox.listed()

    def newest_code(self) -> str:
        """Deliver what waits, and read the code in the newest message."""
        self.deliver()
        code = self.messages()[-1].code
        assert code
        return code

    def newest_link(self) -> str:
        """Deliver what waits, and read the link in the newest message."""
        self.deliver()
        links = self.messages()[-1].links
        assert links, self.messages()[-1].text
        return links[0]

    def client_named(self, name: str) -> str:
        """The id of the client with this name; inside a block."""
        return next(one.id for one in clients.listed() if one.registration["client_name"] == name)

    def interactions(self) -> int:
        """How many there are; inside a block."""
        return int(scalar(select(func.count()).select_from(interactions.INTERACTIONS)))

    def account(self, username: str):
        """The account with this username; inside a block."""
        found = account_rows.by_username(username)
        assert found
        return found

    def mails_to(self, address: str) -> list[inbox.InboxMessage]:
        self.deliver()
        return [message for message in self.messages() if message.recipient == address]

    def ring(self) -> str:
        """Deliver what waits; the id of the call that rings then."""
        self.deliver()
        call = self.messages()[-1].call_id
        assert call
        return call

    def press(self, keys: str = "", **outcome: str) -> None:
        """Whoever takes the newest call presses these keys, or lets it end otherwise."""
        form = {"digits": keys} if keys else outcome
        requests.post(
            f"{self.issuer}/inbox/calls/{self.ring()}", data=form, timeout=30, allow_redirects=False
        )

    def add_api(self, identifier: str = CASES_API, **scopes: str) -> None:
        named = {name.replace("_", ":"): says for name, says in scopes.items()} or {
            "cases:read": "read your cases",
            "cases:file": "file cases",
        }
        with self.inside():
            resource_servers.add(self.time.now, "test", identifier, "Cases", named)

    def add_client(
        self,
        name: str = "Clinic desk",
        redirect_uri: str = "http://localhost:1/callback",
        **more: Any,
    ) -> Mapping[str, Any]:
        own = {
            key: more.pop(key)
            for key in ("third_party", "logo", "client_id", "client_secret", "profile")
            if key in more
        }
        about = metadata(name, more.pop("redirect_uris", [redirect_uri]), **more)
        with self.inside():
            return clients.add(self.time.now, "test", self.vault, about, **own)


def populate(now: float) -> None:
    """The demo's people and clinics, in the rows of the database at hand."""
    organizations.add(now, "test", US_HEALTHCARE, "1234567893", "Lakeside Clinic")
    organizations.add(now, "test", US_HEALTHCARE, "1245319599", "Harbor Health")
    daisy = {
        "new_password": DAISY_PASSWORD,
        "enrolled": True,
        "phone": DAISY_PHONE,
        "organization": "1234567893",
        "role": "administrator",
    }
    accounts.add(now, "test", "ddunn2020", DAISY, "Daisy", "Dunn", **daisy)
    accounts.add(
        now,
        "test",
        "oreyes2021",
        OMAR,
        "Omar",
        "Reyes",
        new_password=OMAR_PASSWORD,
        enrolled=True,
        organization="1234567893",
    )
    accounts.add(
        now,
        "test",
        "pnair2019",
        "priya.nair@lakeside.example",
        "Priya",
        "Nair",
        new_password="old-portal-password",
        organization="1234567893",
    )
    accounts.add(
        now,
        "test",
        "nquist2018",
        "",
        "Noah",
        "Quist",
        new_password="old-harbor-password",
        organization="1245319599",
    )
    for username in ("ddunn2020", "oreyes2021"):
        account = account_rows.by_username(username)
        assert account
        account_rows.accept_terms(account.id, "kepro", "2026-03")
        terms.add(account.id, "kepro", "2026-03", now, None, None)
