"""The review queue: tickets decided one after the other, by one key each; what is said about them teaches."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from journal.admin.pages import Page
from journal.domain.refusal import Refusal
from support.actions.intake.settling import AlreadySettled, settle_ticket
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.admin.cases.pages import case_url
from support.admin.cases.words import say_length, say_remaining
from support.admin.intake.happens import answer_if_agreed, say_short
from support.admin.intake.labels import as_said, labels_said
from support.admin.intake.pages import REVIEW, VIEW, decision_url, number_typed
from support.admin.intake.shown import shown_ticket
from support.admin.intake.taking import route_of
from support.admin.intake.words import ACTS, outcome_badge
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import IntakeDecision
from support.queries.intake.queue import (
    Line,
    Tab,
    before,
    counts,
    last_settled,
    lines,
    next_of,
    place_of,
    soonest,
    tab_of,
    tickets,
)

MOST_LINES, BEFORE_IT = 25, 5
TABS = {
    Tab.HELD: ("Held", "Nothing waits for a person."),
    Tab.WAITING: ("Waiting", "No outside answer is awaited."),
    Tab.SAMPLES: ("Samples", "No decision of the desk’s own is to be looked at."),
    Tab.BLOCKED: ("Blocked", "No blocked ticket is to be looked at."),
}


def waiting(request: HttpRequest) -> str:
    """How many tickets are held, for whoever may decide them."""
    number = tickets(Tab.HELD).count() if request.user.has_perm(REVIEW) else 0
    return str(number or "")


class ReviewPage(Page):
    """One list for each tab, one ticket at a time; the address names both, so that it can be sent to a colleague."""

    permission: ClassVar[str] = VIEW
    template_name = "support/intake/review.html"
    title = "Tickets to decide"

    @cached_property
    def named(self) -> IntakeDecision | None:
        """The ticket in the address."""
        typed = self.request.POST.get("ticket") or self.request.GET.get("ticket", "")
        if not typed:
            return None
        rows = IntakeDecision.objects.select_related("account__owner", "case__team", "given_feature", "version")
        number = number_typed(typed)
        found = rows.filter(pk=number).first() if number is not None else None
        if found is None:
            raise Http404(f"No ticket has the number {typed}.")
        return found

    @cached_property
    def tab(self) -> Tab:
        asked = self.request.GET.get("tab", "")
        if asked in set(Tab):
            return Tab(asked)
        return (tab_of(self.named) if self.named is not None else None) or Tab.HELD

    @cached_property
    def row(self) -> IntakeDecision | None:
        """The one on show: the one named, else the first."""
        rows = tickets(self.tab).select_related("account__owner", "case__team", "given_feature", "version")
        return self.named or rows.first()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(REVIEW):
            raise PermissionDenied
        row, asked = self.named, request.POST.get("outcome", "")
        if row is None or asked not in {outcome.value for _, outcome, _ in ACTS}:
            self.refuse(Refusal("Choose what is to follow."))
            return HttpResponseRedirect(self.address(row))
        follows = next_of(row, self.tab) or before(row, self.tab)
        try:
            labels, note = labels_said(row, request.POST), request.POST.get("note", "")
            done = settle_ticket(decision=row, outcome=Outcome(asked), labels=labels, note=note, by=self.by, at=self.at)
            self.tell(_told(done, labels))
        except AlreadySettled as faster:
            self.refuse(faster)
        except Refusal as refusal:
            self.refuse(refusal)
            return self.render_to_response(self.get_context_data(refused=True), status=422)
        return HttpResponseRedirect(self.address(follows))

    def address(self, row: IntakeDecision | None = None, *, tab: Tab | None = None) -> str:
        asked = {"tab": (tab or self.tab).value, **({"ticket": row.number} if row is not None else {})}
        return f"{reverse('admin:intake_review')}?{urlencode(asked)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, row, may = counts(), self.row, self.request.user.has_perm
        last = last_settled(self.by.name) if may(REVIEW) else None
        return {
            **super().get_context_data(**kwargs),
            "tabs": [
                {"url": self.address(tab=tab), "words": TABS[tab][0], "count": found[tab], "current": tab is self.tab}
                for tab in Tab
            ],
            "empty": TABS[self.tab][1],
            "lines": list(self._lines()),
            "number": found[self.tab],
            "tab_key": self.tab.value,
            "last_url": self.address(last) if last is not None else "",
            "may_review": may(REVIEW),
            **(self._shown(row, refused=kwargs.get("refused", False)) if row is not None else {}),
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Those around the one on show, and the one that is due soonest wherever it stands."""
        row, first = self.row, 0
        if row is not None and tab_of(row) is not None:
            first = max(0, place_of(row, self.tab) - BEFORE_IT)
        shown = lines(self.tab, at=self.at, start=first, most=MOST_LINES)
        soon = soonest(self.tab) if self.tab is Tab.HELD else None
        for line in shown:
            yield self._line(line, soon=soon is not None and line.row.pk == soon.pk)

    def _line(self, line: Line, *, soon: bool) -> dict[str, Any]:
        row = line.row
        return {
            "row": row,
            "url": self.address(row),
            "current": self.row is not None and row.pk == self.row.pk,
            "age": say_length(self.at - row.at),
            "due": say_remaining(line.due_at, at=self.at) if line.due_at is not None else "",
            "pressing": line.pressing,
            "soon": soon,
            "until": self._until(row),
            "outcome": outcome_badge(row.outcome) if self.tab is Tab.SAMPLES else None,
        }

    def _until(self, row: IntakeDecision) -> str:
        until = row.resume_until if row.stage == Stage.WAITING else None
        if until is None:
            return ""
        late = until < self.at
        return (
            f"no answer for {say_length(self.at - until)} too long"
            if late
            else f"for {say_length(until - self.at)} more"
        )

    def _shown(self, row: IntakeDecision, *, refused: bool) -> dict[str, Any]:
        may, ticket = self.request.user.has_perm, shown_ticket(row)
        ticket = as_said(ticket, self.request.POST) if refused else ticket
        after, earlier = next_of(row, self.tab), before(row, self.tab)
        return {
            "row": row,
            "ticket": ticket,
            "short": say_short(row),
            "if_agreed": answer_if_agreed(row),
            "open": row.settled_at is None and row.stage != Stage.ASKED,
            "asked_only": row.stage == Stage.ASKED,
            "came": say_instant(row.at, zone=self.zone),
            "until": self._until(row),
            "settled_ago": say_length(self.at - row.settled_at) if row.settled_at is not None else "",
            "acts": [
                {"key": key, "outcome": outcome, "words": words, "meant": _meant(row, ticket.proposed) == outcome.words}
                for key, outcome, words in ACTS
            ],
            "route": route_of(row),
            "next_url": self.address(after) if after is not None else "",
            "before_url": self.address(earlier) if earlier is not None else "",
            "features": list(Feature.objects.order_by("name").values_list("key", "name")),
            "account": row.account,
            "account_url": account_url(row.account) if row.account and may(VIEW_ACCOUNTS) else "",
            "case_url": case_url(row.case) if row.case and may(VIEW_CASES) else "",
            "detail_url": decision_url(row),
        }


def _meant(row: IntakeDecision, proposed: Any) -> str:
    """What the machine made of it, or would have."""
    return str(proposed.words) if proposed is not None else str(Outcome(row.outcome).words)


def _told(row: IntakeDecision, labels: list[str | None] | None) -> str:
    """What happened, in a line."""
    case = f" {row.case.number}" if row.case is not None else ""
    whose = f" of {row.account}" if row.account is not None else ""
    learnt = sum(label is not None for label in labels or ())
    taught = f" It teaches {learnt} example{'s' if learnt > 1 else ''}." if learnt else ""
    return (
        f"{row.number}{whose}: {Outcome(row.settled_outcome).words.lower()}.{f' Case{case}.' if case else ''}{taught}"
    )
