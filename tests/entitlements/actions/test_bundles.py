"""Selling a bundle, ending it, swapping one part of it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from catalog.actions.bundles import edit_bundle, end_bundle
from catalog.actions.publishing import retire
from catalog.domain.promotions import BadChoice
from catalog.domain.values import BelowUse
from catalog.models import FeatureRevision, Plan
from catalog.models.market import MarketUse
from entitlements import in_use
from entitlements.actions.bundles import end_sold_bundle, sell_bundle, swap_part
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.lifecycle import NotPermitted, cancel
from entitlements.actions.plan_changes import BelowWhatIsInUse
from entitlements.actions.sales import NotOnSale
from entitlements.actions.subscriptions import end
from entitlements.domain.timing import Timing
from entitlements.models import Account, EntitlementChange, SoldBundle, SubscriptionItem
from entitlements.queries.holdings import holdings
from entitlements.queries.selling.redeemed import bundles_for, bundles_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import EPOCH, MarketFactory, MarketWindowFactory
from tests.entitlements.shop import Shop, shop
from tests.entitlements.world import AT, DAY, account, answer, subscribed, value

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
KEYS = ("hipaa", "drain", "domain", "mfa")


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    held_by = account()
    subscribed(held_by, sold.catalog.team)
    return held_by


def buy(
    sold: Shop, acme: Account, parts: Sequence[Plan] | None = None, *, by: Actor = SYSTEM, **more: Any
) -> SoldBundle:
    told = {"subscription": acme.subscriptions.get(), "bundle": sold.bundle, "add_ons": parts or sold.parts[:3]}
    return sell_bundle(**told, by=by, at=more.pop("at", AT), **more)


def has(acme: Account, at: datetime) -> set[str]:
    gates = {key for key in KEYS if answer(acme, key, at).granted}
    return gates | ({"ipv4"} if value(acme, "addresses", at) else set())


def test_three_of_five_are_three_items_that_say_where_they_came_from(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme, by=sales, interval="year")
    assert has(acme, AT) == {"ipv4", "hipaa", "drain"}
    items = SubscriptionItem.objects.filter(sold_bundle=bought)
    assert {(item.origin, item.quantity, item.interval) for item in items} == {("Bundle Starter", 1, "year")}
    held = holdings(account_ids=[acme.pk], at=AT)[acme.pk][0]
    assert [item.origin for item in held.items] == ["", *["Bundle Starter"] * 3]


def test_what_was_sold_is_told_once_with_its_cause(sold: Shop, acme: Account) -> None:
    buy(sold, acme)
    event = AuditEvent.objects.get(verb="bundle:sell")
    assert event.changes == {"Starter": [None, "IPv4, Hipaa_Pack, Drain_Pack"]}
    causes = EntitlementChange.objects.filter(effective_at=AT, account=acme).values_list("cause", "audit_id")
    assert set(causes) == {("Starter was sold", event.pk)}


def test_the_account_shows_the_bundle_with_its_parts(sold: Shop, acme: Account) -> None:
    bought = buy(sold, acme)
    (held,) = bundles_of(account=acme, at=AT)
    assert (held.row, [part.plan for part in held.parts]) == (bought, list(sold.parts[:3]))


def test_from_a_day_to_come_its_parts_begin_together(sold: Shop, acme: Account) -> None:
    buy(sold, acme, starts_at=AT + 2 * DAY)
    assert has(acme, AT + 2 * DAY - MOMENT) == set()
    assert has(acme, AT + 2 * DAY) == {"ipv4", "hipaa", "drain"}


@pytest.mark.parametrize("number", [0, 2, 4, 5])
def test_another_number_than_it_is_made_of_is_refused(sold: Shop, acme: Account, number: int) -> None:
    told = {"subscription": acme.subscriptions.get(), "bundle": sold.bundle, "add_ons": sold.parts[:number]}
    with pytest.raises(BadChoice, match=f"3 of 5 add-ons; {number} chosen"):
        sell_bundle(**told, by=SYSTEM, at=AT)
    assert not SoldBundle.objects.exists()


def test_the_same_twice_or_something_else_is_refused(sold: Shop, acme: Account) -> None:
    one, two, *_ = sold.parts
    with pytest.raises(BadChoice, match="chosen twice"):
        buy(sold, acme, [one, two, one])
    with pytest.raises(BadChoice, match="Team is not part of Starter"):
        buy(sold, acme, [one, two, sold.catalog.team])


def test_a_bundle_that_is_over_or_to_come_is_not_sold(sold: Shop, acme: Account) -> None:
    end_bundle(bundle=sold.bundle, reason="Over", by=SYSTEM, at=AT)
    with pytest.raises(NotOnSale, match="Starter is not on sale now"):
        buy(sold, acme)
    buy(sold, acme, at=AT - MOMENT)  # an instant before it was


def test_a_part_that_is_not_on_sale_keeps_the_whole_from_being_sold(sold: Shop, acme: Account) -> None:
    retire(version=sold.parts[1].versions.get(), by=SYSTEM, at=AT - DAY)
    with pytest.raises(NotOnSale):
        buy(sold, acme)
    assert not SoldBundle.objects.exists()
    buy(sold, acme, [sold.parts[0], *sold.parts[2:4]])


def test_it_is_offered_only_where_enough_of_it_is_sold(sold: Shop, acme: Account) -> None:
    asia = MarketFactory(name="Asia")
    assert [bundle for bundle, _ in bundles_for(account=acme, at=AT)] == [sold.bundle]
    for part in sold.parts[:3]:
        MarketWindowFactory(plan=part, market=asia, use=MarketUse.SOLD)
    assert bundles_for(account=acme, at=AT) == []


def test_ended_all_of_it_ends_together(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme)
    end_sold_bundle(sold=bought, reason="Too dear", by=sales, at=AT + DAY)
    assert [has(acme, AT + DAY - MOMENT), has(acme, AT + DAY)] == [{"ipv4", "hipaa", "drain"}, set()]
    assert AuditEvent.objects.get(verb="bundle:end_sold").reason == "Too dear"
    with pytest.raises(Stale, match="was ended since"):
        end_sold_bundle(sold=bought, reason="Again", by=sales, at=AT + 2 * DAY)


def test_before_it_began_it_is_taken_back(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme, starts_at=AT + 5 * DAY)
    end_sold_bundle(sold=bought, reason="Changed their mind", by=sales, at=AT + DAY)
    assert not SoldBundle.objects.exists()
    assert not SubscriptionItem.objects.filter(origin="Bundle Starter").exists()


def test_one_part_is_swapped_and_the_rest_stays(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme)
    out = bought.parts.get(plan=sold.ipv4)
    new = swap_part(part=out, add_on=sold.parts[4], reason="They need it more", by=sales, at=AT + DAY)
    assert [has(acme, AT + DAY - MOMENT), has(acme, AT + DAY)] == [
        {"ipv4", "hipaa", "drain"},
        {"hipaa", "drain", "mfa"},
    ]
    assert (new.sold_bundle, new.origin, new.interval) == (bought, "Bundle Starter", out.interval)
    (held,) = bundles_of(account=acme, at=AT + DAY)
    assert new in held.parts
    assert out not in held.parts


def test_swapped_or_not_it_ends_together(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme)
    swap_part(part=bought.parts.get(plan=sold.ipv4), add_on=sold.parts[4], by=sales, at=AT + DAY)
    end_sold_bundle(sold=bought, reason="Over", by=sales, at=AT + 2 * DAY)
    assert has(acme, AT + 2 * DAY) == set()


def test_a_part_that_has_not_begun_is_swapped_for_its_whole_time(sold: Shop, acme: Account, sales: Actor) -> None:
    bought = buy(sold, acme, starts_at=AT + 5 * DAY)
    swap_part(part=bought.parts.get(plan=sold.ipv4), add_on=sold.parts[4], by=sales, at=AT + DAY)
    assert has(acme, AT + 5 * DAY) == {"hipaa", "drain", "mfa"}
    assert bought.parts.count() == 3


def test_what_may_not_come_instead(sold: Shop, acme: Account, sales: Actor) -> None:
    out = buy(sold, acme).parts.get(plan=sold.ipv4)
    for add_on, words in ((sold.parts[1], "part of this bundle already"), (sold.ipv4, "already")):
        with pytest.raises(Invalid, match=words):
            swap_part(part=out, add_on=add_on, by=sales, at=AT + DAY)
    edit_bundle(bundle=sold.bundle, name="Starter", pick=3, add_ons=sold.parts[:4], by=SYSTEM, at=AT + DAY)
    with pytest.raises(Invalid, match="not one of the options"):
        swap_part(part=out, add_on=sold.parts[4], by=sales, at=AT + DAY)


def test_a_part_is_swapped_once(sold: Shop, acme: Account, sales: Actor) -> None:
    out = buy(sold, acme).parts.get(plan=sold.ipv4)
    swap_part(part=out, add_on=sold.parts[4], by=sales, at=AT + DAY)
    with pytest.raises(Stale, match="swapped or ended since"):
        swap_part(part=out, add_on=sold.parts[3], by=sales, at=AT + 2 * DAY)


def test_who_has_bought_it_keeps_what_they_chose(sold: Shop, acme: Account) -> None:
    buy(sold, acme)
    edit_bundle(bundle=sold.bundle, name="Basics", pick=1, add_ons=sold.parts[3:], by=SYSTEM, at=AT + DAY)
    end_bundle(bundle=sold.bundle, reason="Over", by=SYSTEM, at=AT + 2 * DAY)
    assert has(acme, AT + 3 * DAY) == {"ipv4", "hipaa", "drain"}


def test_a_part_is_not_ended_or_counted_alone(sold: Shop, acme: Account, sales: Actor) -> None:
    part = buy(sold, acme).parts.get(plan=sold.ipv4)
    with pytest.raises(Refusal, match="part of a bundle"):
        end_item(item=part, reason="No", by=sales, at=AT + DAY)
    with pytest.raises(Refusal, match="part of a bundle"):
        change_quantity(item=part, quantity=2, by=sales, at=AT + DAY)


def test_with_its_subscription_it_ends(sold: Shop, acme: Account) -> None:
    buy(sold, acme)
    end(subscription=acme.subscriptions.get(), ends_at=AT + DAY, reason="Cancelled", by=SYSTEM, at=AT)
    assert has(acme, AT + DAY) == set()
    assert bundles_of(account=acme, at=AT + DAY) == []


def test_support_may_not_sell_bundles(sold: Shop, acme: Account, support_agent: Actor) -> None:
    bought = buy(sold, acme)
    for act in (
        lambda: buy(sold, acme, by=support_agent),
        lambda: end_sold_bundle(sold=bought, reason="No", by=support_agent, at=AT),
        lambda: swap_part(part=bought.parts.first(), add_on=sold.parts[4], by=support_agent, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_no_bundle_is_sold_or_changed_where_nothing_may_change(sold: Shop, acme: Account) -> None:
    bought = buy(sold, acme)
    part = bought.parts.get(plan=sold.parts[0])
    cancel(subscription=acme.subscriptions.get(), timing=Timing.NOW, keep_days=30, reason="Leaves", by=SYSTEM, at=AT)
    for act in (
        lambda: buy(sold, acme, at=AT + DAY),
        lambda: swap_part(part=part, add_on=sold.parts[3], by=SYSTEM, at=AT + DAY),
        lambda: end_sold_bundle(sold=bought, reason="Too dear", by=SYSTEM, at=AT + DAY),
    ):
        with pytest.raises(NotPermitted, match="is winding down, so what it holds can't be changed"):
            act()


def test_less_than_in_use_is_refused_where_the_rule_says_so(sold: Shop, acme: Account) -> None:
    bought = buy(sold, acme)
    rule = FeatureRevision(feature=sold.addresses, effective_at=EPOCH, below_use=BelowUse.REFUSE)
    keep(rule, deed=begin(by=SYSTEM, at=EPOCH))
    used: in_use.Source = lambda ids, *, at: {pk: {"addresses": Decimal(1)} for pk in ids}  # noqa: E731
    in_use.register(used)
    try:
        for act in (
            lambda: swap_part(part=bought.parts.get(plan=sold.ipv4), add_on=sold.parts[3], by=SYSTEM, at=AT),
            lambda: end_sold_bundle(sold=bought, reason="Too dear", by=SYSTEM, at=AT),
        ):
            with pytest.raises(BelowWhatIsInUse, match="Addresses: 1 in use, not included afterwards"):
                act()
    finally:
        in_use.forget(used)
