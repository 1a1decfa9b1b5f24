"""What Stripe says of a subscription, in our words: every state, when it ends, what is to come."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.domain.window import Window
from entitlements.domain.billed.told import BilledState
from entitlements.integrations.stripe.parsing import Unheard, parse_customer, parse_subscription

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MONTH = Window(AT, AT + 31 * DAY)


def seconds(at):
    return int(at.timestamp())


def price(id="price_1", product="prod_1", interval="month", count=1, **more):
    return {
        "id": id, "product": product, "lookup_key": None, "recurring": {"interval": interval, "interval_count": count}, **more
    }  # fmt: skip


def item(named="si_1", quantity=1, **of_price):
    period = {"current_period_start": seconds(MONTH.start), "current_period_end": seconds(MONTH.end)}
    return {"id": named, "quantity": quantity, "price": price(**of_price), **period}


def said(*items, **more):
    return {
        "id": "sub_1", "livemode": False, "customer": {"id": "cus_1"}, "status": "active", "start_date": seconds(AT),
        "items": {"data": list(items or [item()])}, "collection_method": "charge_automatically", **more,
    }  # fmt: skip


def parsed(*items, **more):
    return parse_subscription(said(*items, **more), system="stripe")


def scheduled(*phases, end="release"):
    """A schedule whose first phase runs; each phase is (days it lasts, its items)."""
    start, found = AT, []
    for days, items in phases:
        stop = start + days * DAY
        found.append({"start_date": seconds(start), "end_date": seconds(stop), "items": items})
        start = stop
    running = {"start_date": found[0]["start_date"], "end_date": found[0]["end_date"]}
    return {"id": "sub_sched_1", "status": "active", "end_behavior": end, "current_phase": running, "phases": found}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("incomplete", BilledState.NOT_BEGUN),
        ("incomplete_expired", BilledState.ENDED),
        ("trialing", BilledState.TRIAL),
        ("active", BilledState.ACTIVE),
        ("past_due", BilledState.PAST_DUE),
        ("unpaid", BilledState.UNPAID),
        ("canceled", BilledState.ENDED),
        ("paused", BilledState.PAUSED),
    ],
)
def test_each_status_has_a_word(status, state):
    assert parsed(status=status).state is state


def test_a_status_that_stripe_adds_is_not_guessed():
    with pytest.raises(Unheard, match="sub_1 is “dormant”"):
        parsed(status="dormant")


@pytest.mark.parametrize(
    ("why", "state"),
    [
        ("final_payment_failure", BilledState.UNPAID),
        ("first_payment_failure", BilledState.NOT_BEGUN),
        ("trial_end_without_payment_method", BilledState.PAUSED),
        ("pause_requested", BilledState.PAUSED),
    ],
)
def test_paused_may_be_the_end_of_dunning(why, state):
    details = {"paused": {"subscription": {"type": why}}}
    assert parsed(status="paused", status_details=details).state is state


@pytest.mark.parametrize("behavior", ["keep_as_draft", "mark_uncollectible", "void"])
def test_while_collection_alone_is_paused_the_customer_keeps_what_they_have(behavior):
    """It is how a company gives its service for a while, or waits for the money; another pause takes it away."""
    collection = {"behavior": behavior, "resumes_at": seconds(AT + 9 * DAY)}
    for status in ("active", "past_due", "trialing", "canceled"):
        assert parsed(pause_collection=collection, status=status) == parsed(status=status)


def test_items_have_their_periods_intervals_and_quantities():
    billed = parsed(
        item(quantity=5, lookup_key="team_monthly"),
        item("si_2", quantity=None, interval="year"),
        item("si_3", interval="month", count=12),
        item("si_4", interval="week"),
    )
    first = billed.items[0]
    assert (first.id, first.price, first.product, first.quantity) == ("si_1", "price_1", "prod_1", 5)
    assert (first.lookup_key, first.period) == ("team_monthly", MONTH)
    assert [(one.interval, one.quantity) for one in billed.items] == [("month", 5), ("year", 1), ("year", 1), ("", 1)]


def test_a_price_that_is_paid_once_has_no_interval():
    assert parsed(item(recurring=None)).items[0].interval == ""


def test_the_product_may_be_expanded():
    assert parsed(item(product={"id": "prod_9", "name": "Team"})).items[0].product == "prod_9"


def test_it_ends_when_it_is_cancelled_as_of_then_or_with_its_period():
    assert parsed(cancel_at=seconds(AT + DAY)).ends_at == AT + DAY
    assert parsed(cancel_at=None, cancel_at_period_end=True).ends_at == MONTH.end
    assert parsed().ends_at is None


def test_it_ended():
    billed = parsed(status="canceled", ended_at=seconds(AT + DAY), cancel_at=seconds(AT + DAY))
    assert (billed.state, billed.ended_at, billed.ends_at) == (BilledState.ENDED, AT + DAY, None)


def test_a_trial_ends_and_goes_on_by_itself_where_a_card_was_left():
    end = {"status": "trialing", "trial_end": seconds(AT + 7 * DAY)}
    assert (parsed(**end).trial_ends_at, parsed(**end).with_card) == (AT + 7 * DAY, False)
    left = {"id": "cus_1", "invoice_settings": {"default_payment_method": "pm_1"}}
    assert parsed(**end, customer=left).with_card
    assert parsed(**end, default_payment_method="pm_1").with_card
    assert parsed(**end, collection_method="send_invoice").with_card


def test_a_trial_that_is_over_is_told_no_more():
    assert parsed(trial_end=seconds(AT - DAY)).trial_ends_at is None


def test_the_phases_to_come_keep_the_ids_of_what_goes_on():
    now_ = {"price": price(), "quantity": 1}
    dearer = {"price": price("price_2"), "quantity": 3}
    other = {"price": price("price_9", product="prod_9"), "quantity": 1}
    schedule = scheduled((31, [now_]), (31, [dearer]), (31, [dearer, other]))
    first, second = parsed(schedule=schedule).comes
    assert (first.at, [(one.id, one.price, one.quantity) for one in first.items]) == (
        AT + 31 * DAY, [("si_1", "price_2", 3)],
    )  # fmt: skip
    assert (second.at, [one.id for one in second.items]) == (AT + 62 * DAY, ["si_1", "sub_sched_1:price_9"])


def test_what_takes_the_place_of_what_goes_has_its_id():
    schedule = scheduled((31, []), (31, [{"price": price("price_9", product="prod_9"), "quantity": 1}]))
    (coming,) = parsed(schedule=schedule).comes
    assert [(one.id, one.price) for one in coming.items] == [("si_1", "price_9")]


def test_a_schedule_that_cancels_ends_it_with_its_last_phase():
    same = [{"price": price(), "quantity": 1}]
    assert parsed(schedule=scheduled((31, same), (10, same), end="cancel")).ends_at == AT + 41 * DAY
    assert parsed(schedule=scheduled((31, same), (10, same))).ends_at is None


def test_a_schedule_that_was_released_brings_nothing():
    released = scheduled((31, []), (31, [])) | {"status": "released"}
    assert parsed(schedule=released).comes == ()
    assert parsed(schedule="sub_sched_1").comes == ()


def test_who_buys():
    ada = {
        "id": "cus_1", "name": "Ada", "business_name": "Acme", "email": "ada@acme.example", "address": {"country": "NL"},
        "metadata": {"desk_account": "acme"},
    }  # fmt: skip
    buyer = parse_customer(ada, system="stripe", own_id="from-checkout")
    assert (buyer.id, buyer.name, buyer.email, buyer.country) == ("cus_1", "Acme", "ada@acme.example", "NL")
    assert buyer.own_id == "acme"
    assert parse_customer({"id": "cus_2"}, system="stripe", own_id="from-checkout").own_id == "from-checkout"
    assert parse_customer({"id": "cus_2"}, system="stripe").name == "cus_2"


def test_a_customer_who_was_removed():
    buyer = parse_customer({"id": "cus_1", "object": "customer", "deleted": True}, system="stripe")
    assert (buyer.id, buyer.name, buyer.deleted) == ("cus_1", "", True)
