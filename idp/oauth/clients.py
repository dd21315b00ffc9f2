"""Clients as this process knows them: in memory, read again when the registry's version has gone
up."""

import logging
import re
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import KeySet, OctKey
from sqlalchemy.exc import DBAPIError

from idp import clock, secret
from idp.address import origin
from idp.oauth.profiles import PRESETS, ClientPolicy
from idp.oauth.resource_servers import ResourceServers
from idp.secret import Vault
from idp.store import clients as store
from idp.store import resource_servers, rollback

log = logging.getLogger("idp.oauth")
PURPOSE = "client secret"
RECHECK = 1.0  # seconds that a change of a client may go unnoticed in another process


LOOPBACK_URI = re.compile(
    r"(?P<host>http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?P<rest>(?:[/?][\x21\x22\x24-\x7e]*)?)"
)


class RegisteredClient:
    """A client as it is registered (RFC 7591 2), ready to be asked."""

    def __init__(self, row: store.Client, known: ResourceServers, vault: Vault) -> None:
        self.client_id = row.id
        self.client_metadata: Mapping[str, Any] = row.registration
        self.policy: ClientPolicy = PRESETS[row.profile]
        self.third_party = row.third_party
        self.auth_method: str = row.registration["token_endpoint_auth_method"]
        self.redirect_uris: tuple[str, ...] = tuple(row.registration["redirect_uris"])
        self.post_logout_redirect_uris: tuple[str, ...] = tuple(
            row.registration["post_logout_redirect_uris"]
        )
        self.scopes = frozenset(
            scope for scope in row.registration["scope"].split() if known.known(scope)
        )
        self.introspects = frozenset(row.registration.get("introspects", ()))
        self.brand: str | None = row.registration.get("brand")
        self.by_reference: bool = row.registration.get("access_token_format") == "reference"
        self._secret_digest, self._sealed_secret = row.secret_digest, row.sealed_secret
        self._vault = vault

    @property
    def name(self) -> str:
        """What people are told it is called."""
        return str(self.client_metadata["client_name"])

    @property
    def start_url(self) -> str | None:
        """Where the client begins a sign-in of its own (OIDC Core 4), or else the top of its site:
        no one is left without a way on."""
        sites = [urlsplit(uri) for uri in self.redirect_uris if uri.startswith(("https:", "http:"))]
        top = f"{sites[0].scheme}://{sites[0].netloc}/" if sites else None
        return self.client_metadata.get("initiate_login_uri") or top

    @property
    def public(self) -> bool:
        """Whether it has no credentials (RFC 6749 2.1)."""
        return self.auth_method == "none"

    def default_redirect_uri(self) -> str | None:
        """The only one that is registered; None where there are several (RFC 6749 3.1.2.3)."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def allowed_scope(self, scope: str | None) -> str:
        """Of the scopes asked for, those that the client is registered for, in the order asked."""
        asked = dict.fromkeys((scope or "").split())
        return " ".join(name for name in asked if name in self.scopes)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered (OAuth 2.1 2.3.1; RFC 8252 7.3 for a loopback port)."""
        return any(same_uri(registered, redirect_uri) for registered in self.redirect_uris)

    def check_post_logout_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered (RP-Initiated Logout 3.1)."""
        return any(
            same_uri(registered, redirect_uri) for registered in self.post_logout_redirect_uris
        )

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the client's secret, compared by digest in constant time."""
        return self._secret_digest is not None and secret.same(
            self._secret_digest, secret.digest(client_secret)
        )

    @cached_property
    def keys(self) -> KeySet | None:
        """What the client's assertions are verified with: its registered keys, or its secret."""
        if self.auth_method == "private_key_jwt":
            return KeySet.import_key_set(self.client_metadata["jwks"])
        if self.auth_method == "client_secret_jwt" and self._sealed_secret:
            return KeySet([OctKey.import_key(self._vault.unseal(PURPOSE, self._sealed_secret))])
        return None

    def may_use(self, grant_type: str) -> bool:
        """Whether the client is registered for this grant type."""
        return grant_type in self.client_metadata["grant_types"]

    @property
    def id_token_signed_response_alg(self) -> str:
        """The algorithm that its ID tokens are signed with (OIDC Registration 2)."""
        return str(self.client_metadata["id_token_signed_response_alg"])


def same_uri(registered: str, requested: str) -> bool:
    """Exact match; a loopback address may come with any port (RFC 8252 7.3)."""
    if registered == requested:
        return True
    wanted = _without_port(registered)
    return wanted is not None and wanted == _without_port(requested)


def _without_port(uri: str) -> tuple[str, str] | None:
    """A loopback address in two parts, what stands before the port and what stands after it, to the
    letter; None for any other URI."""
    found = LOOPBACK_URI.fullmatch(uri)
    return (found["host"], found["rest"]) if found else None


def _known_profile(row: store.Client) -> bool:
    """A newer program may have given a client a profile that this one does not know: it is left
    out, and all others serve."""
    if row.profile not in PRESETS:
        log.error(
            "client %s has the profile %s, which this program does not know: it is left out",
            row.id,
            row.profile,
        )
    return row.profile in PRESETS


class Registry:
    """All clients of this process, and the APIs whose scopes they may ask for."""

    def __init__(self, issuer: str, vault: Vault) -> None:
        self.issuer = issuer
        self._vault = vault
        self._resource_servers = ResourceServers.of(issuer, ())
        self._lock = threading.Lock()
        self._clients: dict[str, RegisteredClient] = {}
        self._version = -1
        self._epoch = 0.0
        self._checked = float("-inf")

    def get(self, client_id: str | None) -> RegisteredClient | None:
        """The client of this id. A client registered a moment ago by another process is found at
        once."""
        if not client_id:
            return None
        self._keep_fresh()
        if client_id not in self._clients:
            self._refresh()
        return self._clients.get(client_id)

    @property
    def resource_servers(self) -> ResourceServers:
        """The resource servers as they are registered now."""
        self._keep_fresh()
        return self._resource_servers

    @property
    def epoch(self) -> float:
        """When this provider was last restored from a backup: what was issued before does not count
        any more."""
        self._keep_fresh()
        return self._epoch

    def public_origins(self) -> frozenset[str]:
        """The web origins of public clients, which may read our answers from a script (CORS)."""
        self._keep_fresh()
        uris = [
            uri
            for client in self._clients.values()
            if client.public
            for uri in client.redirect_uris
        ]
        return frozenset(origin(uri) for uri in uris if uri.lower().startswith(("http:", "https:")))

    def _keep_fresh(self) -> None:
        if clock.ticks() - self._checked > RECHECK:
            self._refresh()

    def _refresh(self) -> None:
        """Read everything again where something has changed. Without the database what is known
        goes on serving."""
        with self._lock:
            try:
                version = store.version("clients")
                if version != self._version:
                    self._resource_servers = ResourceServers.of(
                        self.issuer, resource_servers.listed()
                    )
                    self._clients = {
                        row.id: RegisteredClient(row, self._resource_servers, self._vault)
                        for row in store.listed()
                        if _known_profile(row)
                    }
                    self._epoch = float(store.version("epoch"))
                    self._version = version
            except DBAPIError:
                rollback()
                if self._version < 0:
                    raise
                log.warning("the database did not answer; the clients that are known go on serving")
            self._checked = clock.ticks()
