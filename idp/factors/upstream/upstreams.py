"""All companies, by the id of their table in the settings."""

from collections.abc import Iterator
from threading import BoundedSemaphore

from idp.factors.upstream.provider import Provider
from idp.factors.upstream.upstream import Sign, Upstream
from idp.outbound import Outbound
from idp.secret import Vault
from idp.settings import Settings


class Upstreams:
    """All of them, by the id of their table in the settings."""

    def __init__(self, settings: Settings, vault: Vault, outbound: Outbound, sign: Sign) -> None:
        # slow companies together must not take every thread of ours
        places = BoundedSemaphore(max(1, settings.server.threads // 2))
        self._by_id = {
            one.id: Upstream(one, settings, vault, Provider(one, outbound, places), sign)
            for one in settings.upstreams
        }

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, upstream_id: str | None) -> Upstream | None:
        """The upstream with this ID; None where there is none."""
        return self._by_id.get(upstream_id or "")

    def of_address(self, address: str) -> Upstream | None:
        """The company to whose people this email address belongs."""
        return next(
            (upstream for upstream in self._by_id.values() if upstream.config.has(address)), None
        )

    def of_issuer(self, issuer: str | None) -> Upstream | None:
        """The upstream with this issuer; None where there is none."""
        return next(
            (upstream for upstream in self._by_id.values() if upstream.config.issuer == issuer),
            None,
        )

    def only(self) -> Upstream | None:
        """The one there is, where there is one."""
        return next(iter(self._by_id.values())) if len(self._by_id) == 1 else None
