"""Where overrides happen: which features, reasons, teams and people, and whether they become fewer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse

from entitlements.admin.review.queue_page import VIEW
from entitlements.queries.review.where import Figure, Places, WeekEnd, where_overrides_happen
from journal.admin.pages import Page

TALL, BROAD, GAP = 100, 26, 4  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    week: WeekEnd
    x: int
    y: float
    height: float


class WherePage(Page):
    """Each figure leads to the overrides it counts."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/review/where.html"
    title = "Where overrides happen"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = where_overrides_happen(at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "tables": list(_tables(found)),
            "weeks": found.weeks,
            "bars": list(_bars(found.weeks)),
            "broad": len(found.weeks) * BROAD,
            "tall": TALL,
            "wide": BROAD - GAP,
            "first": found.weeks[0],
            "last": found.weeks[-1],
            "in_force": list_url(place="in_force"),
        }


def list_url(**asked: str) -> str:
    """The list of overrides, narrowed down."""
    return f"{reverse('admin:entitlements_override_changelist')}?{urlencode(asked)}"


def _tables(found: Places) -> Iterator[dict[str, Any]]:
    told = (
        ("By feature", "feature", found.features),
        ("By reason", "reason_code", found.reasons),
        ("By team", "team", found.teams),
        ("By who asked", "asked_by", found.people),
    )
    for words, name, figures in told:
        lines = list(_lines(name, figures))
        yield {"words": words, "lines": lines, "adds": name == "feature", "column": words.removeprefix("By ")}


def _lines(name: str, figures: Iterable[Figure]) -> Iterator[dict[str, Any]]:
    for figure in figures:
        asked = {name: figure.key}
        yield {
            "figure": figure,
            "in_force": list_url(place="in_force", **asked),
            "granted": list_url(granted="90", **asked),
        }


def _bars(weeks: Iterable[WeekEnd]) -> Iterator[Bar]:
    weeks = list(weeks)
    most = max((week.in_force for week in weeks), default=0) or 1
    for number, week in enumerate(weeks):
        height = round(week.in_force * TALL / most, 2)
        yield Bar(week, number * BROAD, TALL - height, height)
