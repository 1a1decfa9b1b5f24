"""From what Stripe says of a subscription to what is billed, in our words. Pure: nothing is fetched, no clock is read.

What it needs stands in one answer: a subscription with its customer and its schedule's prices in place of their ids
(`EXPANDED`), and with all its items. Periods stand at the items; the state is an open list, so one that Stripe adds is
refused in words rather than guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalog.domain.window import Window
from entitlements.domain.billed.told import Billed, BilledChange, BilledCustomer, BilledItem, BilledState
from entitlements.integrations.stripe.verifying import id_of

Said = Mapping[str, Any]

EXPANDED = ("customer", "schedule.phases.items.price")
OWN_ID = "desk_account"  # in a customer's metadata: our key of the account
STATES = {
    "incomplete": BilledState.NOT_BEGUN,
    "incomplete_expired": BilledState.ENDED,
    "trialing": BilledState.TRIAL,
    "active": BilledState.ACTIVE,
    "past_due": BilledState.PAST_DUE,
    "unpaid": BilledState.UNPAID,
    "canceled": BilledState.ENDED,
    "paused": BilledState.PAUSED,
}
# Why a subscription is paused: after the last try to collect, "paused" is another word for unpaid.
PAUSED_BY = {"final_payment_failure": BilledState.UNPAID, "first_payment_failure": BilledState.NOT_BEGUN}
INTERVALS = {("month", 1): "month", ("year", 1): "year", ("month", 12): "year"}


class Unheard(ValueError):
    """Stripe says something that the desk has no word for yet."""


def parse_subscription(said: Said, *, system: str) -> Billed:
    """The subscription as Stripe has it now. KeyError or Unheard where it has not the form the desk knows."""
    items = tuple(_item(one) for one in said["items"]["data"])
    state = _state(said)
    return Billed(
        system=system,
        live=said["livemode"],
        id=said["id"],
        customer=customer_id(said),
        state=state,
        items=items,
        began_at=_instant(said["start_date"]),
        trial_ends_at=_perhaps(said.get("trial_end")) if state is BilledState.TRIAL else None,
        with_card=_goes_on_by_itself(said),
        ends_at=_ends(said, items) if state is not BilledState.ENDED else None,
        ended_at=_perhaps(said.get("ended_at")) if state is BilledState.ENDED else None,
        comes=tuple(_comes(said, items)),
    )


def parse_customer(said: Said, *, system: str, own_id: str = "") -> BilledCustomer:
    """`own_id` is our key where the purchase named it; what stands at the customer goes before it."""
    if said.get("deleted"):
        return BilledCustomer(system=system, id=said["id"], name="", own_id=own_id, deleted=True)
    email = said.get("email") or ""
    return BilledCustomer(
        system=system,
        id=said["id"],
        name=said.get("business_name") or said.get("name") or email or said["id"],
        email=email,
        country=(said.get("address") or {}).get("country") or "",
        own_id=(said.get("metadata") or {}).get(OWN_ID) or own_id,
    )


def customer_id(said: Said) -> str:
    return id_of(said.get("customer")) or id_of(said.get("customer_account"))


def _state(said: Said) -> BilledState:
    status = said["status"]
    if status not in STATES:
        raise Unheard(f"Stripe says that {said['id']} is “{status}”, for which the desk has no word yet.")
    state = STATES[status]
    # While collection alone is paused the customer keeps what they have: that is what such a pause is for.
    return PAUSED_BY.get(_paused_by(said), state) if state is BilledState.PAUSED else state


def _paused_by(said: Said) -> str:
    details: Any = said.get("status_details") or {}
    for name in ("paused", "subscription"):
        details = details.get(name) or {}
    return str(details.get("type") or "")


def _goes_on_by_itself(said: Said) -> bool:
    """At the end of a trial it is paid from something that was left, or an invoice is sent."""
    customer = said.get("customer")
    kept: Any = customer if isinstance(customer, Mapping) else {}
    invoices = kept.get("invoice_settings") or {}
    left = (said.get("default_payment_method"), said.get("default_source"), kept.get("default_source"))
    return bool(any(left) or invoices.get("default_payment_method") or said.get("collection_method") == "send_invoice")


def _ends(said: Said, items: Sequence[BilledItem]) -> datetime | None:
    """It is cancelled as of then: at an instant, with its period, or with the last phase of its schedule."""
    if said.get("cancel_at"):
        return _instant(said["cancel_at"])
    if said.get("cancel_at_period_end"):
        return max((one.period.end for one in items if one.period and one.period.end), default=None)
    schedule = _schedule(said)
    if schedule and schedule.get("end_behavior") == "cancel" and schedule["phases"]:
        return _instant(schedule["phases"][-1]["end_date"])
    return None


def _item(said: Said) -> BilledItem:
    period = Window(_perhaps(said.get("current_period_start")), _perhaps(said.get("current_period_end")))
    return replace(_priced(said["price"], said.get("quantity"), id=said["id"]), period=period)


def _priced(price: Said, quantity: int | None, *, id: str) -> BilledItem:
    """Of what is metered there is no quantity: it is had once."""
    repeats = price.get("recurring") or {}
    return BilledItem(
        id=id,
        price=price["id"],
        product=id_of(price["product"]),
        quantity=1 if quantity is None else quantity,
        interval=INTERVALS.get((repeats.get("interval", ""), repeats.get("interval_count", 1)), ""),
        lookup_key=price.get("lookup_key") or "",
    )


def _schedule(said: Said) -> Said | None:
    schedule = said.get("schedule")
    return schedule if isinstance(schedule, Mapping) and schedule.get("status") == "active" else None


def _comes(said: Said, items: Sequence[BilledItem]) -> Iterator[BilledChange]:
    """The phases after the one that runs, each with the items of the one before where they go on."""
    schedule = _schedule(said)
    running = schedule.get("current_phase") if schedule else None
    if not schedule or not running:
        return
    before = list(items)
    for phase in schedule["phases"]:
        if phase["start_date"] >= running["end_date"]:
            before = _named(phase, before, schedule["id"])
            yield BilledChange(at=_instant(phase["start_date"]), items=tuple(before))


def _named(phase: Said, before: Sequence[BilledItem], schedule: str) -> list[BilledItem]:
    """A phase's items have no ids before it begins. Those of a price that is there go on under its id, then those of
    its product; what is left takes the places of what goes, in order."""
    coming = [_priced(one["price"], one.get("quantity"), id="") for one in phase["items"]]
    free = list(before)
    for same in (_same_price, _same_product, _any):
        for place, one in enumerate(coming):
            former = None if one.id else next((old for old in free if same(one, old)), None)
            if former is not None:
                free.remove(former)
                coming[place] = replace(one, id=former.id)
    return [one if one.id else replace(one, id=f"{schedule}:{one.price}") for one in coming]


def _same_price(one: BilledItem, other: BilledItem) -> bool:
    return one.price == other.price


def _same_product(one: BilledItem, other: BilledItem) -> bool:
    return one.product == other.product


def _any(_one: BilledItem, _other: BilledItem) -> bool:
    return True


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _perhaps(seconds: int | None) -> datetime | None:
    return None if seconds is None else _instant(seconds)
