"""What time brings: renewals, trials that end, payments that fail and recover."""

from typing import Any

import pytest
import stripe as official

from tests.fakes.stripe.clock import DAY, HOUR, after
from tests.fakes.stripe_tests.conftest import Shop, on_a_clock


def test_a_period_renews_and_is_paid_an_hour_later(shop: Shop) -> None:
    made = shop.subscribed()
    end = made["items"].data[0].current_period_end
    shop.fake.advance(seconds=end - shop.fake.now)
    renewed = shop.now(made)
    assert (renewed["items"].data[0].current_period_start, renewed["items"].data[0].current_period_end) == (
        end,
        after(end, "month", 1),
    )
    assert (renewed.latest_invoice.status, renewed.latest_invoice.billing_reason) == ("draft", "subscription_cycle")
    assert renewed.latest_invoice.automatically_finalizes_at == end + HOUR
    shop.fake.advance(hours=1)
    assert shop.now(made).latest_invoice.status == "paid"


def test_a_year_has_thirteen_invoices(shop: Shop) -> None:
    made = shop.subscribed()
    shop.fake.advance(days=366)
    rows = list(shop.stripe.v1.invoices.list({"subscription": made.id}).auto_paging_iter())
    assert [one.status for one in rows] == ["paid"] * 13
    assert [one.number[-4:] for one in rows][::-1] == [f"{place:04}" for place in range(1, 14)]


def test_a_renewal_tells_of_the_former_period(shop: Shop) -> None:
    made = shop.subscribed()
    shop.fake.advance(days=31)
    (told,) = [one for one in shop.fake.events if one["type"] == "customer.subscription.updated"]
    assert set(told["data"]["previous_attributes"]) == {"items", "latest_invoice"}
    assert (
        told["data"]["previous_attributes"]["items"]["data"][0]["current_period_end"]
        == made["items"].data[0].current_period_end
    )


def test_items_of_other_intervals_have_periods_of_their_own(shop: Shop) -> None:
    items = [{"price": shop.monthly}, {"price": shop.yearly}]
    made = shop.stripe.v1.subscriptions.create({"customer": shop.customer, "items": items})
    shop.fake.advance(days=32)
    month, year = shop.now(made)["items"].data
    assert month.current_period_start > made.start_date
    assert year.current_period_start == made.start_date
    assert shop.now(made).latest_invoice.total == 1000


# — trials


def test_a_trial_begins_with_nothing_to_pay(bare: Shop) -> None:
    made = bare.subscribed(trial_period_days=14, expand=["latest_invoice"])
    assert (made.status, made.trial_start, made.trial_end) == ("trialing", bare.fake.now, bare.fake.now + 14 * DAY)
    assert made["items"].data[0].current_period_end == made.trial_end
    assert (made.latest_invoice.status, made.latest_invoice.total) == ("paid", 0)


def test_a_trial_ends_in_a_paid_period(shop: Shop) -> None:
    made = shop.subscribed(trial_period_days=14)
    shop.fake.advance(days=11)
    assert "customer.subscription.trial_will_end" in shop.told()
    shop.fake.advance(days=3, hours=1)
    live = shop.now(made)
    assert (live.status, live.latest_invoice.amount_paid) == ("active", 1000)
    assert live["items"].data[0].current_period_end == after(made.trial_end, "month", 1)


