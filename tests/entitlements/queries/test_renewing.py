"""Whom a publication at renewal reaches in a stretch: sorted out by the database, and nobody forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.actions.publishing import cancel_rollout
from catalog.domain.rollouts import Audience
from catalog.domain.window import Window
from catalog.models import Rollout
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.holds import hold
from entitlements.actions.periods import record_period
from entitlements.domain.phases import instant_of
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.clock.touched import accounts_touched
from entitlements.queries.entitlements import facts_of
from entitlements.queries.publishing.renewing import accounts_renewing
from entitlements.snapshots import Reader, snapshot_catalog
from journal.domain.actor import SYSTEM
from tests.conftest import EXAMPLES
from tests.entitlements.world import AT, DAY, GB, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db
PUBLISHED = datetime(2026, 1, 30, 22, tzinfo=UTC)
ZONES = ("UTC", "Europe/Amsterdam", "Pacific/Auckland", "America/Los_Angeles")
starts = st.tuples(
    st.integers(-400 * 24, 24).map(lambda hours: PUBLISHED + timedelta(hours=hours, minutes=7)),
    st.sampled_from(ZONES),
    st.sampled_from(("", "month", "year")),
    st.one_of(st.none(), st.integers(-40, 60)),
)
stretches = st.builds(
    lambda hours, minutes: Window(
        PUBLISHED + timedelta(hours=hours), PUBLISHED + timedelta(hours=hours, minutes=minutes)
    ),
    st.integers(0, 60 * 24),
    st.sampled_from((1, 60, 20 * 60, 3 * 24 * 60, 32 * 24 * 60)),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bought=st.lists(starts, min_size=1, max_size=6), asked=st.lists(stretches, min_size=1, max_size=8))
def test_they_are_those_whose_own_instant_lies_in_it(db: None, bought: list, asked: list) -> None:
    with transaction.atomic():
        holders = published_at_renewal(bought)
        rollouts = snapshot_catalog(Reader()).rollouts
        (renewing,) = [rollout for rollout in rollouts if rollout.audience is Audience.AT_RENEWAL]
        instants = {each.pk: instant_of(facts_of(account=each).items[0], renewing) for each in holders}
        for stretch in [*asked, *(Window(at, at + timedelta(minutes=1)) for at in instants.values() if at)]:
            expected = {pk for pk, instant in instants.items() if instant is not None and stretch.contains(instant)}
            assert accounts_renewing(stretch, rollouts=rollouts) == expected
        transaction.set_rollback(True)


def published_at_renewal(bought: list) -> list[Account]:
    world = catalog()
    holders = [account(f"a{number}", zone=zone) for number, (_, zone, _, _) in enumerate(bought)]
    for holder, (start, _, interval, recorded) in zip(holders, bought, strict=True):
        subscription = subscribed(
            holder, world.team, at=max(start, datetime(2026, 1, 1, tzinfo=UTC)), interval=interval
        )
        if recorded is not None:
            begun = PUBLISHED + recorded * DAY
            record_period(subscription=subscription, starts_at=begun, ends_at=begun + 30 * DAY, by=SYSTEM, at=begun)
    gives = {world.storage: 200 * GB}
    publish_plan(world.team, gives, at=PUBLISHED, audience=Audience.AT_RENEWAL)
    return holders


def touched(start: datetime, end: datetime) -> set[str]:
    ids = accounts_touched([Window(start, end)], catalog=snapshot_catalog(Reader()))
    return set(Account.objects.filter(pk__in=ids).values_list("key", flat=True))


def test_the_sweep_comes_to_the_cohort_and_to_nobody_else() -> None:
    world = catalog()
    inside, outside = account("inside"), account("outside")
    for each in (inside, outside):
        subscribed(each, world.team)
    create_cohort(key="beta", name="Beta", accounts=[inside], by=SYSTEM, at=AT)
    publish_plan(world.team, {world.storage: 200 * GB}, at=AT + DAY, audience=Audience.COHORT, cohort_key="beta")
    assert touched(AT + DAY, AT + 2 * DAY) == {"inside"}


def test_the_sweep_comes_to_whoever_a_hold_lets_go() -> None:
    world = catalog()
    subscribed(account("held"), world.team)
    hold(item=SubscriptionItem.objects.get(), until=AT + 5 * DAY, reason="Contract", by=SYSTEM, at=AT)
    assert touched(AT + 5 * DAY, AT + 6 * DAY) == {"held"}
    assert touched(AT + 3 * DAY, AT + 4 * DAY) == set()


def test_a_publication_called_off_touches_nobody() -> None:
    world = catalog()
    subscribed(account("held"), world.team)
    gives = {world.storage: 200 * GB}
    publish_plan(world.team, gives, at=AT, audience=Audience.ON_DATE, effective_at=AT + 5 * DAY)
    assert touched(AT + 5 * DAY, AT + 6 * DAY) == {"held"}
    cancel_rollout(rollout=Rollout.objects.latest("pk"), by=SYSTEM, at=AT + DAY, reason="Too early")
    assert touched(AT + 5 * DAY, AT + 6 * DAY) == set()
