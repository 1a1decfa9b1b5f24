"""Who is on which version of a plan, and why: counted in groups, and the same as asked one by one."""

from collections import Counter
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.holds import hold
from entitlements.actions.periods import record_period
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trials import convert
from entitlements.domain.holdings import Holdings
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.entitlements import facts_of
from entitlements.queries.publishing.grandfathering import (
    HeldVersion,
    frozen_cohort_name,
    grandfathering,
    holders,
    holders_by_version,
    running_trials,
)
from entitlements.queries.publishing.holders import version_of, version_without_hold
from journal.domain.actor import SYSTEM
from tests.conftest import EXAMPLES
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db
LATER = AT + 10 * DAY


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


def more(world: Catalog, size: int, **whom: object) -> object:
    """The next version of Team, with all the others give and so much storage."""
    gives = {world.storage: size * GB, world.seats: 10, world.sso: True, world.tier: "smart"}
    return publish_plan(world.team, gives, **({"at": AT, "after_trial": world.free} | whom))


def crowd(world: Catalog, *keys: str) -> list[Account]:
    found = [account(key) for key in keys]
    for each in found:
        subscribed(each, world.team)
    return found


def counted(world: Catalog) -> dict[int, int]:
    """By the number of the version."""
    lines = grandfathering(plan=world.team, at=LATER)
    return {line.version.number: line.accounts for line in lines if line.accounts}


def line(world: Catalog, number: int) -> HeldVersion:
    return next(line for line in grandfathering(plan=world.team, at=LATER) if line.version.number == number)


def told(found: HeldVersion) -> list[tuple[Audience | None, str, int]]:
    return [(reason.audience, reason.cohort or reason.held_because, n) for reason, n in found.reasons]


def test_whoever_bought_it_then_keeps_it(world: Catalog) -> None:
    crowd(world, "one", "two")
    more(world, 200, audience=Audience.NEW_CUSTOMERS)
    subscribed(account("new"), world.team, at=AT + DAY)
    assert counted(world) == {1: 2, 2: 1}
    assert told(line(world, 1)) == [(None, "", 2)]


def test_whoever_was_moved_says_by_what(world: Catalog) -> None:
    one, two, _three = crowd(world, "one", "two", "three")
    create_cohort(key="beta", name="Beta", accounts=[two], by=SYSTEM, at=AT)
    hold(
        item=SubscriptionItem.objects.get(subscription__account=one),
        until=AT + 20 * DAY,
        reason="Contract",
        by=SYSTEM,
        at=AT,
    )
    more(world, 200, at=AT + DAY)
    more(world, 300, at=AT + 2 * DAY, audience=Audience.COHORT, cohort_key="beta")
    assert counted(world) == {1: 1, 2: 1, 3: 1}
    assert told(line(world, 1)) == [(None, "Contract", 1)]
    assert told(line(world, 2)) == [(Audience.NOW, "", 1)]
    assert told(line(world, 3)) == [(Audience.COHORT, "Beta", 1)]


def test_at_renewal_each_has_it_from_their_own_day_on(world: Catalog) -> None:
    soon, late = crowd(world, "soon", "late")
    record_period(
        subscription=soon.subscriptions.get(), starts_at=AT + 5 * DAY, ends_at=AT + 35 * DAY, by=SYSTEM, at=AT
    )
    record_period(
        subscription=late.subscriptions.get(), starts_at=AT + 15 * DAY, ends_at=AT + 45 * DAY, by=SYSTEM, at=AT
    )
    more(world, 200, audience=Audience.AT_RENEWAL)
    assert counted(world) == {1: 1, 2: 1}
    assert [held.row.subscription.account for held in holders(version=line(world, 2).version, at=LATER)] == [soon]


def test_an_account_that_holds_the_plan_twice_is_one_account(world: Catalog) -> None:
    (acme,) = crowd(world, "acme")
    subscribed(acme, world.team)
    add_item(subscription=acme.subscriptions.first(), plan=world.team, lent=True, by=SYSTEM, at=AT)
    assert counted(world) == {1: 1}


def test_whoever_fell_back_after_a_trial_holds_what_they_fell_back_to(world: Catalog) -> None:
    subscribed(account("tried"), world.team, at=AT, trial_days=3)
    converted = subscribed(account("bought"), world.team, at=AT, trial_days=3)
    convert(subscription=converted, by=SYSTEM, at=AT + DAY)
    assert counted(world) == {1: 1}
    (free,) = grandfathering(plan=world.free, at=LATER)
    assert [(reason.fallen, n) for reason, n in free.reasons] == [(True, 1)]
    assert [held.row.subscription.account.key for held in holders(version=free.version, at=LATER)] == ["tried"]


def test_what_has_ended_or_is_still_to_begin_is_held_by_nobody(world: Catalog) -> None:
    over = subscribed(account("over"), world.team)
    end(subscription=over, ends_at=AT + DAY, reason="Left", by=SYSTEM, at=AT)
    subscribed(account("coming"), world.team, at=AT, starts_at=AT + 30 * DAY)
    assert counted(world) == {}


