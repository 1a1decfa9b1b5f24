"""What the database itself knows about grants, whatever the action forgot."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import Reset
from catalog.domain.window import Window
from entitlements.models.credit import Recurs
from entitlements.queries.credits import credit_features
from entitlements.queries.credits.courses import credit_facts
from entitlements.snapshots.credits import recurrence_of, snapshot_grant
from journal.domain.refusal import Invalid
from tests.catalog.factories import EPOCH
from tests.entitlements.crediting import credited, granted, publish_credits, unplanned
from tests.entitlements.factories import CreditGrantFactory
from tests.entitlements.world import AT, subscribed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "columns",
    [
        {"amount": 0},
        {"amount": -5},
        {"priority": 0},
        {"priority": 256},
        {"expires_at": EPOCH},
        {"min_rollover": -1},
        {"min_rollover": 5, "max_rollover": 4},
        {"recurs": "month"},
        {"recurs_from": EPOCH},
        {"recurs": "month", "recurs_from": EPOCH, "recurs_every": 0},
        {"recurs": "fortnight", "recurs_from": EPOCH},
        {"source": "found"},
        {"voided_at": EPOCH},
        {"voided_by": "Sal", "void_reason": "Paid back"},
    ],
)
def test_a_grant_that_cannot_be_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        CreditGrantFactory(**columns)


def test_a_row_becomes_what_the_engine_takes() -> None:
    row = CreditGrantFactory(recurs=Recurs.MONTH, recurs_every=3, recurs_from=EPOCH, max_rollover=7, priority=9)
    grant = snapshot_grant(row)
    assert (grant.id, grant.amount, grant.priority, grant.max_rollover, grant.min_rollover) == (
        str(row.pk),
        100,
        9,
        7,
        0,
    )
    assert grant.created_at == row.granted_at
    quarters = list(recurrence_of(row).between(EPOCH, EPOCH + timedelta(days=200)))
    assert [at.date().isoformat() for at in quarters] == ["2026-03-31", "2026-06-30"]  # 1 April and July in Amsterdam


def test_the_credits_of_an_account_are_what_it_is_given_and_what_it_was_granted() -> None:
    world = credited()
    assert credit_features(world.acme, at=AT, facts=credit_facts(world.acme)) == [world.credits]
    assert credit_features(world.acme, at=AT - timedelta(days=99), facts=credit_facts(world.acme)) == []


def test_what_was_granted_once_is_listed_for_good() -> None:
    world = unplanned()
    assert credit_features(world.acme, at=AT, facts=credit_facts(world.acme)) == []
    granted(world, 5)
    assert credit_features(world.acme, at=AT, facts=credit_facts(world.acme)) == [world.credits]


def test_facts_for_credits_know_the_billing_periods() -> None:
    world = unplanned()
    publish_credits(world.plan, world.credits, Decimal(5), reset=Reset.BILLING)
    subscribed(world.acme, world.plan, at=AT)
    (item,) = credit_facts(world.acme).items
    assert item.periods is not None
    assert Window(item.periods.starts_at) == Window(AT)
