"""Every counter of an account, and the events behind one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from catalog.domain.values import Kind
from catalog.queries.instants import say_instant
from entitlements.actions.usage.resets import PERMISSION as RESET
from entitlements.admin.counters.lines import line_of_counter
from entitlements.admin.counters.slices import first_of, sliced, with_asked
from entitlements.admin.pages import AccountPage, account_url
from entitlements.domain.saying import say_part_name
from entitlements.domain.usage.operations import Act
from entitlements.domain.usage.saying import said
from entitlements.models import UsageCounter, UsageEvent, UsageReset
from entitlements.queries.usage.counters import Counted, counted, counters_of, events_before, events_named
from journal.admin.base import PAGE

VIEW_COUNTERS = "entitlements.view_usagecounter"
NOT_RESET = {Kind.CREDIT, Kind.CAPACITY}
ACTS = {
    Act.CONSUME: "consumed",
    Act.REPORT: "reported",
    Act.RESERVE: "reserved",
    Act.COMMIT: "committed",
    Act.RELEASE: "released",
    Act.GIVE_BACK: "given back",
}


class CountersPage(AccountPage):
    """Those of the periods that run; those that are over when they are asked for."""

    permission: ClassVar[str] = VIEW_COUNTERS
    template_name = "entitlements/counters/counters.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, account = self.request.GET, self.account
        earlier = asked.get("show") == "earlier"
        feature, text = asked.get("feature", "").strip(), asked.get("q", "").replace("\x00", "").strip()
        page = sliced(self.request, counters_of(
            account, at=self.at, running=not earlier, feature=feature, text=text,
            first=first_of(asked), most=PAGE + 1,
        ))  # fmt: skip
        features = UsageCounter.objects.filter(account=account).order_by("feature__name").values_list(
            "feature__key", "feature__name"
        )  # fmt: skip
        return {
            **super().get_context_data(**kwargs),
            "title": f"{account.name}: counters",
            "back": account_url(account, part="usage"),
            "lines": [line_of_counter(one, key=account.key, zone=self.zone) for one in page.rows],
            "page": page,
            "earlier": earlier,
            "now_url": with_asked(self.request, show="", page=""),
            "earlier_url": with_asked(self.request, show="earlier", page=""),
            "features": list(features.distinct()),
            "feature": feature,
            "typed": text,
        }


class CounterPage(AccountPage):
    """One counter: what it says, the events it comes from, and when staff reset it."""

    permission: ClassVar[str] = VIEW_COUNTERS
    template_name = "entitlements/counters/counter.html"

    @cached_property
    def counter(self) -> UsageCounter:
        rows = UsageCounter.objects.select_related("feature", "account")
        return get_object_or_404(rows, pk=self.kwargs["counter"], account=self.account)

    @cached_property
    def counted(self) -> Counted:
        return counted(self.counter, at=self.at)

    @cached_property
    def found(self) -> Sequence[UsageEvent]:
        asked = self.request.GET
        wanted, source = (asked.get(name, "").replace("\x00", "").strip() for name in ("id", "source"))
        if wanted:
            return events_named(self.counter, event_id=wanted, source=source)
        at, pk = _place(asked.get("before", ""))
        return events_before(self.counter, at=at, pk=pk, most=PAGE + 1)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line = line_of_counter(self.counted, key=self.account.key, zone=self.zone)
        shown, last = self.found[:PAGE], self.found[:PAGE][-1:]
        further = len(self.found) > PAGE
        place = f"{last[0].at.isoformat()}_{last[0].pk}" if last else ""
        return {
            **super().get_context_data(**kwargs),
            "title": " · ".join(part for part in (self.account.name, line["feature"], line["whose"]) if part),
            "back": reverse("admin:entitlements_account_counters", args=[self.account.key]),
            "line": line,
            "may_reset": self.request.user.has_perm(RESET) and self._resets(),
            "events": list(self._events(shown)),
            "further": with_asked(self.request, before=place) if further else "",
            "newest": with_asked(self.request, before="") if self.request.GET.get("before") else "",
            "typed_id": self.request.GET.get("id", ""),
            "typed_source": self.request.GET.get("source", ""),
            "resets": list(self._reset_words()),
        }

    def _resets(self) -> bool:
        return self.counted.running and self.counter.feature.kind not in NOT_RESET

    def _events(self, rows: Sequence[UsageEvent]) -> Iterator[dict[str, Any]]:
        terms = self.counted.terms
        for row in rows:
            late = row.recorded_at - row.at
            yield {
                "row": row,
                "when": say_instant(row.at, zone=self.zone),
                "seconds": f"{row.at:%H:%M:%S} UTC",
                "act": ACTS[Act(row.act)],
                "quantity": said(Decimal(row.quantity), terms),
                "amount": said(Decimal(row.amount), terms) if row.amount != row.quantity else "",
                "choice": say_part_name(row.choice) if row.choice else "",
                "late": say_instant(row.recorded_at, zone=self.zone) if late.total_seconds() > 60 else "",
                "let_go": row.at < self.counter.since,
            }

    def _reset_words(self) -> Iterator[dict[str, Any]]:
        row = self.counter
        resets = UsageReset.objects.filter(
            account=row.account, feature=row.feature, subject=row.subject, choice=row.choice, starts_at=row.starts_at
        )
        for reset in resets[:PAGE]:
            used = said(Decimal(reset.used), self.counted.terms)
            yield {"row": reset, "when": say_instant(reset.at, zone=self.zone), "used": used}


def _place(typed: str) -> tuple[datetime | None, int]:
    """Where the page before ended; what can't be read is the beginning."""
    instant, _, pk = typed.replace(" ", "+").rpartition("_")
    try:
        at = parse_datetime(instant)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not pk.isdecimal() or len(pk) > 18:
        return None, 0
    return at, int(pk)