def test_what_they_keep_is_what_the_version_on_sale_gives_less_of(world: Catalog) -> None:
    crowd(world, "one")
    publish_plan(world.team, {world.storage: 50 * GB, world.seats: 20}, at=AT, audience=Audience.NEW_CUSTOMERS)
    assert [change.feature for change in line(world, 1).keeps] == ["storage", "sso", "tier"]
    assert line(world, 2).keeps == ()


def test_a_trial_still_running_names_the_version_it_will_lapse_on(world: Catalog) -> None:
    first = world.team.versions.get()
    subscribed(account("trying"), world.team, at=AT, trial_days=20)
    assert running_trials(version_ids=[first.pk], at=AT) == {first.pk}
    second = more(world, 200, at=AT + DAY)
    assert running_trials(version_ids=[first.pk, second.pk], at=AT + DAY) == {second.pk}
    assert running_trials(version_ids=[first.pk, second.pk], at=AT + 21 * DAY) == set()


def test_a_held_item_has_one_version_and_would_have_another(world: Catalog) -> None:
    (acme,) = crowd(world, "acme")
    item = SubscriptionItem.objects.get(subscription__account=acme)
    hold(item=item, until=AT + 20 * DAY, reason="Contract", by=SYSTEM, at=AT)
    second = more(world, 200, at=AT + DAY)
    assert version_of(item=item, at=LATER) == world.team.versions.get(number=1)
    assert version_without_hold(item=item, at=LATER) == second


def test_a_cohort_is_named_once_it_is_frozen(world: Catalog) -> None:
    create_cohort(key="beta", name="Beta", accounts=crowd(world, "one"), by=SYSTEM, at=AT)
    assert (frozen_cohort_name("beta"), frozen_cohort_name("gamma")) == ("Beta", None)


def test_a_crowd_takes_no_more_queries_than_a_few(world: Catalog) -> None:
    more(world, 200, audience=Audience.NEW_CUSTOMERS)
    queries = []
    for keys in (("one", "two"), tuple(f"more-{n}" for n in range(30))):
        crowd(world, *keys)
        with CaptureQueriesContext(connection) as taken:
            grandfathering(plan=world.team, at=LATER)
        queries.append(len(taken))
    assert queries[0] == queries[1]


ACTS = ("buy", "buy", "try", "twice", "now", "new customers", "at renewal", "cohort", "hold", "period", "convert")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=12))
def test_counted_in_groups_it_is_what_each_account_says_of_itself(db: None, acts: list[str]) -> None:
    with transaction.atomic():
        world = catalog()
        for day, name in enumerate(acts):
            act(world, name, day)
        for days in (0, 6, 14, 45):
            at = AT + (len(acts) + days) * DAY
            ids = [version.pk for version in (*world.team.versions.all(), *world.free.versions.all())]
            assert dict(holders_by_version(version_ids=ids, at=at)) == one_by_one(at)
        transaction.set_rollback(True)


def act(world: Catalog, name: str, day: int) -> None:
    at = AT + day * DAY
    items = SubscriptionItem.objects.filter(plan=world.team).order_by("-pk")
    match name:
        case "buy":
            subscribed(account(f"a{day}", at=at), world.team, at=at, starts_at=at + (day % 3) * DAY)
        case "try":
            subscribed(account(f"a{day}", at=at), world.team, at=at, trial_days=5)
        case "cohort":
            chosen = Account.objects.order_by("pk")[::2]
            if chosen:
                create_cohort(key=f"c{day}", name="C", accounts=chosen, by=SYSTEM, at=at)
                more(world, 100 + day, at=at, audience=Audience.COHORT, cohort_key=f"c{day}")
        case "now" | "new customers" | "at renewal":
            more(world, 100 + day, at=at, audience=Audience(name.replace(" ", "_")))
        case _ if not items:
            return
        case "twice":
            subscribed(items[0].subscription.account, world.team, at=at)
        case "hold":
            hold(item=items[0], until=at + 8 * DAY, reason="Contract", by=SYSTEM, at=at)
        case "period":
            subscription = items[0].subscription
            if not subscription.billing_periods.exists():
                record_period(subscription=subscription, starts_at=at, ends_at=at + 30 * DAY, by=SYSTEM, at=at)
        case "convert":
            trying = [item.subscription for item in items if item.subscription.phases.filter(ends_at__gt=at).exists()]
            if trying and trying[0].converted_at is None:
                convert(subscription=trying[0], by=SYSTEM, at=at)


def one_by_one(at: datetime) -> dict[int, int]:
    """Each account asked for the plans it has at the moment, fallen back ones too, by the resolver's own facts."""
    found: Counter[int] = Counter()
    for each in Account.objects.all():
        live = Holdings(facts_of(account=each), at).live
        found.update({int(held.version.id) for held in live})
    return dict(found)
