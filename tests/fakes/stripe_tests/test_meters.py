"""Meters, what is told to them, and what it costs."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe_tests.conftest import Shop


@pytest.fixture
def meter(shop: Shop) -> Any:
    return shop.stripe.v1.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )


def _use(shop: Shop, value: object, **more: Any) -> Any:
    payload = {"stripe_customer_id": shop.customer, "value": str(value)}
    return shop.stripe.v1.billing.meter_events.create({"event_name": "calls", "payload": payload, **more})


def _sum(shop: Shop, meter: Any, **more: Any) -> list[float]:
    start = shop.fake.now - shop.fake.now % DAY
    asked = {"customer": shop.customer, "start_time": start, "end_time": start + 3 * DAY, **more}
    return [one.aggregated_value for one in shop.stripe.v1.billing.meters.event_summaries.list(meter.id, asked).data]


def test_use_is_summed(shop: Shop, meter: Any) -> None:
    for value in (3, 4, 5):
        _use(shop, value)
    assert _sum(shop, meter) == [12.0]


def test_use_is_summed_by_day(shop: Shop, meter: Any) -> None:
    _use(shop, 3)
    _use(shop, 4, timestamp=shop.fake.now - 10 * 3600)
    assert _sum(shop, meter, value_grouping_window="day") == [3.0]


@pytest.mark.parametrize(("formula", "value"), [("count", 2), ("last", 4), ("sum", 7)])
def test_each_formula(shop: Shop, formula: str, value: int) -> None:
    meter = shop.stripe.v1.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": formula}}
    )
    _use(shop, 3)
    _use(shop, 4)
    assert _sum(shop, meter) == [value]


def test_an_identifier_counts_once_a_day(shop: Shop, meter: Any) -> None:
    _use(shop, 3, identifier="one")
    with pytest.raises(official.InvalidRequestError, match="already exists"):
        _use(shop, 3, identifier="one")
    shop.fake.advance(days=1)
    _use(shop, 3, identifier="one")
    assert len(shop.fake.state.all("billing.meter_event")) == 2


def test_use_is_taken_back(shop: Shop, meter: Any) -> None:
    _use(shop, 3, identifier="one")
    _use(shop, 4, identifier="two")
    taken = {"event_name": "calls", "type": "cancel", "cancel": {"identifier": "one"}}
    assert shop.stripe.v1.billing.meter_event_adjustments.create(taken).status == "pending"
    assert _sum(shop, meter) == [4.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"event_name": "other"}, "No active meter"), ({"payload": {"stripe_customer_id": "cus_none", "value": "1"}}, "No such customer"),
        ({"timestamp": 5}, "past 35"), ({"timestamp": 9_999_999_999}, "past 35"),
    ],
)  # fmt: skip
def test_use_that_is_none(shop: Shop, meter: Any, given: Any, message: str) -> None:
    with pytest.raises(official.InvalidRequestError, match=message):
        _use(shop, 1, **given)


@pytest.mark.parametrize("value", ["1.5", "many", ""])
def test_values_are_whole(shop: Shop, meter: Any, value: str) -> None:
    with pytest.raises(official.InvalidRequestError, match="whole number"):
        _use(shop, value)


def test_a_meter_rests_and_comes_back(shop: Shop, meter: Any) -> None:
    assert shop.stripe.v1.billing.meters.deactivate(meter.id).status == "inactive"
    with pytest.raises(official.InvalidRequestError, match="No active meter"):
        _use(shop, 1)
    assert shop.stripe.v1.billing.meters.reactivate(meter.id).status == "active"
    assert shop.stripe.v1.billing.meters.update(meter.id, {"display_name": "Requests"}).display_name == "Requests"
    assert [one.id for one in shop.stripe.v1.billing.meters.list({"status": "active"}).data] == [meter.id]
    with pytest.raises(official.InvalidRequestError, match="already uses the event name"):
        shop.stripe.v1.billing.meters.create(
            {"display_name": "x", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )


def test_use_is_billed_when_its_period_is_over(shop: Shop, meter: Any) -> None:
    asked = {
        "product": shop.product,
        "currency": "eur",
        "unit_amount": 2,
        "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
    }
    price = shop.stripe.v1.prices.create(asked).id
    made = shop.stripe.v1.subscriptions.create(
        {"customer": shop.customer, "items": [{"price": price}, {"price": shop.monthly}]}
    )
    assert not hasattr(made["items"].data[0], "quantity")
    _use(shop, 150)
    shop.fake.advance(days=32)
    assert [(line.quantity, line.amount) for line in shop.now(made).latest_invoice.lines.data] == [
        (150, 300),
        (1, 1000),
    ]


def test_what_is_metered_has_no_quantity(shop: Shop, meter: Any) -> None:
    price = shop.price(2, recurring={"interval": "month", "usage_type": "metered", "meter": meter.id})
    with pytest.raises(official.InvalidRequestError, match="quantity for metered"):
        shop.subscribed(price)
