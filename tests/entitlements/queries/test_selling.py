"""What can be sold to an account, and what it holds beside its plans, in as few reads for many as for few."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.bundles import end_bundle
from catalog.actions.publishing import retire
from catalog.models.market import MarketUse
from entitlements.actions.bundles import sell_bundle
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.redemptions import redeem
from entitlements.actions.subscriptions import add_item, end
from entitlements.domain.timing import Timing
from entitlements.models import Account
from entitlements.queries.selling.redeemed import (
    add_ons_for,
    bundles_for,
    bundles_of,
    extras_of,
    holding_token,
    redemptions_of,
)
from journal.domain.actor import SYSTEM
from tests.catalog.factories import MarketFactory, MarketWindowFactory
from tests.entitlements.shop import Shop, shop, storage_code
from tests.entitlements.world import AT, DAY, account, subscribed

pytestmark = pytest.mark.django_db
OF_IT: dict[str, Any] = {"by": SYSTEM, "at": AT}


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    held_by = account()
    subscribed(held_by, sold.catalog.team)
    return held_by


def reads(act: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_every_add_on_on_sale_can_be_sold_and_no_plan(sold: Shop, acme: Account) -> None:
    assert add_ons_for(account=acme, at=AT) == list(sold.parts)


def test_what_is_retired_or_sold_elsewhere_cannot(sold: Shop, acme: Account) -> None:
    retire(version=sold.parts[0].versions.get(), by=SYSTEM, at=AT - DAY)
    MarketWindowFactory(plan=sold.parts[1], market=MarketFactory(name="Asia"), use=MarketUse.SOLD)
    assert add_ons_for(account=acme, at=AT) == list(sold.parts[2:])
    (offer,) = bundles_for(account=acme, at=AT)
    assert offer == (sold.bundle, list(sold.parts[2:]))  # three are left, and three make a bundle


def test_a_bundle_is_offered_until_it_ends(sold: Shop, acme: Account) -> None:
    end_bundle(bundle=sold.bundle, reason="Over", by=SYSTEM, at=AT)
    assert [len(bundles_for(account=acme, at=at)) for at in (AT - DAY, AT)] == [1, 0]


def test_a_planned_quantity_is_part_of_its_item_and_no_item_of_its_own(sold: Shop, acme: Account) -> None:
    item = add_item(subscription=acme.subscriptions.get(), plan=sold.ipv4, quantity=3, **OF_IT)
    change_quantity(item=item, quantity=1, timing=Timing.AT_RENEWAL, by=SYSTEM, at=AT + DAY)
    (extra,) = extras_of(account=acme, at=AT + DAY)
    assert (extra.row, extra.live, extra.planned.quantity, extra.changeable) == (item, True, 1, True)
    (later,) = extras_of(account=acme, at=AT + 40 * DAY)
    assert (later.row.quantity, later.planned) == (1, None)


def test_what_is_over_is_left_out_and_what_is_to_come_is_not(sold: Shop, acme: Account) -> None:
    held = acme.subscriptions.get()
    over = add_item(subscription=held, plan=sold.parts[1], **OF_IT)
    end_item(item=over, reason="Over", by=SYSTEM, at=AT + DAY)
    add_item(subscription=held, plan=sold.ipv4, starts_at=AT + 5 * DAY, **OF_IT)
    assert [(extra.row.plan, extra.live) for extra in extras_of(account=acme, at=AT + 2 * DAY)] == [(sold.ipv4, False)]


def test_with_its_subscription_all_of_it_is_over(sold: Shop, acme: Account) -> None:
    add_item(subscription=acme.subscriptions.get(), plan=sold.ipv4, **OF_IT)
    end(subscription=acme.subscriptions.get(), ends_at=AT + DAY, reason="Cancelled", **OF_IT)
    assert extras_of(account=acme, at=AT + DAY) == []


def test_a_token_changes_with_whatever_is_sold_or_used(sold: Shop, acme: Account) -> None:
    tokens = [holding_token(acme)]
    item = add_item(subscription=acme.subscriptions.get(), plan=sold.ipv4, **OF_IT)
    tokens.append(holding_token(acme))
    change_quantity(item=item, quantity=5, by=SYSTEM, at=AT + DAY)
    tokens.append(holding_token(acme))
    redeem(account=acme, code=storage_code(sold.catalog.storage).code, **OF_IT)
    tokens.append(holding_token(acme))
    assert len(set(tokens)) == 4


def test_more_to_show_takes_no_more_reads(sold: Shop, acme: Account) -> None:
    held = acme.subscriptions.get()

    def shown() -> None:
        extras_of(account=acme, at=AT)
        [list(bundle.parts) for bundle in bundles_of(account=acme, at=AT)]
        [str(row.code.plan or row.code.feature) for row in redemptions_of(account=acme)]

    sell_bundle(subscription=held, bundle=sold.bundle, add_ons=sold.parts[:3], **OF_IT)
    redeem(account=acme, code=storage_code(sold.catalog.storage).code, **OF_IT)
    few = reads(shown)
    for number in range(3):
        sell_bundle(subscription=held, bundle=sold.bundle, add_ons=sold.parts[1:4], **OF_IT)
        redeem(account=acme, code=storage_code(sold.catalog.storage, f"MORE-{number}").code, **OF_IT)
    assert reads(shown) == few
