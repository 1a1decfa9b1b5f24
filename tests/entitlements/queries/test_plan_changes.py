"""What a change would do, shown before it is asked for; and the list of what was decided."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import BelowUse, Squeeze
from catalog.models import FeatureRevision
from entitlements import in_use
from entitlements.actions.lifecycle import cancel, fail_payment
from entitlements.actions.plan_changes import cancel_change, change_plan
from entitlements.actions.subscriptions import add_item
from entitlements.domain.timing import Timing
from entitlements.models import Subscription
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.plan_changes import (
    ChangePreview,
    changes_of,
    effective_at,
    preview_cancellation,
    preview_plan_change,
)
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH
from tests.entitlements.seating import seat, squeezing
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, subscribed

pytestmark = pytest.mark.django_db
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # monthly since 20 February, 10:00 in Amsterdam


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def held(world: Catalog) -> Subscription:
    return subscribed(account(), world.team)


def previewed(held: Subscription, plan: Any, timing: Timing = Timing.NOW, **more: Any) -> ChangePreview:
    return preview_plan_change(subscription=held, plan=plan, timing=timing, at=AT, **more)


def test_it_shows_feature_by_feature_what_becomes_worse(world: Catalog, held: Subscription) -> None:
    preview = previewed(held, world.free, Timing.AT_RENEWAL)
    assert preview.effective_at == RENEWAL
    told = {one.key: (one.before, one.after, one.worse) for one in preview.differences}
    assert told["storage"] == ("100 GB", "1 GB", True)
    assert told["sso"] == ("on", "not included", True)
    assert (preview.over, preview.refusals, preview.notes) == ((), (), ())


@pytest.mark.parametrize("timing", [Timing.NOW, Timing.AT_RENEWAL])
def test_what_it_shows_is_what_one_gets(world: Catalog, timing: Timing) -> None:
    held = subscribed(account(), world.free)
    add_item(subscription=held, plan=add_on("more", {world.storage: 50 * GB}), by=SYSTEM, at=AT)
    preview = previewed(held, world.team, timing)
    change = change_plan(subscription=held, plan=world.team, timing=timing, by=SYSTEM, at=AT)
    then = entitlements_of(account=held.account, at=change.effective_at)
    told = {one.key: one.after for one in preview.differences}
    assert (told["storage"], then["storage"].value) == ("150 GB", 150 * GB)
    assert not any(one.worse for one in preview.differences)


def test_why_it_cannot_be_is_said_instead(world: Catalog, held: Subscription) -> None:
    change_plan(subscription=held, plan=world.free, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT)
    preview = previewed(held, world.free)
    assert preview.effective_at is None
    assert "Team → Free is planned for 20 March 2026" in preview.refusals[0]
    fail_payment(subscription=held, grace_days=0, by=SYSTEM, at=AT)
    assert "was not paid within its grace" in previewed(held, world.free).refusals[0]


def test_in_a_trial_it_says_that_the_trial_goes_on(world: Catalog) -> None:
    held = subscribed(account(), world.free, trial_days=30)
    assert previewed(held, world.team).notes == ("The trial goes on with the new plan.",)


@pytest.fixture
def _seats_in_use() -> Iterator[None]:
    def seats(accounts: Collection[int], *, at: datetime) -> Mapping[int, Mapping[str, Decimal]]:
        return {account: {"seats": Decimal(5), "storage": Decimal(10**8)} for account in accounts}

    in_use.register(seats)
    yield
    in_use.forget(seats)


@pytest.mark.usefixtures("_seats_in_use")
def test_what_would_be_over_is_shown(world: Catalog, held: Subscription) -> None:
    preview = previewed(held, world.free)
    (over,) = preview.over
    assert (over.key, over.name, over.in_use, over.becomes, over.refused) == ("seats", "Seats", "5", "2", False)
    assert preview.refusals == ()


@pytest.mark.usefixtures("_seats_in_use")
def test_and_refused_where_the_rule_of_the_feature_says_so(world: Catalog, held: Subscription) -> None:
    row = FeatureRevision(feature=world.seats, effective_at=EPOCH, below_use=BelowUse.REFUSE)
    keep(row, deed=begin(by=SYSTEM, at=EPOCH))
    preview = previewed(held, world.free)
    assert preview.over[0].refused
    assert preview.refusals[0].startswith("Seats: 5 in use, 2 afterwards.")


def test_who_would_lose_a_seat_is_named(world: Catalog, held: Subscription) -> None:
    squeezing(world.seats, Squeeze.INVITED_THEN_NEWEST)
    seat(held.account, world.seats, *(f"user:{number}" for number in range(11, 19)))
    (over,) = previewed(held, world.free).over
    assert (over.in_use, over.squeezed.count) == ("8", 6)
    assert over.squeezed.words == "user:18, user:17, user:16, user:15, user:14 and 1 more"


@pytest.mark.usefixtures("_seats_in_use")
def test_what_is_over_already_is_not_the_doing_of_a_better_plan(world: Catalog) -> None:
    held = subscribed(account(), world.free)
    assert previewed(held, world.team).over == ()


def test_leaving_shows_what_is_lost_and_when(world: Catalog, held: Subscription) -> None:
    preview = preview_cancellation(subscription=held, timing=Timing.AT_RENEWAL, keep_days=5, at=AT)
    assert (preview.effective_at, preview.ends_at) == (RENEWAL, RENEWAL + 5 * DAY)
    assert preview.differences == ()  # winding down, everything goes on
    assert {one.key for one in preview.afterwards} == {"storage", "seats", "sso", "tier"}


def test_leaving_again_is_refused_in_words(held: Subscription) -> None:
    cancel(subscription=held, timing=Timing.NOW, keep_days=9, reason="Leaves", by=SYSTEM, at=AT)
    preview = preview_cancellation(subscription=held, timing=Timing.NOW, at=AT + DAY)
    assert preview.refusals == ("Subscription 1 is winding down, so it can't be cancelled.",)


def test_the_instants_by_timing(world: Catalog, held: Subscription) -> None:
    later = subscribed(account("later"), world.team, starts_at=AT + 3 * DAY)
    assert effective_at(held, timing=Timing.NOW, at=AT) == AT
    assert effective_at(later, timing=Timing.NOW, at=AT) == AT + 3 * DAY
    assert effective_at(held, timing=Timing.AT_RENEWAL, at=AT) == RENEWAL
    assert effective_at(held, timing=Timing.ON_DATE, at=AT, on=AT + DAY) == AT + DAY


def test_the_list_says_what_is_to_come_done_or_called_off(world: Catalog, held: Subscription) -> None:
    change_plan(subscription=held, plan=world.free, by=SYSTEM, at=AT - DAY)
    told = {"subscription": held, "plan": world.team, "timing": Timing.AT_RENEWAL, "by": SYSTEM, "at": AT}
    cancel_change(change=change_plan(**told), by=SYSTEM, at=AT)
    change_plan(**told)
    listed = changes_of(account=held.account, at=AT)
    assert [(one.state, one.words) for one in listed] == [
        ("to_come", "Another plan: Free → Team"),
        ("cancelled", "Another plan: Free → Team"),
        ("done", "Another plan: Team → Free"),
    ]


def test_what_the_end_comes_before_will_not_happen(world: Catalog, held: Subscription) -> None:
    change_plan(subscription=held, plan=world.free, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT)
    cancel(subscription=held, timing=Timing.ON_DATE, on=AT + 2 * DAY, reason="Leaves", by=SYSTEM, at=AT)
    listed = {one.row.sort: one.state for one in changes_of(account=held.account, at=AT)}
    assert listed == {"plan": "overtaken", "cancel": "to_come"}
