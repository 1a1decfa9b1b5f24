"""What HubSpot works out by itself: whether a deal is closed and won, and what a line comes to."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from tests.fakes.hubspot import kinds
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.state import Record, Row, State

FROM_PRODUCT = (
    "name", "description", "price", "hs_sku", "hs_recurring_billing_period", "recurringbillingfrequency",
)  # fmt: skip


def of(state: State, row: Record, whole: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    if row.kind == kinds.DEAL:
        return closing(state, row, whole, kept)
    if row.kind == kinds.LINE:
        return line(whole)
    return {}


def closing(state: State, row: Record, whole: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    """Closed and won are what the stage's metadata says, whatever the stage is called."""
    stage = stage_of(state, whole)
    if stage is None:
        return {}
    probability = stage["metadata"].get("probability", "0")
    closed = stage["metadata"].get("isClosed", "false") == "true" or Decimal(probability) in (0, 1)
    won = closed and Decimal(probability) == 1
    said = {
        "hs_is_closed": _word(closed), "hs_is_closed_won": _word(won), "hs_is_closed_lost": _word(closed and not won),
        "hs_deal_stage_probability": probability,
    }  # fmt: skip
    if closed and row.values.get("hs_is_closed") != "true" and not kept.get("closedate"):
        said["closedate"] = iso(state.clock.now())  # the portal's default: closing a deal dates it
    return said


def stage_of(state: State, values: dict[str, str]) -> Row | None:
    pipeline = state.pipelines[kinds.DEAL].get(values.get("pipeline", ""))
    stages = pipeline["stages"] if pipeline else []
    return next((stage for stage in stages if stage["id"] == values.get("dealstage")), None)


def _word(so: bool) -> str:
    return "true" if so else "false"


def from_product(state: State, kept: dict[str, str]) -> dict[str, str]:
    """A line takes from its product what it is not told."""
    product = state.find(kinds.PRODUCT, kept.get("hs_product_id", ""))
    if product is None:
        return kept
    taken = {name: product.values[name] for name in FROM_PRODUCT if product.values.get(name)}
    return taken | {name: value for name, value in kept.items() if value or name not in taken}


def line(whole: dict[str, str]) -> dict[str, str]:
    said = {"amount": ""}
    if whole.get("price") and whole.get("quantity"):
        said["amount"] = _plain(_amount(whole))
    months = _months(whole.get("hs_recurring_billing_period", ""))
    said["hs_term_in_months"] = str(months) if months else ""
    start = whole.get("hs_recurring_billing_start_date", "")
    said["hs_recurring_billing_end_date"] = _later(start, months) if start and months else ""
    return said


def _amount(whole: dict[str, str]) -> Decimal:
    each = Decimal(whole["price"]) - Decimal(whole.get("discount") or 0)
    each *= 1 - Decimal(whole.get("hs_discount_percentage") or 0) / 100
    return each * Decimal(whole["quantity"])


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _months(period: str) -> int:
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?", period)
    return int(match[1] or 0) * 12 + int(match[2] or 0) if match else 0


def _later(start: str, months: int) -> str:
    """The same day `months` later; where the month is too short, its last day."""
    at = date.fromisoformat(start)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    for day in range(at.day, at.day - 4, -1):
        try:
            return date(year, month + 1, day).isoformat()
        except ValueError:
            continue
    return ""


def deals_touched(state: State, row: Record, touch: Callable[[State, Record], None]) -> None:
    for key in {to for (_, to) in _ends(state, row)}:
        deal = state.find(kinds.DEAL, key)
        if deal:
            touch(state, deal)


def _ends(state: State, row: Record) -> list[tuple[str, str]]:
    return [pair for pair in state.links[kinds.LINE, kinds.DEAL] if pair[0] == row.id]
