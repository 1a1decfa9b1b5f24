"""Where the pages about work and visits stand, and what they have in common."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from support.domain.cover_terms import Billing, VisitState
from support.domain.visits import VISIT_WORDS
from support.domain.work import BILLING_WORDS
from support.models import Visit, WorkItem

LOOK_UP = "support.look_up_cover"
VIEW_WORK = "support.view_workitem"
VIEW_VISIT = "support.view_visit"
RECORD = "support.record_work"
BILL = "support.bill_work"

BILLING_COLOURS = {
    Billing.COVERED: "green",
    Billing.OPEN: "amber",
    Billing.HANDED_OVER: "blue",
    Billing.WAIVED: "plain",
    Billing.WITHDRAWN: "plain",
}
VISIT_COLOURS = {
    VisitState.PLANNED: "plain",
    VisitState.SCHEDULED: "blue",
    VisitState.DONE: "green",
    VisitState.MISSED: "red",
    VisitState.CANCELLED: "plain",
}


def dispatch_url(**asked: Any) -> str:
    return _address("support_dispatch", asked)


def record_url(**asked: Any) -> str:
    return _address("support_work_record", asked)


def item_url(item: WorkItem) -> str:
    return reverse("admin:support_work_item", args=[item.pk])


def visit_url(visit: Visit) -> str:
    return reverse("admin:support_visit", args=[visit.pk])


def billing_badge(billing: str) -> tuple[str, str]:
    known = Billing(billing)
    return BILLING_WORDS[known], BILLING_COLOURS[known]


def visit_badge(state: str, *, late: bool = False) -> tuple[str, str]:
    known = VisitState(state)
    return ("Late", "red") if late else (VISIT_WORDS[known], VISIT_COLOURS[known])


def _address(name: str, asked: dict[str, Any]) -> str:
    """Without what isn't asked for."""
    query = urlencode({key: value for key, value in asked.items() if value})
    return reverse(f"admin:{name}") + (f"?{query}" if query else "")
