"""The list of what ends, and the same as a file: whose task, in which month, what became of it; late ones first."""

import csv
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from catalog.domain.formula_guard import guarded
from catalog.queries.instants import say_instant, say_until
from entitlements.actions.renewals.deciding import MOST_AT_ONCE, PERMISSION
from entitlements.admin.renewals.words import KINDS, capital, said_what, shown
from entitlements.domain.renewing import RenewalState
from entitlements.models import Renewal
from entitlements.queries.renewals.listing import (
    ALL,
    LATE,
    NOBODY,
    WantedRenewals,
    listed_renewals,
    months_of,
    owners_of,
    parse_month,
)
from entitlements.queries.renewals.proof import NOBODY_OWNS, OWNER_LEFT, last_proof, uncared
from journal.admin.base import PAGE
from journal.admin.pages import Page
from journal.domain.refusal import Refusal

VIEW = "entitlements.view_renewal"
ME = "me"
FILTERS = ("state", "owner", "month", "kind")
STATES = (
    (RenewalState.OPEN.value, "To decide"),
    (LATE, "Late: ended, and undecided"),
    (RenewalState.RENEWED.value, "Renewed"),
    (RenewalState.LET_END.value, "Ends as agreed"),
    (RenewalState.LAPSED.value, "No longer ends then"),
    (ALL, "All of them"),
)
HEADINGS = (
    "Customer",
    "Key",
    "What ends",
    "Sort",
    "Ends",
    "Lasts",
    "State",
    "Whose task",
    "Decided by",
    "What becomes of it",
)
MOST_LACKING = 10
BULK = {"assign": "entitlements_renewals_assign", "let_end": "entitlements_renewals_let_end"}


def waiting(request: HttpRequest) -> str:
    """How many tasks are the reader's, for the sidebar."""
    if not request.user.has_perm(PERMISSION):
        return ""
    wanted = WantedRenewals(state=RenewalState.OPEN.value, owner=str(request.user.pk))
    return str(listed_renewals(wanted, at=timezone.now()).count() or "")


class Asked(Page):
    """What the address asks for; one that was left empty is the usual: what is still to be decided."""

    permission: ClassVar[str] = VIEW

    @cached_property
    def asked(self) -> dict[str, str]:
        given = self.request.GET
        found = {name: given.get(name, "").replace("\x00", "").strip()[:40] for name in FILTERS}
        return {name: typed for name, typed in found.items() if typed}

    @cached_property
    def wanted(self) -> WantedRenewals:
        owner = self.asked.get("owner", "")
        return WantedRenewals(
            state=self.asked.get("state", RenewalState.OPEN.value),
            owner=str(self.request.user.pk) if owner == ME else owner,
            month=self.asked.get("month", ""),
            kind=self.asked.get("kind", ""),
        )

    @cached_property
    def rows(self) -> QuerySet[Renewal]:
        return listed_renewals(self.wanted, at=self.at)


