"""The board: what is late, due next, waiting and without a promise, per team; right as long as it is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from support.admin.cases.pages import HANDLE, LIVE, LivePage, case_url
from support.admin.cases.words import say_length, say_remaining, state_badge
from support.models import Clock, Severity, SlaPolicy
from support.queries.cases.board import NOBODY, Board, Line, Place, Section, TeamCount, Wanted, board
from support.queries.cases.pulse import mark_of_all
from support.queries.instants import say_instant

FEW, MANY = 12, 50  # cases of each place on the whole board; cases of one place on a page
ME = "me"
FILTERS = ("team", "severity", "assignee", "tier")
TITLES = {
    Place.LATE: ("Late now", "Nothing is late."),
    Place.NEXT: ("Due next", "Nothing is due."),
    Place.WAITING: ("Waiting", "Nothing waits or is paused."),
    Place.UNPROMISED: ("No clock runs", "Every open case has a clock that runs or waits."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """`due_ms` is for the browser to count by; `note` says why no clock runs, or since when it stands still."""

    line: Line
    url: str
    milestone: str
    due: str
    due_ms: int | None
    left: str
    note: str
    state: tuple[str, str] | None
    then: str


@dataclass(frozen=True, slots=True)
class Column:
    place: Place
    title: str
    empty: str
    number: int
    first: int
    cards: tuple[Card, ...]
    more: int
    more_url: str
    all_url: str


class BoardPage(LivePage):
    template_name = "support/cases/board.html"
    live_template: ClassVar[str] = "support/cases/_board_live.html"
    title = "Board"

    def mark(self) -> str:
        return mark_of_all(at=self.at)

    @cached_property
    def asked(self) -> dict[str, str]:
        """The filters in the address; one that was left empty is none."""
        given = self.request.GET
        return {name: typed for name in FILTERS if (typed := given.get(name, "").replace("\x00", "").strip()[:254])}

    @cached_property
    def place(self) -> Place | None:
        asked = self.request.GET.get("place", "")
        return Place(asked) if asked in set(Place) else None

    @cached_property
    def page(self) -> int:
        asked = self.request.GET.get("page", "")
        return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1

    @cached_property
    def board(self) -> Board:
        wanted = dict(self.asked)
        if wanted.get("assignee") == ME:
            wanted["assignee"] = str(getattr(self.request.user, "email", "")).lower() or NOBODY
        most = MANY if self.place is not None else FEW
        return board(at=self.at, wanted=Wanted(**wanted), place=self.place, page=self.page, most=most)

    def live_context(self) -> dict[str, Any]:
        wanted = [self.place] if self.place is not None else list(Place)
        return {
            "columns": [self._column(section) for section in self.board.sections if section.place in wanted],
            "teams": list(self._teams(self.board.teams)),
            "one_place": self.place,
            "late": next(one.number for one in self.board.sections if one.place is Place.LATE),
            "live_url": f"?{urlencode({**self._address, 'part': LIVE})}",
            "whole_url": self._url(place="", page=""),
            "may_open": self.request.user.has_perm(HANDLE),
            "earlier": self._url(page=self.page - 1) if self.place is not None and self.page > 1 else "",
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.asked
        return {
            **context,
            "narrowed": bool(chosen),
            "filters": [
                ("severity", "Severity", _chosen(_severities(), chosen.get("severity", ""))),
                ("assignee", "Assigned to", _chosen(self._assignees(), chosen.get("assignee", ""))),
                ("tier", "Tier", _chosen(_tiers(), chosen.get("tier", ""))),
            ],
            "kept": [(name, chosen[name]) for name in ("team",) if name in chosen],
        }

    @property
    def _address(self) -> dict[str, Any]:
        paged = {"place": self.place, "page": self.page} if self.place is not None else {}
        return {**self.asked, **paged}

    def _url(self, **changed: Any) -> str:
        """This board, otherwise in one thing; what becomes empty is left out."""
        asked = {name: value for name, value in {**self._address, **changed}.items() if value}
        return f"?{urlencode(asked)}"

    def _assignees(self) -> list[tuple[str, str]]:
        return [(ME, "Me"), (NOBODY, "Nobody"), *((one, one) for one in self.board.assignees)]

    def _teams(self, teams: Sequence[TeamCount]) -> Iterator[dict[str, Any]]:
        """All of them first; one without a case is left out unless it is the one asked for."""
        chosen = self.asked.get("team", "")
        number, late = sum(one.number for one in teams), sum(one.late for one in teams)
        for one in (TeamCount("", "Every team", number, late), *teams):
            if not one.key or one.number or one.key == chosen:
                yield {"team": one, "url": self._url(team=one.key, page=""), "current": one.key == chosen}

    def _column(self, section: Section) -> Column:
        title, empty = TITLES[section.place]
        last = section.first + len(section.lines) - 1
        return Column(
            place=section.place,
            title=title,
            empty=empty,
            number=section.number,
            first=section.first,
            cards=tuple(card_of(line, at=self.at, zone=self.zone) for line in section.lines),
            more=max(0, section.number - last),
            more_url=self._url(place=section.place, page=self.page + 1 if self.place is not None else 1),
            all_url=self._url(place=section.place, page=1),
        )


def card_of(line: Line, *, at: datetime, zone: str) -> Card:
    clock = line.clock
    due_at = clock.due_at if clock is not None else None
    return Card(
        line=line,
        url=case_url(line.case),
        milestone=clock.name if clock is not None else "",
        due=say_instant(due_at, now=at, zone=zone) if due_at is not None else "",
        due_ms=int(due_at.timestamp() * 1000) if due_at is not None else None,
        left=say_remaining(due_at, at=at) if due_at is not None else "",
        note=_note(line, at=at),
        state=state_badge(line.case.state) if line.case.state != "open" else None,
        then="; ".join(_then(other, at=at) for other in line.others),
    )


def _note(line: Line, *, at: datetime) -> str:
    clock = line.clock
    if clock is not None:
        since = clock.paused_since
        return f"paused for {say_length(at - since)}" if since is not None else ""
    if line.case.account is None:
        return "Nobody knows whose it is, so nothing is promised."
    if line.promise is None or line.promise.policy_version is None:
        return f"No promise: {line.promise.why}" if line.promise is not None else "No promise."
    return "Nothing is owed now."


def _then(clock: Clock, *, at: datetime) -> str:
    if clock.due_at is None:
        return f"{clock.name} is paused"
    return f"{clock.name} {say_remaining(clock.due_at, at=at)}"


def _severities() -> list[tuple[str, str]]:
    return list(Severity.objects.values_list("key", "name"))


def _tiers() -> list[tuple[str, str]]:
    return [*SlaPolicy.objects.values_list("tier", "name"), (NOBODY, "None")]


def _chosen(offered: list[tuple[str, str]], chosen: str) -> list[tuple[str, str, bool]]:
    """What is asked for by the address is offered, also where nothing bears that name any more."""
    known = {key for key, _ in offered}
    more = [(chosen, chosen)] if chosen and chosen not in known else []
    return [("", "Any", not chosen), *((key, name, key == chosen) for key, name in [*offered, *more])]
