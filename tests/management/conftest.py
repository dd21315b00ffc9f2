"""Fixtures: a client that uses the management API, and the tokens of those who do."""

import pytest

from tests.support.management import by_mail, by_phone, desk


@pytest.fixture
def clinic(world):
    return desk(world)


@pytest.fixture
def daisy(world, clinic):
    """Daisy's API, after a sign-in with her phone."""
    return by_phone(world, clinic)[1]


@pytest.fixture
def daisy_by_mail(world, clinic):
    return by_mail(world, clinic)[1]