class RenewalsPage(Asked):
    template_name = "entitlements/renewals/list.html"
    title = "Renewals"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Those that were ticked, to the page that asks before anything is done with them."""
        chosen = [pk for pk in request.POST.getlist("chosen") if pk.isdecimal() and len(pk) < 19]
        name = BULK.get(request.POST.get("act", ""))
        if name is None or not chosen or len(chosen) > MOST_AT_ONCE:
            self.refuse(Refusal("Tick what it is about first."))
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(f"{reverse(f'admin:{name}')}?renewals={','.join(chosen)}")

    @cached_property
    def number(self) -> int:
        typed = self.request.GET.get("page", "1")
        wanted = max(int(typed), 1) if typed.isdecimal() and len(typed) < 7 else 1
        return min(wanted, max(-(-self.count // PAGE), 1))

    @cached_property
    def count(self) -> int:
        return self.rows.count()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = (self.number - 1) * PAGE
        lacking = uncared()
        page = list(self.rows[first : first + PAGE])
        return {
            **super().get_context_data(**kwargs),
            "lines": [shown(row, at=self.at) for row in page],
            "tickable": any(row.state == RenewalState.OPEN for row in page),
            "count": self.count,
            "first": first + 1,
            "filters": list(self._filters()),
            "quick": list(self._quick()),
            "narrowed": bool(self.asked),
            "lacking": [_lacked(one) for one in lacking[:MOST_LACKING]],
            "lacking_number": lacking.count(),
            "nobodys": f"?{urlencode({'owner': NOBODY})}",
            "proof": _proof(self.at),
            "csv": f"{reverse('admin:entitlements_renewals_csv')}?{urlencode(self.asked)}",
            "earlier": self._url(page=self.number - 1) if self.number > 1 else "",
            "later": self._url(page=self.number + 1) if self.number * PAGE < self.count else "",
            "may_decide": self.request.user.has_perm(PERMISSION),
        }

    def _quick(self) -> Iterator[dict[str, Any]]:
        """The ways people come here: what is mine, what is late, what is nobody's."""
        ways: tuple[tuple[str, dict[str, str]], ...] = (
            ("To decide", {}),
            ("Mine", {"owner": ME}),
            ("Late", {"state": LATE}),
            ("Nobody’s", {"owner": NOBODY}),
            ("Decided: renewed", {"state": RenewalState.RENEWED.value}),
            ("Decided: ends", {"state": RenewalState.LET_END.value}),
        )
        for words, asked in ways:
            yield {"words": words, "url": f"?{urlencode(asked)}", "current": self.asked == asked}

    def _filters(self) -> Iterator[tuple[str, str, list[tuple[str, str, bool]]]]:
        everything = listed_renewals(WantedRenewals(state=self.wanted.state), at=self.at)
        yield self._filter("state", "State", list(STATES), chosen=self.wanted.state)
        people = [(ME, "Me"), (NOBODY, "Nobody"), *owners_of(everything)]
        yield self._filter("owner", "Whose task", [("", "Anybody’s"), *people])
        months = [(month, _say_month(month)) for month in months_of(everything)]
        yield self._filter("month", "Ends in", [("", "Any month"), *months])
        yield self._filter(
            "kind", "What ends", [("", "Anything"), *((kind.value, words) for kind, words in KINDS.items())]
        )

    def _filter(
        self, name: str, label: str, offered: list[tuple[str, str]], *, chosen: str = ""
    ) -> tuple[str, str, list[tuple[str, str, bool]]]:
        chosen = self.asked.get(name, chosen)
        known = {key for key, _ in offered}
        more = [(chosen, chosen)] if chosen not in known else []
        return name, label, [(key, words, key == chosen) for key, words in [*offered, *more]]

    def _url(self, **changed: Any) -> str:
        return f"?{urlencode({**self.asked, **changed})}"


def _say_month(text: str) -> str:
    month = parse_month(text)
    return f"{month:%B %Y}" if isinstance(month, datetime) else text


def _lacked(row: Renewal) -> dict[str, Any]:
    return {
        "words": capital(row.label),
        "account": row.account,
        "ends": say_until(row.ends_at, zone=row.account.zone),
        "why": NOBODY_OWNS if row.owner is None else OWNER_LEFT,
        "renewal": row,
    }


def _proof(at: datetime) -> dict[str, Any] | None:
    """What reading all ends anew has found, and when; None where nobody has done it yet."""
    found = last_proof()
    if found is None:
        return None
    when, old = say_instant(found.at, zone="UTC"), found.is_old(at)
    return {"at": when, "number": found.number, "lacking": found.lacking[:MOST_LACKING], "old": old}


class RenewalsFile(Asked):
    """The same list as a file, whole."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        writer = csv.writer(_Echo())
        lines = (writer.writerow([guarded(cell) for cell in line]) for line in self._lines())
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="renewals.csv"'
        return answer  # type: ignore[return-value]  # a streaming response is no HttpResponse, and as good

    def _lines(self) -> Iterator[tuple[str, ...]]:
        yield HEADINGS
        for row in self.rows.iterator(chunk_size=500):
            kind = KINDS.get(row.kind, row.kind)  # type: ignore[call-overload]
            until = say_until(row.ends_at, zone=row.account.zone)
            state, owner = RenewalState(row.state).words, str(row.owner or "")
            yield (
                row.account.name, row.account.key, row.label, kind, row.ends_at.isoformat(), until, state, owner,
                row.decided_by, said_what(row),
            )  # fmt: skip


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line
