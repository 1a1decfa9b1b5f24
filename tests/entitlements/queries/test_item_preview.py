"""What a preview shows is what the act then does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.actions.items import change_quantity, end_item, plan_quantity
from entitlements.actions.redemptions import look_at, redeem
from entitlements.actions.sales import check_sale
from entitlements.actions.subscriptions import add_item
from entitlements.domain.timing import Timing
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.item_preview import Difference, differences, with_items
from journal.domain.actor import SYSTEM
from tests.conftest import EXAMPLES
from tests.entitlements.shop import Shop, code, shop
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    held_by = account()
    subscribed(held_by, sold.catalog.team)
    return held_by


def wanted(acme: Account, sold: Shop, number: int, quantity: int = 1) -> SubscriptionItem:
    subscription, plan = acme.subscriptions.get(), sold.parts[number]
    version = check_sale(subscription, plan, quantity=quantity, starts_at=AT, at=AT)
    told = {"quantity": quantity, "starts_at": AT, "recorded_at": AT}
    return SubscriptionItem(subscription=subscription, plan=plan, version=version, **told)


def said(lines: tuple[Difference, ...]) -> list[tuple[str, str, str]]:
    return [(line.feature, line.before, line.after) for line in lines]


def test_what_is_added_is_shown_and_nothing_written(sold: Shop, acme: Account) -> None:
    lines = with_items(account=acme, adds=[wanted(acme, sold, 0, 3), wanted(acme, sold, 1)], at=AT)
    assert said(lines) == [("Addresses", "not included", "3"), ("HIPAA", "not included", "on")]
    assert SubscriptionItem.objects.count() == 1


def test_what_changes_nothing_shows_nothing(sold: Shop, acme: Account) -> None:
    assert with_items(account=acme, at=AT) == ()


@contextmanager
def undone() -> Iterator[None]:
    """Each example begins with nothing sold."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.sets(st.integers(0, 4), min_size=1))
def test_the_preview_of_a_sale_is_what_it_then_does(sold: Shop, acme: Account, numbers: set[int]) -> None:
    before = entitlements_of(account=acme, at=AT)
    rows = [wanted(acme, sold, number, 2) for number in numbers]
    shown = with_items(account=acme, adds=rows, at=AT)
    with undone():
        for row in rows:
            add_item(subscription=row.subscription, plan=row.plan, quantity=2, by=SYSTEM, at=AT)
        assert shown == differences(before, entitlements_of(account=acme, at=AT))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=st.sampled_from([0, 1, 3, 4]), later=st.integers(1, 40), probe=st.integers(0, 40))
def test_the_preview_of_a_change_is_what_it_then_does(
    sold: Shop, acme: Account, quantity: int, later: int, probe: int
) -> None:
    """In another quantity, or ended, some hours later, and seen at any time from then on."""
    changed = AT + timedelta(hours=later)
    at = changed + timedelta(hours=probe)
    with undone():
        item = add_item(subscription=acme.subscriptions.get(), plan=sold.ipv4, quantity=2, by=SYSTEM, at=AT)
        before = entitlements_of(account=acme, at=at)
        if quantity:
            change = plan_quantity(item, quantity, at=changed, timing=Timing.NOW)
            shown = with_items(account=acme, adds=[change.follower], ends={item.pk: change.ends_at}, at=at)
            change_quantity(item=item, quantity=quantity, by=SYSTEM, at=changed)
        else:
            shown = with_items(account=acme, ends={item.pk: changed}, at=at)
            end_item(item=item, reason="Over", by=SYSTEM, at=changed)
        assert shown == differences(before, entitlements_of(account=acme, at=at))


def test_a_trial_that_would_be_opened_is_shown_until_it_lapses(sold: Shop) -> None:
    prospect = account("prospect")
    code(plan=sold.catalog.team, days=14)
    offered = look_at(account=prospect, code="spring26", by=SYSTEM, at=AT)
    row = SubscriptionItem(
        plan=sold.catalog.team, version=sold.catalog.team.versions.get(), starts_at=AT, recorded_at=AT
    )
    then = AT + 20 * DAY
    shown = [with_items(account=prospect, adds=[row], trial_ends_at=offered.ends_at, at=at) for at in (AT, then)]
    before = [entitlements_of(account=prospect, at=at) for at in (AT, then)]
    redeem(account=prospect, code="spring26", by=SYSTEM, at=AT)
    after = [entitlements_of(account=prospect, at=at) for at in (AT, then)]
    assert shown == [differences(old, new) for old, new in zip(before, after, strict=True)]
    assert ("Seats", "not included", "10") in said(shown[0])
    assert ("Seats", "not included", "2") in said(shown[1])


def test_what_is_lent_beside_a_trial_is_shown_as_lasting(sold: Shop) -> None:
    tried = account("tried")
    held = subscribed(tried, sold.catalog.free, at=AT - DAY, trial_days=3)
    told = {"lent": True, "starts_at": AT, "ends_at": AT + 30 * DAY, "recorded_at": AT}
    version = sold.catalog.team.versions.get()
    row = SubscriptionItem(subscription=held, plan=sold.catalog.team, version=version, **told)
    lines = with_items(account=tried, adds=[row], at=AT + 9 * DAY)
    assert ("Seats", "not included", "10") in said(lines)
