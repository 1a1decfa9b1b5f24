"""What was believed about versions is what was answered then: publications, cohorts, periods and holds over time."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.actions.publishing import cancel_rollout
from catalog.domain.rollouts import Audience
from catalog.models import Rollout
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.holds import hold, release_hold
from entitlements.actions.periods import record_period
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import holdings
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.conftest import EXAMPLES
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db
ACTS = ("now", "on date", "at renewal", "new customers", "cohort", "call off", "hold", "release", "period")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), min_size=2, max_size=7))
def test_what_was_believed_is_what_was_answered_then(db: None, acts: list[str]) -> None:
    with transaction.atomic():
        world, acme = catalog(), account()
        subscribed(acme, world.team)
        noted = [note for day, name in enumerate(acts, start=1) for note in answered(world, acme, name, AT + day * DAY)]
        for known_at, when, answers, versions in noted:
            assert dict(entitlements_of(account=acme, at=when, known_at=known_at)) == answers
            assert held(acme, when, known_at=known_at) == versions
        transaction.set_rollback(True)


def answered(world: Catalog, acme: Account, name: str, at: datetime) -> Iterator[tuple[Any, ...]]:
    """Do the thing, and note what is answered right after it: for now, for soon and for long after."""
    with suppress(Refusal):
        act(world, acme, name, at)
    for when in (at, at + 12 * DAY, at + 50 * DAY):
        yield at, when, dict(entitlements_of(account=acme, at=when)), held(acme, when)


def held(acme: Account, at: datetime, *, known_at: datetime | None = None) -> list[str]:
    """The versions that the account's page names: by another reading of the same rows."""
    found = holdings(account_ids=[acme.pk], at=at, known_at=known_at)[acme.pk]
    return [item.version for subscription in found for item in subscription.items]


def act(world: Catalog, acme: Account, name: str, at: datetime) -> None:
    item = SubscriptionItem.objects.get()
    match name:
        case "hold":
            hold(item=item, until=at + 5 * DAY, reason="Contract", by=SYSTEM, at=at)
        case "release":
            release_hold(item=item, by=SYSTEM, at=at)
        case "period":
            record_period(
                subscription=item.subscription, starts_at=at + 2 * DAY, ends_at=at + 32 * DAY, by=SYSTEM, at=at
            )
        case "call off":
            cancel_rollout(rollout=Rollout.objects.latest("pk"), by=SYSTEM, at=at, reason="Too early")
        case _:
            publish(world, acme, Audience(name.replace(" ", "_")), at)


def publish(world: Catalog, acme: Account, audience: Audience, at: datetime) -> None:
    """Each version gives more storage than any before it."""
    whom: dict[str, Any] = {"audience": audience}
    if audience is Audience.ON_DATE:
        whom["effective_at"] = at + 3 * DAY
    if audience is Audience.COHORT:
        whom["cohort_key"] = f"c{at:%d}"
        create_cohort(key=whom["cohort_key"], name="C", accounts=[acme], by=SYSTEM, at=at)
    size = (100 + world.team.versions.count()) * GB
    with transaction.atomic():
        publish_plan(world.team, {world.storage: size, world.seats: 10}, at=at, **whom)
