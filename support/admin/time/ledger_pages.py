"""The ledger of one customer's prepaid help: on the screen, on paper as it could be sent to them, and as a file."""

import csv
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.formula_guard import guarded
from catalog.domain.values import UNLIMITED
from catalog.queries.instants import say_instant
from entitlements.admin.pages import AccountPage, account_url
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.admin.cases.pages import case_url
from support.admin.time.words import ENTER, VIEW, balance_words
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import BalanceLine, balance_line
from support.queries.allowances.foreseen import uncounted_of
from support.queries.allowances.ledger import ALL, PAGE, PrepaidLedger, PrepaidLine, ledger_of, say_entry

LONGEST = 18  # digits of a line's number
VIEW_CREDITS = "entitlements.view_creditbalance"
BADGES = {
    "grant": ("Added", "green"),
    "recur": ("New period", "green"),
    "use": ("Used", ""),
    "overage": ("Beyond", "amber"),
    "given_back": ("Given back", "blue"),
    "lapse": ("Gone", "amber"),
    "reset": ("New period", "amber"),
    "expire": ("Expired", "amber"),
    "void": ("Taken back", "red"),
    "change": ("Plan", ""),
    "correction": ("Put right", ""),
}
HEADINGS = (
    "When",
    "Kind",
    "What",
    "Case",
    "Minutes worked",
    "Minutes counted",
    "Change",
    "Balance after",
    "Note",
    "Unit",
)


class PrepaidPage(AccountPage):
    """What is left, what goes next, and every line. `?before=` pages."""

    permission: ClassVar[str] = VIEW
    template_name = "support/time/ledger.html"

    @cached_property
    def allowance(self) -> Allowance:
        rows = Allowance.objects.select_related("feature")
        return get_object_or_404(rows, feature__key=self.kwargs["feature"])

    @cached_property
    def line(self) -> BalanceLine:
        return balance_line(self.account, self.allowance, at=self.at)

    def ledger(self, *, before: int | None = None, whole: bool = False) -> PrepaidLedger:
        return ledger_of(self.account, self.allowance, at=self.line.view.at, before=before, size=ALL if whole else PAGE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, user = self.request.GET.get("before", ""), self.request.user
        before = int(asked) if asked.isdecimal() and len(asked) <= LONGEST else None
        page = self.ledger(before=before)
        place = [self.account.key, self.allowance.feature.key]
        sees_cases = user.has_perm(VIEW_CASES)
        of_time = self.line.of_time
        return {
            **super().get_context_data(**kwargs),
            **_head(self.line),
            "title": f"{self.account.name}: {self.line.name}",
            "back": account_url(self.account),
            "ledger": [(line, BADGES[line.kind.value], _case_url(line) if sees_cases else "") for line in page.lines],
            "older": page.before,
            "newest": before is None,
            "paper": reverse("admin:support_prepaid_paper", args=place),
            "file": reverse("admin:support_prepaid_csv", args=place),
            "count": reverse("admin:support_time_count", args=place) if of_time and user.has_perm(ENTER) else "",
            "waiting": uncounted_of(self.account, at=self.at).count() if of_time else 0,
            "credits": reverse("admin:entitlements_account_credit", args=place) if user.has_perm(VIEW_CREDITS) else "",
            "uncounted": _uncounted(self.line, zone=self.zone) if before is None else (),
        }


class PrepaidPaperPage(PrepaidPage):
    """The same without anything of the desk around it, oldest first, as it could be sent to the customer."""

    template_name = "support/time/paper.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = self.ledger(whole=True).lines
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.line.name} of {self.account}",
            "lines": [(line, BADGES[line.kind.value][0]) for line in reversed(lines)],
            "as_of": say_instant(self.at, zone=self.zone),
            "back": reverse("admin:support_prepaid", args=[self.account.key, self.allowance.feature.key]),
        }


class PrepaidCsvPage(PrepaidPage):
    """Every line as a file, oldest first. No cell can start a formula."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = f"{self.account.key}-{self.allowance.feature.key}"
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response.write("\ufeff")  # spreadsheets take the file for UTF-8 only with it
        lines = csv.writer(response)
        lines.writerow(HEADINGS)
        shape = self.allowance.feature.shape
        unit = "minute" if self.line.of_time else shape.unit
        for line in reversed(self.ledger(whole=True).lines):
            lines.writerow([guarded(cell) for cell in self._cells(line, unit)])
        return response

    def _cells(self, line: PrepaidLine, unit: str) -> tuple[str, ...]:
        entry = line.entry
        worked, counted = ("", "") if entry is None else (str(entry.minutes), str(entry.counted_minutes))
        number = line.case.number if line.case is not None else ""
        scale = max(1, self.allowance.feature.scale // 60) if self.line.of_time else 1
        change, after = str(line.amount // scale), str(line.after // scale)
        kind = BADGES[line.kind.value][0]
        return (line.at.isoformat(), kind, line.what, number, worked, counted, change, after, line.note, unit)


def _head(line: BalanceLine) -> dict[str, Any]:
    return {
        "line": balance_words(line, line.view.account),
        "limitless": line.left is UNLIMITED,
        "overdrawn": line.overdrawn,
        "allowance": line.allowance,
    }


def _case_url(line: PrepaidLine) -> str:
    return case_url(line.case) if line.case is not None else ""


def _uncounted(line: BalanceLine, *, zone: str) -> list[dict[str, str]]:
    """What was worked for them and counts on nothing: the customer sees that it was, and why."""
    if not line.of_time:
        return []
    rows = TimeEntry.objects.filter(account=line.view.account, withdrawn_at=None).exclude(exempt_reason="")
    return [
        {
            "when": say_instant(row.worked_at, zone=zone),
            "what": f"{row.case.number} {row.case.subject}",
            "words": say_entry(row),
            "why": row.exempt_reason,
        }
        for row in rows.select_related("case").order_by("-worked_at", "-pk")[:50]
    ]
