"""Holds: a customer keeps a version for a time, and then catches up."""

from datetime import timedelta

import pytest

from entitlements.actions.holds import NotHeld, hold, release_hold
from entitlements.models import Account, EntitlementChange, SubscriptionItem
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, GB, Catalog, account, answer, catalog, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def item(world: Catalog) -> SubscriptionItem:
    """Team v1 with 100 GB; from AT + 5 days on everybody gets 200 GB."""
    held = subscribed(account(), world.team).items.get()
    publish_plan(world.team, {world.storage: 200 * GB, world.seats: 10}, at=AT + 5 * DAY)
    return held


@pytest.fixture
def acme(item: SubscriptionItem) -> Account:
    return item.subscription.account


def kept(item: SubscriptionItem, *, by: Actor, days: int = 20, start: int = 0) -> SubscriptionItem:
    at = AT + start * DAY
    return hold(item=item, until=at + days * DAY, reason="The contract runs", by=by, at=at)


def course(acme: Account, *days: int) -> list[object]:
    return [value(acme, "storage", AT + day * DAY) / GB for day in days]


def test_what_is_published_passes_by_whoever_is_held(item: SubscriptionItem, acme: Account, finance: Actor) -> None:
    assert course(acme, 4, 5) == [100, 200]
    kept(item, by=finance)
    assert course(acme, 4, 5, 19, 20) == [100, 100, 100, 200]
    assert answer(acme, "storage", AT).valid_until == AT + 5 * DAY
    event = AuditEvent.objects.get(verb="version:hold")
    assert (event.reason, event.account_key) == ("The contract runs", acme.key)


def test_released_they_have_at_once_what_was_published(item: SubscriptionItem, acme: Account, finance: Actor) -> None:
    kept(item, by=finance)
    release_hold(item=item, by=finance, at=AT + 10 * DAY, reason="They agreed")
    assert course(acme, 5, 9, 10) == [100, 100, 200]
    change = EntitlementChange.objects.get(effective_at=AT + 10 * DAY, feature_key="storage")
    assert (change.before, change.after, change.cause) == ("100 GB", "200 GB", "Team was released")


def test_a_hold_that_lasts_gets_another_end(item: SubscriptionItem, acme: Account, finance: Actor) -> None:
    kept(item, by=finance)
    held = kept(item, by=finance, start=10, days=30)
    assert (held.held_from, held.former_holds) == (AT, [])
    assert course(acme, 5, 39, 40) == [100, 100, 200]


def test_a_second_hold_leaves_the_first_to_speak_for_its_time(
    item: SubscriptionItem, acme: Account, world: Catalog, finance: Actor
) -> None:
    kept(item, by=finance, days=10)
    publish_plan(world.team, {world.storage: 300 * GB, world.seats: 10}, at=AT + 40 * DAY)
    kept(item, by=finance, start=30, days=30)
    assert course(acme, 5, 9, 10, 29, 30, 40, 59, 60) == [100, 100, 200, 200, 200, 200, 200, 300]


def test_a_hold_taken_back_at_once_never_was(item: SubscriptionItem, finance: Actor) -> None:
    kept(item, by=finance)
    free = release_hold(item=item, by=finance, at=AT)
    assert (free.held_from, free.held_until, free.hold_reason) == (None, None, "")


def test_what_was_believed_before_the_hold_is_kept(item: SubscriptionItem, acme: Account, finance: Actor) -> None:
    kept(item, by=finance, start=1)
    day = AT + 8 * DAY
    assert value(acme, "storage", day) == 100 * GB
    assert value(acme, "storage", day, known_at=AT + DAY - timedelta.resolution) == 100 * GB  # nothing published yet
    assert value(acme, "storage", day, known_at=AT + 6 * DAY) == 100 * GB


@pytest.mark.parametrize(
    ("until", "reason", "field"), [(-1, "Why not", "until"), (0, "Why not", "until"), (1, " ", "reason")]
)
def test_a_hold_has_an_end_to_come_and_a_reason(
    item: SubscriptionItem, finance: Actor, until: int, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        hold(item=item, until=AT + until * DAY, reason=reason, by=finance, at=AT)
    assert refused.value.field == field


def test_what_has_ended_isnt_held(world: Catalog, finance: Actor) -> None:
    over = subscribed(account("other"), world.team).items.get()
    SubscriptionItem.objects.filter(pk=over.pk).update(ends_at=AT)
    with pytest.raises(Refusal, match="has ended"):
        kept(over, by=finance)


@pytest.mark.parametrize("days", [None, 5])
def test_only_what_is_held_is_released(item: SubscriptionItem, finance: Actor, days: int | None) -> None:
    if days is not None:
        kept(item, by=finance, days=days)
    with pytest.raises(NotHeld):
        release_hold(item=item, by=finance, at=AT + 5 * DAY)


def test_sales_and_support_may_not_hold(item: SubscriptionItem, sales: Actor, support_agent: Actor) -> None:
    kept(item, by=SYSTEM)
    for by in (sales, support_agent):
        with pytest.raises(NotAllowed):
            kept(item, by=by)
        with pytest.raises(NotAllowed):
            release_hold(item=item, by=by, at=AT + DAY)
