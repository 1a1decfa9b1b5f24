"""What a case's events come to, read in one order: by when they happened, then by when they were heard of.

The story knows nothing of milestones: it says in which state the case was when, how severe, in whose hands, and
whether anybody of ours had spoken to the customer yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from support.domain.case_events import CaseEvent, CaseState, EventKind, Opener

SETTLED = frozenset({CaseState.RESOLVED, CaseState.CLOSED})
ENDED = frozenset({CaseState.CLOSED, CaseState.CANCELLED})
REOPENED_BY_A_MESSAGE = frozenset({CaseState.WAITING, *SETTLED})
IN_ORDER = attrgetter("at", "seq")


class InvalidStory(ValueError):
    """These events aren't those of one case."""


class Moment(NamedTuple):
    """An event, with the state before and after it, and whether a first contact had been made before it."""

    event: CaseEvent
    before: CaseState | None
    after: CaseState
    contacted: bool

    @property
    def changed(self) -> bool:
        return self.before is not self.after

    @property
    def settled(self) -> bool:
        """It came to be resolved or closed by this; from the one to the other counts too."""
        return self.changed and self.after in SETTLED

    @property
    def resolved(self) -> bool:
        """It was resolved by this, or closed without having been; from resolved to closed nothing is resolved."""
        return self.after in SETTLED and self.before not in SETTLED

    @property
    def reopened(self) -> bool:
        return self.before in SETTLED and self.after not in SETTLED and self.after is not CaseState.CANCELLED


class Stretch(NamedTuple):
    """The case was in this state from `start` to `end` (None: it still is)."""

    start: datetime
    end: datetime | None
    state: CaseState


@dataclass(frozen=True, slots=True)
class Story:
    """`severities` are changes in order, the first from the opening on; of several at one instant the last speaks."""

    now: datetime
    moments: tuple[Moment, ...]
    stretches: tuple[Stretch, ...]
    severities: tuple[tuple[datetime, str], ...]
    team: str
    assignee: str
    ended_at: datetime | None

    @property
    def state(self) -> CaseState:
        return self.stretches[-1].state


def story_of(events: Iterable[CaseEvent], *, opener: Opener, now: datetime) -> Story:
    """Read the events in order. `now` is never before the last of them. Raises `InvalidStory` without an opening."""
    ordered = sorted(events, key=IN_ORDER)
    if not ordered or ordered[0].kind is not EventKind.OPENED:
        raise InvalidStory("A case begins with its opening; the first event must say that it was opened.")
    reader = _Reader(contacted=opener is Opener.AGENT, since=ordered[0].at)
    for event in ordered:
        reader.read(event)
    return reader.story(max(now, ordered[-1].at))


def state_after(state: CaseState, event: CaseEvent) -> CaseState:
    """The state an event leads to; most events change nothing, and nothing changes what is cancelled."""
    if state is CaseState.CANCELLED:
        return state
    if event.kind is EventKind.STATE:
        return CaseState(event.to)
    if event.kind is EventKind.CUSTOMER_MESSAGE and state in REOPENED_BY_A_MESSAGE:
        return CaseState.OPEN
    return state


@dataclass(slots=True)
class _Reader:
    contacted: bool
    since: datetime
    state: CaseState | None = None
    team: str = ""
    assignee: str = ""
    moments: list[Moment] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    severities: list[tuple[datetime, str]] = field(default_factory=list)

    def read(self, event: CaseEvent) -> None:
        if self.state is CaseState.CANCELLED:
            return
        after = CaseState.OPEN if self.state is None else state_after(self.state, event)
        self.moments.append(Moment(event, self.state, after, self.contacted))
        self._come_to(after, event.at)
        self._note(event)

    def _come_to(self, state: CaseState, at: datetime) -> None:
        if self.state is not None and state is not self.state:
            self.stretches.append(Stretch(self.since, at, self.state))
            self.since = at
        self.state = state

    def _note(self, event: CaseEvent) -> None:
        if event.kind is EventKind.PUBLIC_REPLY:
            self.contacted = True
        elif event.kind is EventKind.ASSIGNED:
            self.team, _, self.assignee = event.to.partition("/")
        elif event.kind is EventKind.SEVERITY or event.kind is EventKind.OPENED:
            self.severities.append((event.at, event.to))

    def story(self, now: datetime) -> Story:
        state = self.state or CaseState.OPEN
        return Story(
            now=now,
            moments=tuple(self.moments),
            stretches=(*self.stretches, Stretch(self.since, None, state)),
            severities=tuple(self.severities),
            team=self.team,
            assignee=self.assignee,
            ended_at=self.since if state in ENDED else None,
        )
