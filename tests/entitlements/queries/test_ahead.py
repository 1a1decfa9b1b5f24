"""What ends soon for one customer: whatever comes by itself, the soonest first."""

from datetime import date

import pytest

from entitlements.actions.lifecycle import fail_payment
from entitlements.actions.overrides import revoke
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trials import convert
from entitlements.domain.facts import Mode
from entitlements.domain.timing import Timing
from entitlements.models import Account
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.ahead import EndAhead, ends_ahead
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


def ahead(held_by: Account, *, days: int = 30) -> tuple[EndAhead, ...]:
    return ends_ahead(account=held_by, at=AT, within=days * DAY)


def test_every_sort_of_end_is_found_the_soonest_first(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.team, at=AT, trial_days=5)
    paid = subscribed(acme, world.free, at=AT)
    fail_payment(subscription=paid, grace_days=3, by=SYSTEM, at=AT)
    overridden(acme, world.storage, Mode.ADD, 5 * GB, at=AT, through_on=date(2026, 3, 10))
    add_item(subscription=paid, plan=world.team, lent=True, ends_at=AT + 9 * DAY, by=SYSTEM, at=AT)
    end(subscription=paid, ends_at=AT + 20 * DAY, reason="", by=SYSTEM, at=AT)
    assert [(found.sort, found.words) for found in ahead(acme)] == [
        (EndOf.GRACE, "The time to pay for Free lasts until 5 March 2026 10:00 (Amsterdam)"),
        (EndOf.TRIAL, "The trial of Team lasts until 7 March 2026 10:00 (Amsterdam)"),
        (EndOf.OVERRIDE, "The arrangement for Storage lasts through 10 March 2026 (Amsterdam)"),
        (EndOf.ITEM, "The lent plan Team lasts until 11 March 2026 10:00 (Amsterdam)"),
        (EndOf.SUBSCRIPTION, "The subscription to Free lasts until 22 March 2026 10:00 (Amsterdam)"),
    ]


def test_what_is_over_or_too_far_is_not_among_them(world: Catalog) -> None:
    acme = account()
    end(subscription=subscribed(acme, world.free, at=AT), ends_at=AT, reason="", by=SYSTEM, at=AT)
    end(subscription=subscribed(acme, world.team, at=AT), ends_at=AT + 8 * DAY, reason="", by=SYSTEM, at=AT)
    assert ahead(acme, days=7) == ()
    assert [found.at for found in ahead(acme, days=8)] == [AT + 8 * DAY]


def test_a_converted_trial_and_a_revoked_override_no_longer_end(world: Catalog) -> None:
    acme = account()
    convert(subscription=subscribed(acme, world.team, at=AT, trial_days=5), by=SYSTEM, at=AT)
    revoke(override=overridden(acme, world.storage, Mode.ADD, 5 * GB, at=AT), reason="", by=SYSTEM, at=AT)
    assert ahead(acme, days=365) == ()


def test_what_ends_with_its_subscription_is_told_by_the_subscription_alone(world: Catalog) -> None:
    acme = account()
    held = subscribed(acme, world.free, at=AT)
    boost = add_on("boost", {world.storage: 5 * GB})
    add_item(subscription=held, plan=boost, ends_at=AT + 9 * DAY, by=SYSTEM, at=AT)
    end(subscription=held, ends_at=AT + 5 * DAY, reason="", by=SYSTEM, at=AT)
    assert [found.sort for found in ahead(acme)] == [EndOf.SUBSCRIPTION]


def test_a_trial_with_a_card_goes_on(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.team, at=AT, trial_days=5, with_card=True)
    (found,) = ahead(acme)
    assert (found.goes_on, found.lapses) == (True, None)


def test_a_trial_that_a_sold_plan_follows_needs_no_warning(world: Catalog) -> None:
    acme = account()
    tried = subscribed(acme, world.team, at=AT, trial_days=5)
    change_plan(
        subscription=tried, plan=world.team, quantity=3, timing=Timing.ON_DATE, on=AT + 5 * DAY, by=SYSTEM, at=AT
    )
    assert ahead(acme) == ()


def test_another_customers_ends_are_not_among_them(world: Catalog) -> None:
    subscribed(account("other"), world.team, at=AT, trial_days=5)
    assert ahead(account()) == ()


def test_it_takes_as_many_reads_however_much_ends(world: Catalog, django_assert_num_queries: object) -> None:
    acme = account()
    for _ in range(3):
        subscribed(acme, world.team, at=AT, trial_days=5)
    with django_assert_num_queries(13):  # type: ignore[operator]  # the plans of the trials are one more
        assert len(ahead(acme)) == 3
