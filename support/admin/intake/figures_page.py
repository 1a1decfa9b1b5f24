"""What intake came to, for whoever is answerable for it; and the tickets behind each of its figures."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse

from catalog.queries.instants import say_instant
from journal.admin.pages import Page
from support.admin.intake.figures_shown import Shown
from support.admin.intake.pages import VIEW, decision_url
from support.admin.intake.span_form import PERIODS, query_of, rows_url, span_of, week_of
from support.admin.intake.words import REASONS, outcome_badge, say_reason, say_stage
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Reason
from support.models import IntakeDecision
from support.queries.intake.by_action import COUNTED, by_action, rows_by_action
from support.queries.intake.figures import figures
from support.queries.intake.sets import SETS, rows_of
from support.queries.intake.settings import intake_settings
from support.queries.intake.spans import Span

ROWS = 50
NAMES = {
    "tickets": "Tickets that were checked as they came",
    **{f"outcome_{one.value}": f"Tickets: {one.words.lower()}, at the door" for one in Outcome},
    "by_itself": "Decided by itself",
    "held": "Held for a person, or waiting for an outside answer, at first",
    "at_once": "Opened at once by whoever had the check before them",
    "open": "Still waiting for a decision",
    "waited": "Held, and decided since",
    **{f"reason_{one.value}": f"Held because: {REASONS[one].lower()}" for one in Reason},
    "reviewed": "Looked at by a person",
    "agreed": "A person decided what the machine decided, or proposed",
    "disagreed": "A person decided otherwise than the machine did, or proposed",
    "samples": "Drawn as samples of what was decided by itself",
    "samples_reviewed": "Samples that a person looked at",
    "samples_wrong": "Samples that a person decided otherwise",
    "deflecting": "Redirected, or offered an upgrade",
    "deflected": "Deflected: no other case within 7 days",
    "followed": "Redirected or offered something, and another case followed within 7 days",
    "unknown": "Redirected or offered something; whether a case follows isn’t known, or not yet",
    "handled": "Tickets with a case for people",
    "read": "Tickets that were read",
}


class FiguresPage(Page):
    permission: ClassVar[str] = VIEW
    template_name = "support/intake/figures.html"
    title = "How intake does"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        span = span_of(self.request.GET.dict(), now=self.at, zone=self.zone)
        shown, settings = Shown(span, figures(span), by_action(span)), intake_settings()
        return {
            **super().get_context_data(**kwargs),
            "span": span,
            "shown": shown,
            "any": shown.found.total["tickets"] or shown.found.total["deflecting"],
            "tiles": shown.tiles(settings),
            "periods": [(str(weeks), words, weeks == len(span.starts)) for weeks, words in PERIODS.items()],
            "channels": [(one.value, one.words, one is span.channel) for one in Channel],
            "zone_words": self.zone.rpartition("/")[2].replace("_", " "),
            "may_set": self.request.user.has_perm("support.view_intakesettings"),
            "followed": shown.number("followed"),
            "unknown": shown.number("unknown"),
        }


class RowsPage(Page):
    """The tickets that one figure counts, the latest first."""

    permission: ClassVar[str] = VIEW
    template_name = "support/intake/figure_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.dict()
        name = asked.get("figure", "tickets")
        if name not in SETS:
            raise Http404
        span = span_of(asked, now=self.at, zone=self.zone)
        week = week_of(asked, span)
        action = _action(name, asked.get("action", ""))
        found = rows_of(name, span, week=week) if action is None else rows_by_action(name, span, action, week=week)
        rows = found.select_related("account").order_by("-at", "-pk")
        shown = Paginator(rows, ROWS).get_page(asked.get("page", ""))
        return {
            **super().get_context_data(**kwargs),
            "title": NAMES[name] if action is None else f"{NAMES[name]}: {action.words.lower()}",
            "since": self._since(span, week),
            "rows": [self._line(row) for row in shown],
            "shown": shown,
            "here": rows_url(span, name, week, action=action or ""),
            "back": f"{reverse('admin:intake_figures')}?{'&'.join(f'{k}={v}' for k, v in query_of(span).items())}",
        }

    def _since(self, span: Span, week: int | None) -> str:
        by = f", {span.channel.words.lower()} alone" if span.channel else ""
        if week is None:
            return f"Since {say_instant(span.starts[0], zone=self.zone)}{by}"
        return f"In the week from {say_instant(span.starts[week], zone=self.zone)} on{by}"

    def _line(self, row: IntakeDecision) -> dict[str, Any]:
        return {
            "row": row,
            "url": decision_url(row),
            "came": say_instant(row.at, zone=self.zone),
            "outcome": outcome_badge(row.outcome),
            "reason": say_reason(row.reason),
            "stage": say_stage(row.stage),
            "settled": outcome_badge(row.settled_outcome) if row.settled_outcome else None,
        }


def _action(name: str, typed: str) -> Outcome | None:
    return Outcome(typed) if name in COUNTED and typed in set(Outcome) else None
