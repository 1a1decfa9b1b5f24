"""What is charged once waits for the customer's next invoice."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe_tests.conftest import Shop


def _item(shop: Shop, amount: int = 500, **more: Any) -> Any:
    told = {"customer": shop.customer, "amount": amount, "currency": "eur", "description": "A seal ring", **more}
    return shop.stripe.v1.invoice_items.create(told)


def _next_invoice(shop: Shop, made: Any) -> Any:
    shop.fake.advance(seconds=shop.now(made)["items"].data[0].current_period_end - shop.fake.now)
    return shop.now(made).latest_invoice


def test_it_comes_on_the_next_invoice_and_only_there(shop: Shop) -> None:
    made, item = shop.subscribed(), _item(shop, metadata={"ours": "17"})
    assert item.invoice is None
    invoice = _next_invoice(shop, made)
    assert [(line.description, line.amount) for line in invoice.lines.data[1:]] == [("A seal ring", 500)]
    assert (invoice.total, invoice.status) == (1500, "draft")
    assert shop.stripe.v1.invoice_items.retrieve(item.id).invoice == invoice.id
    shop.fake.advance(hours=2)
    assert _next_invoice(shop, made).total == 1000


def test_one_of_another_subscription_waits_for_that(shop: Shop) -> None:
    made, other = shop.subscribed(), shop.subscribed(shop.yearly)
    _item(shop, subscription=other.id)
    assert _next_invoice(shop, made).total == 1000


def test_they_are_listed_by_customer_invoice_and_whether_they_wait(shop: Shop) -> None:
    made = shop.subscribed()
    first = _item(shop)
    invoice, second, listed = _next_invoice(shop, made), _item(shop), shop.stripe.v1.invoice_items.list
    assert [one.id for one in listed({"customer": shop.customer}).data] == [second.id, first.id]
    assert [one.id for one in listed({"pending": True}).data] == [second.id]
    assert [one.id for one in listed({"invoice": invoice.id}).data] == [first.id]
    assert listed({"customer": shop.customer, "created": {"gt": shop.fake.now}}).data == []


def test_it_is_changed_and_deleted_while_it_waits(shop: Shop) -> None:
    made, item = shop.subscribed(), _item(shop)
    changed = shop.stripe.v1.invoice_items.update(item.id, {"amount": 700, "metadata": {"a": "b"}})
    assert (changed.amount, changed.metadata["a"]) == (700, "b")
    assert shop.stripe.v1.invoice_items.delete(item.id).deleted
    assert shop.told("invoiceitem") == ["invoiceitem.created", "invoiceitem.deleted"]
    assert _next_invoice(shop, made).total == 1000
    with pytest.raises(official.InvalidRequestError, match="No such invoiceitem"):
        shop.stripe.v1.invoice_items.retrieve(item.id)


def test_taken_off_a_draft_that_asks_for_less(shop: Shop) -> None:
    made, item = shop.subscribed(), _item(shop)
    invoice = _next_invoice(shop, made)
    shop.stripe.v1.invoice_items.delete(item.id)
    left = shop.stripe.v1.invoices.retrieve(invoice.id)
    assert (left.total, left.amount_due, len(left.lines.data)) == (1000, 1000, 1)


def test_what_is_invoiced_stays(shop: Shop) -> None:
    made, item = shop.subscribed(), _item(shop)
    _next_invoice(shop, made)
    shop.fake.advance(hours=2)
    with pytest.raises(official.InvalidRequestError, match="finalized"):
        shop.stripe.v1.invoice_items.delete(item.id)
    with pytest.raises(official.InvalidRequestError, match="attached"):
        shop.stripe.v1.invoice_items.update(item.id, {"amount": 1})


@pytest.mark.parametrize(
    ("told", "message"),
    [({"currency": "usd"}, "combine currencies"), ({"customer": "cus_none"}, "No such customer"),
     ({"colour": "red"}, "unknown parameter"), ({"quantity": 2}, "does not simulate")],
)  # fmt: skip
def test_what_is_refused(shop: Shop, told: Any, message: str) -> None:
    shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match=message):
        _item(shop, **told)


@pytest.mark.parametrize("lacking", ["customer", "amount"])
def test_what_has_to_be_said(shop: Shop, lacking: str) -> None:
    told = {"customer": shop.customer, "amount": 5, "currency": "eur"}
    with pytest.raises(official.InvalidRequestError, match="You must pass"):
        shop.stripe.v1.invoice_items.create({name: value for name, value in told.items() if name != lacking})
