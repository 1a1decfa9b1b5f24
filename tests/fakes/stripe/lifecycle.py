"""What becomes of a subscription: it starts, renews, ends its trial, rests, resumes, lapses, is cancelled."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.stripe import dunning, invoices, items, lines, payment_methods
from tests.fakes.stripe.clock import HOUR
from tests.fakes.stripe.entitlements import granted, refreshed
from tests.fakes.stripe.events import emit, updating
from tests.fakes.stripe.state import Row, State

KIND = "customer.subscription"
ENDED = ("canceled", "incomplete_expired")
LAPSES_AFTER = 23 * HOUR


@contextmanager
def changing(state: State, row: Row, kind: str = f"{KIND}.updated") -> Iterator[None]:
    """One update for all that happens in the block, and then the customer's entitlements."""
    with updating(state, row, kind):
        yield
    if not row.get("_updating"):
        refreshed(state, row["customer"])


def begun(state: State, row: Row, behaviour: str) -> None:
    """The first invoice: nothing for a trial; else paid now, or the subscription waits incomplete."""
    trial = row["status"] == "trialing"
    rows = row["items"]["data"]
    owed = [lines.of_trial(state, one) for one in rows] if trial else first_lines(state, row)
    with _silently(row):
        invoice = invoices.drawn(state, row, owed, "subscription_create")
        if not trial and (row["collection_method"] == "send_invoice" or behaviour == "draft"):
            row["status"] = "active"
            invoice["automatically_finalizes_at"] = state.now(row) + state.settings.finalize_after
        else:
            invoices.finalized(state, invoice)
            if invoice["status"] == "open" and behaviour != "default_incomplete":
                dunning.attempted(state, invoice)
    emit(state, f"{KIND}.created", row)
    refreshed(state, row["customer"])


def first_lines(state: State, row: Row) -> list[Row]:
    return [line for one in row["items"]["data"] if (line := lines.of_period(state, one))]


@contextmanager
def _silently(row: Row) -> Iterator[None]:
    """What happens before a subscription is told of is part of its beginning."""
    row["_updating"] = True
    try:
        yield
    finally:
        row["_updating"] = False


def renewed(state: State, row: Row, at: int) -> None:
    """Items whose period is over begin the next one; the draft is finalized after an hour."""
    due = [one for one in row["items"]["data"] if one["current_period_end"] <= at]
    period = (due[0]["current_period_start"], at)
    with changing(state, row):
        owed = _next_periods(state, row, due)
        if row["status"] == "trialing":
            row["status"] = "active"
        invoice = invoices.drawn(state, row, owed, "subscription_cycle", period=period)
        _set_aside(state, row, invoice)


def _next_periods(state: State, row: Row, due: list[Row]) -> list[Row]:
    owed: list[Row | None] = [lines.of_use(state, one, row["customer"]) for one in due if row["status"] != "trialing"]
    for one in due:
        one["current_period_start"] = one["current_period_end"]
        one["current_period_end"] = items.period_end(row, one["price"], one["current_period_start"])
        granted(state, one)
        owed.append(lines.of_period(state, one))
    return [one for one in owed if one]


def _set_aside(state: State, row: Row, invoice: Row) -> None:
    """What a pause of collection, or a subscription that is unpaid, makes of a draft."""
    paused = row["pause_collection"]
    if row["status"] == "unpaid" or (paused and paused["behavior"] == "keep_as_draft"):
        invoice["auto_advance"] = False
        return
    invoice["automatically_finalizes_at"] = state.now(row) + state.settings.finalize_after
    if paused:
        invoice["_then"] = paused["behavior"]


def finalized(state: State, invoice: Row) -> None:
    """The hour is over: finalized, and charged or sent."""
    invoices.finalized(state, invoice)
    if invoice["status"] != "open":
        return
    match invoice.get("_then"):
        case "void":
            invoices.voided(state, invoice)
        case "mark_uncollectible":
            invoices.uncollectible(state, invoice, "subscription_paused")
        case _ if invoice["collection_method"] == "send_invoice":
            emit(state, "invoice.sent", invoice)
        case _:
            dunning.attempted(state, invoice)


