"""The same lives where two workers take what arrived at once: each ends where Stripe is, and nothing is doubled."""

import os

import pytest
from django.db import connection

from tests.journeys.stripe.lives import LIVES
from tests.journeys.stripe.mail import Manners
from tests.journeys.stripe.making import Made

FIRST = int(os.environ.get("DESK_SEED", "0"))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time: make test-postgres")
@pytest.mark.parametrize("life", LIVES)
@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_end_where_stripe_is(life: str, made: Made) -> None:
    print("seed", seed := f"{life} {FIRST} by two")
    world = made.world(Manners.of(seed), False, takers=2)
    LIVES[life](world)
    assert world.wrong() == []
