"""What is cleared away, and what never."""

from datetime import timedelta
from typing import Any

import pytest

from entitlements.actions.usage.pruning import BATCH, prune_access_counts, prune_counters, prune_traces
from entitlements.actions.usage.resets import reset_usage
from entitlements.domain.usage.operations import Act
from entitlements.models import AccessCount, DecisionTrace, UsageCounter, UsageEvent
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureFactory
from tests.entitlements.usage_factories import AccessCountFactory, DecisionTraceFactory
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Metered:
    return metered()


def left() -> list[int]:
    return sorted(UsageCounter.objects.values_list("used", flat=True))


def test_counters_of_minutes_long_over_go_and_their_events_stay(world: Metered) -> None:
    acme = customer(world)
    use(acme, world.requests, 1)
    use(acme, world.requests, 2, at=AT + 10 * DAY)
    assert prune_counters(at=AT + 36 * DAY) == 1
    assert left() == [2]
    assert UsageEvent.objects.count() == 2


def test_counters_of_days_and_months_stay(world: Metered) -> None:
    acme = customer(world)
    use(acme, world.calls, 1)
    use(acme, world.visitors, value="ann")
    use(acme, world.seats, 1)
    assert prune_counters(at=AT + 900 * DAY) == 0


def test_what_is_held_or_was_reset_stays(world: Metered) -> None:
    acme = customer(world)
    use(acme, world.requests, 3)
    reset_usage(account=acme, feature=world.requests, reason="Test", by=SYSTEM, at=AT + timedelta(seconds=1))
    minute = AT + timedelta(minutes=1)
    use(acme, world.requests, 1, act=Act.RESERVE, at=minute, until=minute + DAY)
    assert prune_counters(at=AT + 60 * DAY) == 0


def test_a_counter_cleared_away_is_made_from_its_events_again(world: Metered) -> None:
    acme = customer(world)
    use(acme, world.requests, 40)
    prune_counters(at=AT + 60 * DAY)
    late = {"act": Act.REPORT, "at": AT + timedelta(seconds=5), "now": AT + 60 * DAY}
    assert use(acme, world.requests, 2, **late).used == 42


@pytest.mark.parametrize(
    ("prune", "factory", "column", "days"),
    [(prune_traces, DecisionTraceFactory, "at", 90), (prune_access_counts, AccessCountFactory, "hour", 400)],
)
def test_old_traces_and_counts_go(prune: Any, factory: Any, column: str, days: int) -> None:
    kept = factory(**{column: AT - days * DAY})
    factory(**{column: AT - days * DAY - timedelta(hours=1)})
    assert prune(at=AT) == 1
    assert factory._meta.model.objects.get() == kept


def test_it_stops_when_it_has_had_its_time() -> None:
    feature = FeatureFactory()
    AccessCount.objects.bulk_create(
        AccessCount(point=f"screen {number}", feature=feature, hour=AT) for number in range(BATCH + 1)
    )
    turns = iter([False, True])
    assert prune_access_counts(at=AT + 500 * DAY, enough=lambda: next(turns)) == BATCH
    assert DecisionTrace.objects.count() == 0
