"""Walks at random through all that a subscription can do: what must always be true stays true."""

import random
from typing import Any

import pytest
import stripe as official

from tests.conftest import EXAMPLES
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.entitlements import LIVE
from tests.fakes.stripe.lifecycle import ENDED
from tests.fakes.stripe_tests.conftest import Shop

STEPS = 60
CARDS = ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_threeDSecure2Required")
SETTINGS = ("cancel", "unpaid", "pause", "past_due")


class Walk:
    """One customer and a few subscriptions, pushed about."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random, self.stripe = shop, random.Random(seed), shop.stripe.v1
        self.prices = [shop.monthly, shop.dearer, shop.yearly, shop.price(700, "week"), shop.price(0)]
        self.deeds = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]

    def step(self) -> str:
        deed = self.random.choice(self.deeds)
        try:
            deed()
        except (official.InvalidRequestError, official.CardError):
            return f"{deed.__name__}, refused"
        return str(deed.__name__)

    def one(self, *statuses: str) -> Any:
        """One that lives, of these statuses where there is any; seldom one that has ended."""
        rows = self.stripe.subscriptions.list({"status": "all", "limit": 100}).data
        living = [row for row in rows if row.status not in ENDED or self.random.random() < 0.1]
        wanted = [row for row in living if row.status in statuses] or living
        return self.random.choice(wanted) if wanted else self.do_start()

    def do_start(self) -> Any:
        more: dict[str, Any] = self.random.choice(
            [{}, {}, {"trial_period_days": 5}, {"payment_behavior": "default_incomplete"}]
        )
        return self.shop.subscribed(self.random.choice(self.prices), self.random.randint(1, 5), **more)

    def do_change(self) -> None:
        row = self.one()
        item = {
            "id": row["items"].data[0].id,
            "price": self.random.choice(self.prices),
            "quantity": self.random.randint(1, 9),
        }
        behaviour = self.random.choice(["none", "create_prorations", "always_invoice"])
        paying = self.random.choice(["allow_incomplete", "error_if_incomplete", "pending_if_incomplete"])
        self.stripe.subscriptions.update(
            row.id, {"items": [item], "proration_behavior": behaviour, "payment_behavior": paying}
        )

    def do_add(self) -> None:
        self.stripe.subscription_items.create({"subscription": self.one().id, "price": self.random.choice(self.prices)})

    def do_remove(self) -> None:
        self.stripe.subscription_items.delete(self.random.choice(self.one("active")["items"].data).id)

    def do_pause(self) -> None:
        self.stripe.subscriptions.pause(self.one().id)

    def do_resume(self) -> None:
        behaviour = self.random.choice(["resume_on_payment_attempt", "resume_on_payment_success"])
        self.stripe.subscriptions.resume(self.one("paused").id, {"payment_behavior": behaviour})

    def do_end(self) -> None:
        self.stripe.subscriptions.update(self.one().id, {"cancel_at_period_end": self.random.random() < 0.5})

    def do_cancel(self) -> None:
        self.stripe.subscriptions.cancel(self.one().id)

    def do_prolong(self) -> None:
        end = self.random.choice(["now", self.shop.fake.now + 9 * DAY])
        self.stripe.subscriptions.update(self.one().id, {"trial_end": end})

    def do_schedule(self) -> None:
        month = {"interval": "month"}
        schedule = self.stripe.subscription_schedules.create({"from_subscription": self.one().id})
        phase = schedule.phases[0]
        now = {
            "items": [{"price": one.price} for one in phase["items"]],
            "start_date": phase.start_date,
            "end_date": phase.end_date,
        }
        then = {"items": [{"price": self.random.choice(self.prices)}], "duration": month}
        self.stripe.subscription_schedules.update(schedule.id, {"phases": [now, then]})

    def do_collect(self) -> None:
        rest = self.random.choice(
            ["", {"behavior": "void"}, {"behavior": "keep_as_draft", "resumes_at": self.shop.fake.now + 20 * DAY}]
        )
        self.stripe.subscriptions.update(self.one().id, {"pause_collection": rest})

    def do_pay(self) -> None:
        self.stripe.invoices.pay(self.one("past_due", "unpaid", "incomplete").latest_invoice)

    def do_card(self) -> None:
        self.shop.card(self.random.choice(CARDS))

    def do_advance(self) -> None:
        self.shop.fake.advance(days=self.random.choice([0.1, 1, 8, 33]))

    do_wait = do_wait_again = do_advance  # time passes more often than anything else

    def do_set(self) -> None:
        self.shop.fake.settings.after_retries = self.random.choice(SETTINGS)


def _true_of(shop: Shop, row: Any) -> None:
    items = row["items"]["data"]
    assert items
    assert (
        row["schedule"] is None
        or row["status"] != "canceled"
        or shop.fake.state.get("subscription_schedule", row["schedule"])
    )
    if row["status"] in ("active", "past_due", "unpaid", "trialing"):
        assert all(one["current_period_start"] <= shop.fake.now < one["current_period_end"] for one in items), row["id"]
    assert (row["status"] == "paused") is (row["status_details"] is not None)
    assert (row["status"] in ENDED) is (row["ended_at"] is not None)
    assert row["status"] != "trialing" or row["trial_end"] > shop.fake.now


def _true_of_invoice(row: Any) -> None:
    assert row["total"] == sum(line["amount"] for line in row["lines"]["data"])
    assert row["amount_remaining"] in (0, row["amount_due"])
    if row["status"] == "paid":
        assert row["amount_paid"] == row["amount_due"]
        assert (
            row["amount_due"] + min(row["total"] + row["starting_balance"], 0) == row["total"] + row["starting_balance"]
        )


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_what_must_be_true_stays_true(shop: Shop, seed: int) -> None:
    feature = shop.stripe.v1.entitlements.features.create({"name": "SSO", "lookup_key": "sso"}).id
    shop.stripe.v1.products.features.create(shop.product, {"entitlement_feature": feature})
    walk, done = Walk(shop, seed), []
    for _ in range(STEPS):
        done.append(walk.step())
        state = shop.fake.state
        for row in state.all("subscription"):
            _true_of(shop, row)
        for invoice in state.all("invoice"):
            _true_of_invoice(invoice)
        live = any(row["status"] in LIVE for row in state.all("subscription"))
        assert bool(state.all("entitlements.active_entitlement")) is live, (seed, done)
    times = [event["created"] for event in shop.fake.events]
    assert times == sorted(times)