@pytest.mark.parametrize(
    ("end", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
)
def test_a_trial_without_a_card_ends_as_its_settings_say(bare: Shop, end: str, status: str) -> None:
    made = bare.subscribed(trial_period_days=14, trial_settings={"end_behavior": {"missing_payment_method": end}})
    bare.fake.advance(days=14, hours=2)
    assert bare.now(made).status == status


def test_a_trial_that_paused_says_why_and_resumes_with_a_card(bare: Shop) -> None:
    made = bare.subscribed(trial_period_days=14, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    bare.fake.advance(days=14)
    assert bare.now(made).status_details.paused.subscription.type == "trial_end_without_payment_method"
    bare.card("pm_card_visa")
    assert bare.stripe.v1.subscriptions.resume(made.id).status == "active"


def test_a_trial_is_prolonged_and_cut_short(shop: Shop) -> None:
    made = shop.subscribed(trial_period_days=14)
    later = shop.fake.now + 30 * DAY
    prolonged = shop.stripe.v1.subscriptions.update(made.id, {"trial_end": later})
    assert (prolonged.trial_end, prolonged["items"].data[0].current_period_end) == (later, later)
    cut = shop.stripe.v1.subscriptions.update(made.id, {"trial_end": "now"})
    assert (cut.status, cut.trial_end) == ("active", shop.fake.now)
    shop.fake.advance(hours=1)
    assert shop.now(made).latest_invoice.amount_paid == 1000


# — payments that fail


def _failing(shop: Shop) -> Any:
    made = shop.subscribed()
    shop.card("pm_card_chargeCustomerFail")
    shop.fake.advance(seconds=made["items"].data[0].current_period_end - shop.fake.now + HOUR)
    return made


def test_a_failed_renewal_is_past_due_and_planned_again(shop: Shop) -> None:
    due = shop.now(_failing(shop))
    assert (due.status, due.latest_invoice.status, due.latest_invoice.attempt_count) == ("past_due", "open", 1)
    assert due.latest_invoice.next_payment_attempt == shop.fake.now + 3 * DAY


def test_a_retry_with_another_card_recovers(shop: Shop) -> None:
    made = _failing(shop)
    shop.card("pm_card_visa")
    shop.fake.advance(days=3)
    live = shop.now(made)
    assert (live.status, live.latest_invoice.status, live.latest_invoice.attempt_count) == ("active", "paid", 2)


def test_paying_by_hand_recovers_at_once(shop: Shop) -> None:
    made = _failing(shop)
    card = shop.card("pm_card_visa")
    shop.stripe.v1.invoices.pay(shop.now(made).latest_invoice.id, {"payment_method": card.id})
    assert shop.now(made).status == "active"


@pytest.mark.parametrize(
    ("setting", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("pause", "paused"), ("past_due", "past_due")]
)
def test_after_the_last_try_the_accounts_setting_decides(shop: Shop, setting: str, status: str) -> None:
    shop.fake.settings.after_retries = setting
    made = _failing(shop)
    shop.fake.advance(days=16)
    ended = shop.now(made)
    assert ended.status == status
    assert (ended.latest_invoice.attempt_count, ended.latest_invoice.next_payment_attempt) == (4, None)


def test_ended_for_want_of_payment_says_so(shop: Shop) -> None:
    made = _failing(shop)
    shop.fake.advance(days=16)
    assert shop.now(made).cancellation_details.reason == "payment_failed"


def test_paused_for_want_of_payment_says_so(shop: Shop) -> None:
    shop.fake.settings.after_retries = "pause"
    made = _failing(shop)
    shop.fake.advance(days=16)
    assert shop.now(made).status_details.paused.subscription.type == "final_payment_failure"


def test_unpaid_draws_up_drafts_only_and_recovers_with_the_latest(shop: Shop) -> None:
    shop.fake.settings.after_retries = "unpaid"
    made = _failing(shop)
    shop.fake.advance(days=40)
    stuck = shop.now(made)
    assert (stuck.status, stuck.latest_invoice.status, stuck.latest_invoice.auto_advance) == ("unpaid", "draft", False)
    shop.card("pm_card_visa")
    shop.stripe.v1.invoices.pay(stuck.latest_invoice.id)
    assert shop.now(made).status == "active"


# — test clocks


def test_a_test_clock_moves_its_own_customers_only(shop: Shop) -> None:
    others = shop.subscribed()
    clock = on_a_clock(shop)
    mine = shop.subscribed()
    moved = shop.stripe.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 32 * DAY})
    assert (moved.status, moved.status_details.advancing.target_frozen_time) == (
        "advancing",
        clock.frozen_time + 32 * DAY,
    )
    assert shop.stripe.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready"
    assert (shop.now(mine).latest_invoice.billing_reason, shop.now(others).latest_invoice.billing_reason) == (
        "subscription_cycle",
        "subscription_create",
    )


def test_events_of_a_test_clock_bear_the_accounts_time(shop: Shop) -> None:
    clock = on_a_clock(shop)
    shop.subscribed()
    shop.stripe.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + 32 * DAY})
    assert {event["created"] for event in shop.fake.events} == {shop.fake.now}
    assert shop.told("test_helpers") == [
        "test_helpers.test_clock.created",
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
    ]


@pytest.mark.parametrize(
    ("days", "message"), [(0, "must be after"), (-1, "must be after"), (63, "more than 2 intervals")]
)
def test_a_test_clock_has_its_bounds(shop: Shop, days: int, message: str) -> None:
    clock = on_a_clock(shop)
    shop.subscribed()
    with pytest.raises(official.InvalidRequestError, match=message):
        shop.stripe.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": clock.frozen_time + days * DAY})


def test_a_test_clock_holds_three_customers(shop: Shop) -> None:
    clock = on_a_clock(shop, token="")
    for _ in range(2):
        shop.stripe.v1.customers.create({"test_clock": clock.id})
    with pytest.raises(official.InvalidRequestError, match="at most 3"):
        shop.stripe.v1.customers.create({"test_clock": clock.id})
    assert len(shop.stripe.v1.customers.list({"test_clock": clock.id}).data) == 3


def test_a_deleted_test_clock_takes_all_with_it(shop: Shop) -> None:
    clock = on_a_clock(shop)
    made = shop.subscribed()
    assert shop.stripe.v1.test_helpers.test_clocks.delete(clock.id).deleted is True
    assert shop.stripe.v1.customers.retrieve(shop.customer).deleted is True
    with pytest.raises(official.InvalidRequestError, match="No such subscription"):
        shop.stripe.v1.subscriptions.retrieve(made.id)


def test_the_same_seed_tells_the_same_story(shop: Shop) -> None:
    """Ids, times and bodies: nothing is left to chance."""
    from tests.fakes.stripe_tests.story import told

    assert told(seed=3) == told(seed=3)
    assert told(seed=3) != told(seed=4)
