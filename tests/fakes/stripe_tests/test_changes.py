"""Subscriptions changed within a period: what is owed, when it is billed, and what a refusal leaves."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY, after
from tests.fakes.stripe_tests.conftest import Shop

HALF = int(15.5 * DAY)  # of March


def _half_way(shop: Shop, **more: Any) -> Any:
    made = shop.subscribed(**more)
    shop.fake.advance(seconds=HALF)
    return made


def _to(shop: Shop, made: Any, price: str = "", **more: Any) -> Any:
    item = made["items"].data[0].id
    return shop.stripe.v1.subscriptions.update(
        made.id, {"items": [{"id": item, "price": price or shop.dearer}], **more}
    )


def test_an_upgrade_is_prorated_on_the_next_invoice(shop: Shop) -> None:
    made = _half_way(shop)
    moved = _to(shop, made)
    assert moved["items"].data[0].price.id == shop.dearer
    assert moved["items"].data[0].current_period_end == made["items"].data[0].current_period_end
    shop.fake.advance(days=17)
    lines = shop.now(made).latest_invoice.lines.data
    assert [line.amount for line in lines] == [-500, 1500, 3000]
    assert [line.parent.subscription_item_details.proration for line in lines] == [True, True, False]
    assert {line.pricing.price_details.price for line in lines} == {shop.monthly, shop.dearer}


def test_an_upgrade_billed_at_once(shop: Shop) -> None:
    moved = _to(shop, _half_way(shop), proration_behavior="always_invoice", expand=["latest_invoice"])
    invoice = moved.latest_invoice
    assert (invoice.billing_reason, invoice.status, invoice.amount_paid) == ("subscription_update", "paid", 1000)


def test_an_upgrade_without_proration(shop: Shop) -> None:
    made = _half_way(shop)
    _to(shop, made, proration_behavior="none")
    shop.fake.advance(days=17)
    assert [line.amount for line in shop.now(made).latest_invoice.lines.data] == [3000]


def test_how_it_was_asked_for_is_kept(shop: Shop) -> None:
    made = _half_way(shop)
    _to(shop, made, proration_behavior="none")
    assert shop.fake.state.get("subscription", made.id)["_asked"] == [
        {"proration_behavior": "none", "proration_date": None}
    ]


def test_a_downgrade_is_a_credit_that_the_next_invoice_uses(shop: Shop) -> None:
    made = _half_way(shop, price=shop.dearer)
    down = _to(shop, made, shop.monthly, proration_behavior="always_invoice", expand=["latest_invoice"])
    assert (down.latest_invoice.total, down.latest_invoice.status) == (-1000, "paid")
    assert shop.stripe.v1.customers.retrieve(shop.customer).balance == -1000
    shop.fake.advance(days=17)
    invoice = shop.now(made).latest_invoice
    assert (invoice.total, invoice.starting_balance, invoice.amount_due, invoice.ending_balance) == (1000, -1000, 0, 0)
    assert shop.stripe.v1.customers.retrieve(shop.customer).balance == 0


def test_a_quantity_is_changed_through_its_item(shop: Shop) -> None:
    made = _half_way(shop)
    item = shop.stripe.v1.subscription_items.update(
        made["items"].data[0].id, {"quantity": 3, "proration_behavior": "always_invoice"}
    )
    assert item.quantity == 3
    assert shop.now(made).latest_invoice.total == 1000
    told = [one for one in shop.fake.events if one["type"] == "customer.subscription.updated"][-1]
    assert told["data"]["previous_attributes"]["items"]["data"][0]["quantity"] == 1


def test_an_item_is_added_and_removed(shop: Shop) -> None:
    made = _half_way(shop)
    added = shop.stripe.v1.subscription_items.create({"subscription": made.id, "price": shop.dearer, "quantity": 1})
    assert added.current_period_end == made["items"].data[0].current_period_end
    assert [one.id for one in shop.stripe.v1.subscription_items.list({"subscription": made.id}).data][-1] == added.id
    assert shop.stripe.v1.subscription_items.retrieve(added.id).price.id == shop.dearer
    assert shop.stripe.v1.subscription_items.delete(added.id).deleted is True
    shop.fake.advance(days=17)
    assert [line.amount for line in shop.now(made).latest_invoice.lines.data] == [1500, -1500, 1000]


def test_the_last_item_stays(shop: Shop) -> None:
    made = shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match="at least one"):
        shop.stripe.v1.subscription_items.delete(made["items"].data[0].id)


def test_another_interval_begins_a_period_at_once(shop: Shop) -> None:
    moved = _to(shop, _half_way(shop), shop.yearly, expand=["latest_invoice"])
    item = moved["items"].data[0]
    assert (item.current_period_start, item.current_period_end) == (shop.fake.now, after(shop.fake.now, "year", 1))
    assert [line.amount for line in moved.latest_invoice.lines.data] == [-500, 10_000]


def test_an_anchor_of_now_begins_a_period_at_once(shop: Shop) -> None:
    made = _half_way(shop)
    moved = shop.stripe.v1.subscriptions.update(
        made.id, {"billing_cycle_anchor": {"type": "now"}, "expand": ["latest_invoice"]}
    )
    assert moved.billing_cycle_anchor == moved["items"].data[0].current_period_start == shop.fake.now
    assert [line.amount for line in moved.latest_invoice.lines.data] == [-500, 1000]


def test_a_change_whose_payment_fails_is_past_due(shop: Shop) -> None:
    made = _half_way(shop)
    shop.fake.fail_next_payment(shop.customer)
    assert _to(shop, made, proration_behavior="always_invoice").status == "past_due"


def test_a_change_that_has_to_be_paid_is_refused_whole(shop: Shop) -> None:
    made = _half_way(shop)
    shop.fake.fail_next_payment(shop.customer)
    with pytest.raises(official.CardError):
        _to(shop, made, proration_behavior="always_invoice", payment_behavior="error_if_incomplete")
    assert shop.now(made)["items"].data[0].price.id == shop.monthly


def test_a_change_that_waits_for_its_payment(shop: Shop) -> None:
    made = _half_way(shop)
    shop.fake.fail_next_payment(shop.customer)
    waiting = _to(shop, made, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    assert waiting["items"].data[0].price.id == shop.monthly
    assert waiting.pending_update.subscription_items[0].price.id == shop.dearer
    shop.stripe.v1.invoices.pay(waiting.latest_invoice)
    done = shop.now(made)
    assert (done["items"].data[0].price.id, done.pending_update) == (shop.dearer, None)
    assert "customer.subscription.pending_update_applied" in shop.told()


def test_a_change_that_waited_too_long_is_forgotten(shop: Shop) -> None:
    made = _half_way(shop)
    shop.fake.fail_next_payment(shop.customer)
    waiting = _to(shop, made, proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    shop.fake.advance(hours=23)
    assert shop.now(made).pending_update is None
    assert shop.now(made)["items"].data[0].price.id == shop.monthly
    assert shop.stripe.v1.invoices.retrieve(waiting.latest_invoice).status == "void"
    assert shop.told()[-1] == "customer.subscription.pending_update_expired"


@pytest.mark.parametrize(
    ("behaviour", "status"), [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")]
)
def test_collection_rests(shop: Shop, behaviour: str, status: str) -> None:
    made = shop.subscribed()
    rests = shop.stripe.v1.subscriptions.update(
        made.id, {"pause_collection": {"behavior": behaviour, "resumes_at": shop.fake.now + 40 * DAY}}
    )
    assert (rests.status, rests.pause_collection.behavior) == ("active", behaviour)
    shop.fake.advance(days=32)
    assert (shop.now(made).status, shop.now(made).latest_invoice.status) == ("active", status)
    shop.fake.advance(days=31)
    assert (shop.now(made).pause_collection, shop.now(made).latest_invoice.status) == (None, "paid")


def test_collection_is_resumed_by_request(shop: Shop) -> None:
    made = shop.subscribed()
    shop.stripe.v1.subscriptions.update(made.id, {"pause_collection": {"behavior": "void"}})
    assert shop.stripe.v1.subscriptions.update(made.id, {"pause_collection": ""}).pause_collection is None


@pytest.mark.parametrize(
    "given", [{"pause_collection": {"behavior": "void", "resumes_at": 5}}, {"trial_end": 5}, {"cancel_at": 5}]
)
def test_a_refused_change_leaves_all_as_it_was(shop: Shop, given: Any) -> None:
    made = shop.subscribed()
    before = len(shop.fake.events)
    with pytest.raises(official.InvalidRequestError):
        _to(shop, made, metadata={"a": "b"}, **given)
    assert shop.stripe.v1.subscriptions.retrieve(made.id).to_dict() == made.to_dict()
    assert len(shop.fake.events) == before


def test_an_item_of_another_subscription_is_none_of_ours(shop: Shop) -> None:
    one, other = shop.subscribed(), shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match="No such subscription_item"):
        _to(shop, one, items=[{"id": other["items"].data[0].id, "price": shop.dearer}])


# — previews


def test_a_preview_says_what_an_upgrade_would_cost_and_changes_nothing(shop: Shop) -> None:
    made = _half_way(shop)
    item = {"id": made["items"].data[0].id, "price": shop.dearer}
    asked = {"subscription": made.id, "subscription_details": {"items": [item], "proration_behavior": "always_invoice"}}
    preview = shop.stripe.v1.invoices.create_preview(asked)
    assert (preview.total, [line.amount for line in preview.lines.data]) == (1000, [-500, 1500])
    assert shop.now(made)["items"].data[0].price.id == shop.monthly
    assert len(shop.stripe.v1.invoices.list().data) == 1


def test_a_preview_of_the_next_renewal(shop: Shop) -> None:
    made = _half_way(shop)
    _to(shop, made)
    preview = shop.stripe.v1.invoices.create_preview({"subscription": made.id})
    assert [line.amount for line in preview.lines.data] == [-500, 1500, 3000]
