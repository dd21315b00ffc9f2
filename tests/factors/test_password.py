"""The password: one time for every name, hashes that are kept up to date, a pool that is
bounded."""

import threading

import pytest
from argon2 import PasswordHasher

from idp.factors import Busy
from idp.factors.password import Password, hashed, unfit
from idp.store import accounts
from tests.support.person import Person
from tests.support.stories import to_code_page
from tests.support.world import DAISY


def test_unknown_names_and_overlong_passwords_are_hashed_too(world):
    factor = Password(world.settings, world.app.extensions["stagedoor"].vault)
    with world.inside():
        daisy = accounts.by_address(DAISY)
    taken = []
    acquire = factor._pool.acquire
    factor._pool.acquire = lambda **options: taken.append(1) or acquire(**options)
    for stored, typed in (
        (None, "x"),
        (None, "y" * 100_000),
        (daisy.password_hash, "x"),
        (daisy.password_hash, "é" * 5000),
    ):
        assert factor.check(stored, typed).right is False
    assert len(taken) == 4


def test_the_same_characters_typed_another_way_are_the_same_password(world):
    factor = Password(world.settings, world.app.extensions["stagedoor"].vault)
    with world.inside():
        accounts.add(
            0.0, "nina", "n@x.example", "N", "N", hashed("caf\u00e9-ＡＢＣ-lakeside"), "n@x.example"
        )
        nina = accounts.by_address("n@x.example")
    assert factor.check(nina.password_hash, "cafe\u0301-ABC-lakeside").right


def test_an_old_hash_is_upgraded_at_sign_in(world, client):
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("weakly-hashed-1")
    with world.inside():
        accounts.add(0.0, "nina", "n@x.example", "N", "N", weak, "n@x.example")
    person = to_code_page(client.sends(Person(world.issuer)), "n@x.example", "weakly-hashed-1")
    assert person.heading == "Verification is necessary"
    with world.inside():
        stored = accounts.by_address("n@x.example").password_hash
    assert "m=19456,t=2,p=1" in stored
    assert (
        to_code_page(client.sends(Person(world.issuer)), "n@x.example", "weakly-hashed-1").heading
        == "Verification is necessary"
    )


def test_a_full_pool_answers_busy(world):
    factor = Password(world.settings, world.app.extensions["stagedoor"].vault)
    for _ in range(world.settings.server.hashing):
        factor._pool.acquire()
    failed = []

    def try_one() -> None:
        with pytest.raises(Busy):
            factor.check(None, "x")
        failed.append(True)

    thread = threading.Thread(target=try_one)
    thread.start()
    thread.join(10)
    assert failed


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("riv3r-q", False),
        ("riv3r-qu", True),
        ("riv3r-qu" * 16, True),
        ("riv3r-qu" * 16 + "x", False),
    ],
)
def test_new_passwords_have_eight_to_128_characters(password, fits):
    assert (unfit(password) is None) is fits
