"""Where products ask, and how often they were told yes or no: every enforcement point, and one of them over time."""

from collections.abc import Sequence
from datetime import UTC
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.actions.usage.access import REFUSALS_A_MINUTE
from entitlements.admin.playground.page import because_of
from entitlements.queries.usage.access import DAY, Span, Summed, features_in, over_time, points_in, refusals_at, span_of
from journal.admin.base import PAGE
from journal.admin.pages import Page

SPANS = ((1, "The last 24 hours"), (30, "The last 30 days"))
UNNAMED = "unnamed"


def points_url(**asked: str) -> str:
    return reverse("admin:entitlements_access") + (f"?{urlencode(asked)}" if asked else "")


class PointsPage(Page):
    """The page of one point where the address names one; an empty name is that of checks that named none."""

    permission: ClassVar[str] = "entitlements.view_accesscount"
    template_name = "entitlements/access/points.html"
    title = "Granted and refused"

    @cached_property
    def days(self) -> int:
        return 30 if self.request.GET.get("days") == "30" else 1

    @cached_property
    def span(self) -> Span:
        return span_of(at=self.at.astimezone(UTC), days=self.days)

    @cached_property
    def point(self) -> str | None:
        asked = self.request.GET.get("point")
        return None if asked is None else asked.replace("\x00", "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        named = {} if self.point is None else {"point": self.point}
        return {
            **super().get_context_data(**kwargs),
            "spans": [(words, points_url(**named, days=str(days)), days == self.days) for days, words in SPANS],
            "everything": points_url(days=str(self.days)),
            "few": REFUSALS_A_MINUTE,
            **(self._all() if self.point is None else self._one(self.point)),
        }

    def _all(self) -> dict[str, Any]:
        found = points_in(self.span)
        lines = [
            {**_line(one), "url": points_url(point=one.name, days=str(self.days)), "name": one.name or UNNAMED}
            for one in found
        ]
        return {"lines": lines}

    def _one(self, point: str) -> dict[str, Any]:
        feature = self.request.GET.get("feature", "").replace("\x00", "")
        at_it = {"point": point, "days": str(self.days)}
        lines = [
            {**_line(one), "url": points_url(**at_it, feature=one.key), "name": one.name, "shown": one.key == feature}
            for one in features_in(self.span, point=point)
        ]
        steps = over_time(self.span, point=point, feature=feature)
        refused = refusals_at(point, since=self.span.start, feature=feature, most=PAGE)
        return {
            "title": f"Granted and refused: {point or UNNAMED}",
            "one": True,
            "lines": lines,
            "feature": next((line["name"] for line in lines if line["shown"]), ""),
            "all_features": points_url(**at_it),
            "steps": _steps(steps, by_day=self.span.step == DAY),
            "most": max((step.all for step in steps), default=0),
            "first": say_instant(self.span.start),
            "refusals": [
                {"row": row, "when": say_instant(row.at, zone=self.zone), "because": because_of(row)} for row in refused
            ],
        }


def _line(one: Summed) -> dict[str, Any]:
    share = one.denied * 100 / one.all if one.all else 0.0
    return {
        "granted": f"{one.granted:,}",
        "denied": f"{one.denied:,}",
        "refused_share": f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %",
        "bar": (round(100 - share, 1), round(share, 1)),
    }


def _steps(steps: Sequence[Summed], *, by_day: bool) -> list[dict[str, Any]]:
    most = max((step.all for step in steps), default=0) or 1
    found = []
    for step in steps:
        assert step.last is not None
        when = f"{step.last:%d %B}" if by_day else f"{step.last:%H:%M} UTC"
        found.append(
            {
                "words": f"{when}: {step.granted:,} granted, {step.denied:,} refused",
                "granted": round(step.granted * 100 / most, 2),
                "denied": round(step.denied * 100 / most, 2),
            }
        )
    return found
