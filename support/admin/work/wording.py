"""Work and visits in the words of the people who read these screens."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.words import say_money
from catalog.queries.instants import say_instant
from entitlements.queries.billed.invoice_items import Standing
from entitlements.queries.contracts.wording import say_day
from support.admin.work.pages import billing_badge, item_url, visit_badge, visit_url
from support.domain.cover_terms import VisitState, WorkKind
from support.domain.visits import OPEN_VISITS, is_late
from support.domain.work import KIND_WORDS, say_quantity
from support.models import Visit, WorkItem


def say_days(first: date, last: date) -> str:
    """ "1 January 2026 – 1 July 2026"."""
    return say_day(first) if first == last else f"{say_day(first)} – {say_day(last)}"


def visit_line(visit: Visit, *, at: datetime) -> dict[str, Any]:
    """One visit for a list: what it is, when it may take place, and how it stands."""
    state = VisitState(visit.state)
    late = is_late(state, visit.through_on, today=at.astimezone(ZoneInfo(visit.cover.zone)).date())
    return {
        "visit": visit,
        "url": visit_url(visit),
        "days": say_days(visit.from_on, visit.through_on),
        "badge": visit_badge(visit.state, late=late),
        "late": late,
        "open": state in OPEN_VISITS,
        "scheduled": say_instant(visit.scheduled_for, zone=visit.cover.zone) if visit.scheduled_for else "",
        "settled": say_instant(visit.settled_at, zone=visit.cover.zone) if visit.settled_at else "",
    }


def work_line(item: WorkItem, *, zone: str, invoicing: Standing | None = None) -> dict[str, Any]:
    """One piece of work for a list, with what the customer pays of it, and how it stands where it is invoiced."""
    kind = WorkKind(item.kind)
    return {
        "item": item,
        "url": item_url(item),
        "kind": KIND_WORDS[kind],
        "quantity": say_quantity(kind, item.quantity),
        "done": say_instant(item.done_at, zone=zone),
        "price": say_price(item),
        "pays": say_pays(item),
        "badge": billing_badge(item.billing),
        "invoicing": invoicing,
    }


def say_price(item: WorkItem) -> str:
    return "–" if item.amount_micros is None else say_money(item.amount_micros, item.currency)


def say_pays(item: WorkItem) -> str:
    """ "€16.67 (50 %)", "50 % of a price nobody stated yet", "nothing"."""
    if item.customer_percent == 0:
        return "nothing"
    if item.customer_micros is None:
        return f"{item.customer_percent} %, price not stated"
    of = "" if item.customer_percent == 100 else f" ({item.customer_percent} %)"
    return f"{say_money(item.customer_micros, item.currency)}{of}"
