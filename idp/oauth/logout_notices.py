"""Telling clients that a session has ended (OIDC Back-Channel Logout 1.0): what the outbox worker
hands over to them."""

from idp import secret
from idp.delivery import CarrierError, NotSentError
from idp.oauth.clients import Registry
from idp.oauth.keys import Keyring
from idp.oauth.subjects import subject
from idp.outbound import Outbound, OutboundError
from idp.store import rollback, sessions
from idp.store.outbox import Message

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"
LIFE = 120  # seconds, as the specification recommends at most (2.4)
DONE = (200, 204)


class LogoutNotices:
    """One for a process."""

    def __init__(
        self, issuer: str, registry: Registry, keyring: Keyring, outbound: Outbound
    ) -> None:
        self._issuer = issuer
        self._registry = registry
        self._keyring = keyring
        self._outbound = outbound

    def tell(self, message: Message, now: float) -> None:
        """Send the client a logout token for the session that the message is about. Raises NotSentError
        to be tried again, CarrierError."""
        client, session = self._registry.get(message.recipient), sessions.by_id(message.about or "")
        uri = client.client_metadata.get("backchannel_logout_uri") if client else None
        if client is None or session is None or not uri:
            raise CarrierError("the client was removed, or no longer has a backchannel_logout_uri")
        claims = {
            "iss": self._issuer,
            "aud": client.client_id,
            "sub": subject(session.account_id, client),
            "sid": session.id,
            "iat": int(now),
            "exp": int(now) + LIFE,
            "jti": secret.token(12),
            "events": {EVENT: {}},
        }
        token = self._keyring.sign(claims, client.id_token_signed_response_alg, TYPE, now)
        rollback()  # nothing of the database is held while the client takes its time
        try:
            status = self._outbound.post(uri, {"logout_token": token}).status
        except OutboundError as failed:
            raise NotSentError(str(failed)) from failed
        if status not in DONE:
            raise NotSentError(f"the client answered {status}")