def trial_over(state: State, row: Row, at: int) -> None:
    """Paid from now on, or, without any way to pay, what the trial's settings say."""
    card = payment_methods.payer(state, state.get("customer", row["customer"]), row)
    missing = row["trial_settings"]["end_behavior"]["missing_payment_method"]
    if card is None and missing == "cancel" and row["collection_method"] == "charge_automatically":
        cancelled(state, row)
    elif card is None and missing == "pause" and row["collection_method"] == "charge_automatically":
        paused(state, row, "trial_end_without_payment_method")
    else:
        renewed(state, row, at)


def cancelled(state: State, row: Row, reason: str = "cancellation_requested") -> None:
    """Ends now: told as deleted, and the id goes on answering."""
    at = state.now(row)
    row |= {"status": "canceled", "canceled_at": row["canceled_at"] or at, "ended_at": at, "pause_collection": None}
    row["cancellation_details"]["reason"] = row["cancellation_details"]["reason"] or reason
    row["status_details"] = None
    for key in row["_invoices"]:
        invoice = state.get("invoice", key)
        if invoice["status"] in ("draft", "open"):
            invoice |= {"auto_advance": False, "next_payment_attempt": None, "automatically_finalizes_at": None}
    if row["schedule"]:
        from tests.fakes.stripe.schedules import ended_with

        ended_with(state, row)
    emit(state, f"{KIND}.deleted", row)
    refreshed(state, row["customer"])


def lapsed(state: State, row: Row) -> None:
    """Twenty-three hours without the first payment: never to live, and its invoice void."""
    with changing(state, row):
        row |= {"status": "incomplete_expired", "ended_at": state.now(row)}
        invoice = state.get("invoice", row["latest_invoice"])
        if invoice["status"] in ("draft", "open"):
            invoices.voided(state, invoice)


def paused(state: State, row: Row, why: str) -> None:
    at = state.now(row)
    with changing(state, row):
        row["status"] = "paused"
        details = {"subscription": {"type": why}, "transitioned_at": at, "type": "subscription"}
        row["status_details"] = {"paused": details}
    emit(state, f"{KIND}.paused", row)


def awake(state: State, row: Row) -> None:
    """From paused to active."""
    row |= {"status": "active", "status_details": None}
    row.pop("_resuming", None)
    emit(state, f"{KIND}.resumed", row)


def resumed(state: State, row: Row, *, anchor: str, behaviour: str) -> None:
    """A new period from now, with its invoice; or the former one goes on."""
    at = state.now(row)
    ahead = [one for one in row["items"]["data"] if one["current_period_end"] > at]
    with changing(state, row):
        if anchor == "unchanged" and ahead:
            awake(state, row)
            return
        if anchor == "now":
            row["billing_cycle_anchor"] = at
        row["trial_end"] = min(row["trial_end"], at) if row["trial_end"] else None
        invoice = _restarted(state, row, at)
        if invoice["status"] == "paid":
            awake(state, row)
            return
        row["_resuming"] = invoice["id"]
        if behaviour == "resume_on_payment_attempt":
            awake(state, row)
        dunning.attempted(state, invoice)


def _restarted(state: State, row: Row, at: int) -> Row:
    for one in row["items"]["data"]:
        one["current_period_start"], one["current_period_end"] = at, items.period_end(row, one["price"], at)
        granted(state, one)
    owed = [x for one in row["items"]["data"] if (x := lines.of_period(state, one))]
    invoice = invoices.drawn(state, row, owed, "subscription_update")
    invoices.finalized(state, invoice)
    return invoice


def billed_now(state: State, row: Row, owed: list[Row]) -> None:
    """An invoice at once for a change: finalized and charged in the same breath."""
    invoice = invoices.drawn(state, row, owed, "subscription_update")
    invoices.finalized(state, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        dunning.attempted(state, invoice)


def pending_applied(state: State, row: Row, invoice: Row) -> None:
    """The invoice of a change that waited for its payment: paid, the change is made; else it is forgotten."""
    if row.get("_pending_invoice") != invoice["id"]:
        return
    change: Any = row.pop("_pending_change")
    del row["_pending_invoice"]
    with changing(state, row):
        row["pending_update"] = None
        if invoice["status"] == "paid":
            items.applied(state, row, change, state.now(row))
    told = "applied" if invoice["status"] == "paid" else "expired"
    emit(state, f"{KIND}.pending_update_{told}", row)
