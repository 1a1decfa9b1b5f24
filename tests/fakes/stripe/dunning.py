"""Charging an invoice, trying again for days, and what an account does when all tries are used up."""

from typing import Any

from tests.fakes.stripe import invoices, lifecycle, payment_methods
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.errors import Refused, declined
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.state import Row, State

LIVE = ("active", "past_due", "trialing")


def outcome(state: State, customer: Row, card: Row | None) -> str:
    """`ok`, `fail`, `action` or `missing`: what a charge would come to now."""
    if state.failing[customer["id"]]:
        return "fail"
    return "missing" if card is None else str(card["_behaviour"])


def _charged(state: State, customer: Row, card: Row | None) -> str:
    came = outcome(state, customer, card)
    if state.failing[customer["id"]]:
        state.failing[customer["id"]] -= 1
    return came


def attempted(state: State, row: Row, card: Row | None = None) -> str:
    """One try: paid, or told as failed and planned again."""
    customer, subscription = state.get("customer", row["customer"]), subscription_of(state, row)
    card = card or payment_methods.payer(state, customer, subscription)
    with updating(state, row, "invoice.updated"):
        came = _charged(state, customer, card)
        row |= {"attempt_count": row["attempt_count"] + 1, "attempted": True}
        if came == "ok":
            invoices.settled(state, row, state.ids("pi_"))
            return came
        if subscription["status"] != "incomplete" and row["auto_advance"]:
            _plan(state, row)
    emit(state, "invoice.payment_failed", row)
    if came == "action":
        emit(state, "invoice.payment_action_required", row)
    failed(state, row)
    return came


def subscription_of(state: State, row: Row) -> Row:
    return state.get("subscription", invoices.subscription_of(row))


def _plan(state: State, row: Row) -> None:
    waits, tried = state.settings.retry_days, row["attempt_count"]
    at = state.now(row) + waits[tried - 1] * DAY if tried <= len(waits) else None
    row["next_payment_attempt"] = at


def failed(state: State, row: Row) -> None:
    """A live subscription is past due; after the last try the account's setting decides."""
    subscription = subscription_of(state, row)
    if subscription["status"] not in LIVE:
        return
    if row["next_payment_attempt"] is None and row["attempt_count"] > len(state.settings.retry_days):
        _exhausted(state, subscription, row)
        return
    with lifecycle.changing(state, subscription):
        subscription["status"] = "past_due"


def _exhausted(state: State, subscription: Row, row: Row) -> None:
    row["auto_advance"] = False
    match state.settings.after_retries:
        case "cancel":
            lifecycle.cancelled(state, subscription, reason="payment_failed")
        case "unpaid":
            with lifecycle.changing(state, subscription):
                subscription["status"] = "unpaid"
        case "pause":
            lifecycle.paused(state, subscription, "final_payment_failure")
        case _:
            with lifecycle.changing(state, subscription):
                subscription["status"] = "past_due"


def recovered(state: State, row: Row) -> None:
    """The latest invoice is out of the way: the subscription lives again."""
    subscription = subscription_of(state, row)
    if subscription["latest_invoice"] != row["id"]:
        return
    first = row["billing_reason"] == "subscription_create"
    with lifecycle.changing(state, subscription):
        if subscription["status"] == "incomplete" and first:
            lapsed = row["status"] in ("void", "uncollectible")
            subscription["status"] = "incomplete_expired" if lapsed else "active"
        elif subscription["status"] in ("past_due", "unpaid"):
            subscription["status"] = "active"
        elif subscription["status"] == "paused" and subscription.get("_resuming") == row["id"]:
            lifecycle.awake(state, subscription)
    lifecycle.pending_applied(state, subscription, row)


def asked_to_pay(state: State, row: Row, params: Any) -> None:
    """What `pay` does: an own card, or said to be paid elsewhere; a refusal is an error."""
    if params.get("paid_out_of_band"):
        with updating(state, row, "invoice.updated"):
            row |= {"amount_paid": 0, "amount_paid_off_stripe": row["amount_due"], "amount_remaining": 0}
            invoices._close(state, row, state.now(row))
        return
    customer = state.get("customer", row["customer"])
    key = params.get("payment_method")
    card = payment_methods.owned(state, key, customer, "payment_method") if key else None
    params.get("off_session"), params.get("forgive")
    if row["status"] == "paid":
        return
    came = attempted(state, row, card)
    if came != "ok":
        raise refusal(came)


def refusal(came: str) -> Refused:
    if came == "action":
        return declined(
            "This payment requires additional user action before it can be completed.",
            "invoice_payment_intent_requires_action",
        )
    if came == "missing":
        return Refused(
            "This customer has no attached payment source or default payment method. Please consider adding a default "
            "payment method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting.",
            "resource_missing",
        )  # fmt: skip
    return declined()
