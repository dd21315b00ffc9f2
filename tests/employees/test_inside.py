"""A company's provider inside the network, by https and with certificates of its own:
`outbound.allow` is what lets us go there."""

import pytest

from idp.settings import Outbound
from tests.employees.conftest import copied, world_of
from tests.employees.test_attacks import attempt, refused, told
from tests.support.client import Client
from tests.support.company import Other, upstream
from tests.support.person import Person
from tests.support.postgres import free_port
from tests.support.tls import certificate, serving
from tests.support.world import served


@pytest.fixture
def inside(tmp_path):
    """The company's provider, and the certificate that it shows."""
    trusted, port = certificate(tmp_path), free_port()
    made = Other(f"https://localhost:{port}")
    with served(made.app, port, serving(tmp_path)):
        yield made, str(trusted)


CASES = {
    "the host": (("localhost",), True, ""),
    "the network": (("127.0.0.0/8", "::1"), True, ""),
    "nothing": ((), True, "not_allowed"),
    "another network": (("10.0.0.0/8",), True, "not_allowed"),
    "not its certificates": (("localhost",), False, "unreachable"),
}


@pytest.mark.parametrize(("allow", "trusts", "reason"), CASES.values(), ids=CASES)
def test_in_production_it_is_reached_where_the_settings_say_so(
    time, tmp_path, filled_sqlite, inside, allow, trusts, reason
):
    other, trusted = inside
    outbound = Outbound(allow, trusted if trusts else "")
    with world_of(
        time,
        tmp_path,
        copied(filled_sqlite, tmp_path / "idp.sqlite"),
        mode="production",
        outbound=outbound,
        upstreams=(upstream(other.issuer),),
    ) as world:
        client, sam = (
            Client(world.issuer, world.add_client()),
            Person(world.issuer, also=(other.issuer,)),
        )
        sam.http.verify, sam.http.trust_env = trusted, False
        attempt(client, sam)
        if reason:
            refused(world, sam, reason)
            assert other.asked == [] and ("outbound.allow" in told(world, sam)) is (
                reason == "not_allowed"
            )
        else:
            assert sam.heading == "Terms of Use Agreement"
