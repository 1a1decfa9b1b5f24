"""The plan of maintenance visits: late ones first, then month by month."""

from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

from django.utils.dateformat import format as spell

from journal.admin.pages import Page
from support.admin.work.asked import (
    PAGE,
    address,
    after_month,
    asked_account,
    asked_month,
    asked_number,
    asked_text,
    chosen,
)
from support.admin.work.pages import VIEW_VISIT
from support.admin.work.wording import visit_line
from support.domain.cover_terms import VisitState
from support.domain.visits import VISIT_WORDS
from support.models import Visit
from support.queries.visits import WantedVisits, late_number, listed_visits, technicians

OPEN, ANY, NOBODY = "open", "any", "-"


class PlanPage(Page):
    permission: ClassVar[str] = VIEW_VISIT
    template_name = "support/work/plan.html"
    title = "Maintenance visits"

    @cached_property
    def asked(self) -> dict[str, str]:
        given = self.request.GET
        return {name: asked_text(given, name) for name in ("state", "technician", "month", "account", "late")}

    @property
    def today(self) -> date:
        return self.at.date()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account, unknown = asked_account(self.request.GET)
        page = asked_number(self.request.GET, "page")
        rows = [] if unknown else self._rows(account, page)
        asked, late = self.asked, late_number(today=self.today)
        offered = [(OPEN, "Open"), (ANY, "Any"), *((state.value, VISIT_WORDS[state]) for state in VisitState)]
        names = [("", "Anybody"), (NOBODY, "Nobody yet"), *((one, one) for one in technicians())]
        return {
            **super().get_context_data(**kwargs),
            "groups": list(self._groups(rows[:PAGE])),
            "number": len(rows[:PAGE]),
            "asked": asked,
            "unknown": unknown,
            "states": chosen(offered, asked["state"] or OPEN),
            "technicians": chosen(names, asked["technician"]),
            "late": late,
            "late_url": address(late="1"),
            "earlier": address(**asked, page=page - 1) if page > 1 else "",
            "later": address(**asked, page=page + 1) if len(rows) > PAGE else "",
            "narrowed": any(asked.values()),
        }

    def _rows(self, account: Any, page: int) -> list[Visit]:
        asked, month = self.asked, asked_month(self.request.GET, today=self.today)
        state = VisitState(asked["state"]) if asked["state"] in set(VisitState) else None
        wanted = WantedVisits(
            account=account,
            state=state,
            technician=asked["technician"],
            from_on=month,
            through_on=after_month(month) - timedelta(days=1) if month else None,
            late=bool(asked["late"]),
        )
        rows = listed_visits(wanted, today=self.today)
        if state is None and asked["state"] != ANY:
            rows = rows.filter(state__in=[VisitState.PLANNED, VisitState.SCHEDULED])
        return list(rows[(page - 1) * PAGE : page * PAGE + 1])

    def _groups(self, rows: list[Visit]) -> Any:
        """Late ones by themselves, then by the month in which each should be done at the latest."""
        lines = sorted((visit_line(row, at=self.at) for row in rows), key=lambda line: not line["late"])
        for words, found in groupby(lines, key=_month_of):
            yield words, list(found)


def _month_of(line: dict[str, Any]) -> str:
    return "Late" if line["late"] else f"By the end of {spell(line['visit'].through_on, 'F Y')}"
