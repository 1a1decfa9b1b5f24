"""What customers have in use, for whoever would give them less: read for many at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.in_use import in_use, in_use_by
from tests.entitlements.spent import counted
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def test_each_account_has_its_own_in_use_in_one_read():
    world = metered()
    acme, zeta, idle = (customer(world, key) for key in ("acme", "zeta", "idle"))
    counted(acme, world.calls, 400)
    counted(acme, world.seats, 3)
    counted(zeta, world.calls, 7)
    with CaptureQueriesContext(connection) as captured:
        found = in_use_by([acme.pk, zeta.pk, idle.pk], at=AT)
    assert len(captured) == 1
    assert found == {acme.pk: {"calls": Decimal(400), "seats": Decimal(3)}, zeta.pk: {"calls": Decimal(7)}}


def test_what_was_counted_is_in_use_until_it_starts_again():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 12)
    use(acme, world.seats, 2)
    assert in_use(acme, AT) == {"calls": Decimal(12), "seats": Decimal(2)}
    assert in_use(acme, AT + timedelta(days=40)) == {"seats": Decimal(2)}


def test_what_a_subject_used_and_what_fell_to_a_choice_is_no_use_of_its_own():
    world = metered()
    acme = customer(world)
    use(acme, world.tokens, 2, subject="agent:a", choice="model.premium")
    assert in_use(acme, AT) == {"tokens": Decimal(10)}


def test_more_given_back_than_was_had_is_nothing_in_use():
    world = metered()
    acme = customer(world)
    counted(acme, world.seats, -2)
    assert in_use(acme, AT) == {"seats": Decimal(0)}
