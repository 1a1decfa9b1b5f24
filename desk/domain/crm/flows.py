"""The flows between a CRM and the desk, what each may lag, and how it stands, in words.

A flow moves one kind of thing one way over one connection. It rests while its connection is paused or off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Flow(StrEnum):
    """`COMPANIES` and `DEALS` come in, `ENTITLEMENTS` go out."""

    COMPANIES = "companies"
    DEALS = "deals"
    ENTITLEMENTS = "entitlements"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def comes_in(self) -> bool:
        return self is not Flow.ENTITLEMENTS

    @property
    def tolerated(self) -> timedelta:
        """The longest that a change may wait until it has arrived, before somebody is told."""
        return _TOLERATED[self]


_WORDS: Mapping[Flow, str] = {
    Flow.COMPANIES: "Companies come in",
    Flow.DEALS: "Deals come in",
    Flow.ENTITLEMENTS: "Entitlements go out",
}
_TOLERATED: Mapping[Flow, timedelta] = {
    Flow.COMPANIES: timedelta(minutes=10),
    Flow.DEALS: timedelta(minutes=5),
    Flow.ENTITLEMENTS: timedelta(minutes=5),
}


RUN_EVERY = timedelta(seconds=20)  # so that a change is in force within a minute, though a thousand come at once
AFTER_TROUBLE = timedelta(minutes=1)
AFTER_REFUSAL = timedelta(minutes=5)  # what a CRM declines it will decline again until a person mends it


class FlowState(StrEnum):
    """`NEW`: it was never switched on. `PAUSED`: by a person. Whether it fails is told by its last run."""

    NEW = "new"
    ACTIVE = "active"
    PAUSED = "paused"

    @property
    def words(self) -> str:
        return _STATES[self]


_STATES: Mapping[FlowState, str] = {
    FlowState.NEW: "Not switched on",
    FlowState.ACTIVE: "On",
    FlowState.PAUSED: "Paused",
}


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a flow is behind: nothing where it isn't. `oldest` is since when something waits that hasn't arrived, and
    `last_ok` when it was looked last without trouble, or since when it is on."""

    flow: Flow
    oldest: datetime | None
    last_ok: datetime | None

    def behind(self, *, at: datetime) -> timedelta:
        """How long the oldest change waits, or how long nobody could look, whichever is longer."""
        waits = [at - since for since in (self.oldest, self.last_ok) if since is not None]
        return max(waits, default=timedelta(0))

    def too_far(self, *, at: datetime) -> bool:
        return self.behind(at=at) > self.flow.tolerated
