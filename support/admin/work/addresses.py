"""Where the pages about work and visits stand: below their lists, and the technician's page by itself."""

from typing import Any

from django.urls import URLPattern, path

from journal.admin.pages import Page
from support.admin.work.bill_page import BillPage
from support.admin.work.dispatch_page import DispatchPage
from support.admin.work.item_page import ItemActPage, ItemPage
from support.admin.work.plan_page import PlanPage
from support.admin.work.record_page import RecordPage
from support.admin.work.visit_page import VisitActPage, VisitPage
from support.models import WorkItem

WORK: tuple[tuple[str, type[Page], str], ...] = (
    ("bill/", BillPage, "support_work"),
    ("record/", RecordPage, "support_work_record"),
    ("<int:item>/", ItemPage, "support_work_item"),
    ("<int:item>/act/", ItemActPage, "support_work_item_act"),
)
VISITS: tuple[tuple[str, type[Page], str], ...] = (
    ("plan/", PlanPage, "support_visits"),
    ("<int:visit>/", VisitPage, "support_visit"),
    ("<int:visit>/act/", VisitActPage, "support_visit_act"),
)


def dispatch_addresses(site: Any) -> list[URLPattern]:
    """ "What may be done here?" belongs to no table."""
    page = DispatchPage.as_view(model_admin=site.get_model_admin(WorkItem))
    return [path("support/dispatch/", site.admin_view(page), name="support_dispatch")]
