"""One cover, read: what it says in sentences, over time, what it reaches, and which others it competes with."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from catalog.queries.instants import say_instant
from support.admin.covers.pages import COLOURS, CoverPage, cover_url
from support.domain.cover_draft import CoverPlace
from support.domain.cover_terms import Counts
from support.domain.covers import Candidate
from support.models import Asset
from support.queries.allowances.balances import balances_of
from support.queries.covering import About, covering
from support.queries.covers.effects import reached_by
from support.queries.covers.versions import Stretch, line_of
from support.queries.visits import visits_left

MOST_REACHED = 50


class ShowPage(CoverPage):
    template_name = "support/covers/show.html"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cover
        return f"{self.cover.name}: {self.account}"

    @cached_property
    def reached(self) -> list[Asset]:
        return reached_by(self.read.draft, account=self.account)

    @cached_property
    def about(self) -> Asset | None:
        """The device whose candidates are shown: the one asked for, else the first it reaches."""
        asked = self.request.GET.get("asset", "")
        chosen = [one for one in self.reached if str(one.pk) == asked]
        return next(iter(chosen or self.reached), None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        holder = self.account if self.about is None else self.about.account
        found = covering(holder, at=self.at, about=About(asset=self.about))
        line = line_of(self.cover, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "further": self.read.further,
            "reason": self.cover.reason,
            "recorded": f"{say_instant(self.cover.recorded_at, zone=self.zone)} by {self.cover.recorded_by}",
            "line": line,
            "versions": [self._version(one) for one in reversed(line.stretches)],
            "reached": self.reached[:MOST_REACHED],
            "reached_more": len(self.reached) - MOST_REACHED,
            "about": self.about,
            "candidates": [candidate_line(one) for one in found.choice.candidates],
            "prepaid": self._prepaid() if self.cover.counted else [],
            "visits": visits_left(self.cover, at=self.at),
            "following": self.following and cover_url(self.following),
            "waiting": self.waiting,
            "buttons": list(self._buttons()),
        }

    def _buttons(self) -> Iterator[tuple[str, str]]:
        """What may be done with it: nothing while a change waits, or once another version goes on from it."""
        if self.waiting is not None or self.place is CoverPlace.CALLED_OFF or self.following is not None:
            return
        if self.place is not CoverPlace.ENDED:
            yield "Amend", cover_url(self.cover, "amend")
        if self.read.draft.last_instant is not None:
            yield "Renew", cover_url(self.cover, "renew")
        if self.place is not CoverPlace.ENDED:
            yield "Set its place", cover_url(self.cover, "priority")
            yield "Call off" if self.place is CoverPlace.TO_COME else "End early", cover_url(self.cover, "end")

    def _prepaid(self) -> list[tuple[str, str]]:
        """What cases under it count on, with what is left."""
        found = balances_of(self.account, at=self.at)
        return [(one.name, one.words) for one in found if one.allowance.counts == Counts.CASES]

    def _version(self, one: Stretch) -> dict[str, Any]:
        row = one.read.row
        return {
            "url": cover_url(row),
            "here": row.pk == self.cover.pk,
            "place": (one.place.words, COLOURS[one.place]),
            "since": say_instant(row.starts_at, zone=row.zone),
            "words": one.read.words,
            "reason": row.reason,
            "end_reason": row.end_reason,
            "by": f"{row.recorded_by}, {say_instant(row.recorded_at, zone=row.zone)}",
        }


def candidate_line(one: Candidate) -> dict[str, Any]:
    """One of those that might cover: what it decides, or why it decides nothing."""
    key = one.cover.key
    return {
        "name": one.cover.name,
        "url": cover_url(int(key.partition(":")[2])) if key.startswith("cover:") else "",
        "source": one.cover.source.words,
        "decides": ", ".join(aspect.words for aspect in one.decides),
        "kept": one.kept,
        "reason": one.reason,
    }
