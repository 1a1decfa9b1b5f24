"""What a lookup says: everything in words, with the instants beside them for machines."""

from dataclasses import dataclass
from datetime import datetime

from support.domain.coverage import CoverState


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One severity: what is promised, and when a first response would be due if a case came in at the moment asked."""

    severity: str
    name: str
    meaning: str
    promise: str
    due_at: datetime
    due_words: str


@dataclass(frozen=True, slots=True)
class HoursLine:
    """A clock of the promise: open at the moment asked or not, and until when it stays so (None: for ever)."""

    name: str
    is_open: bool
    changes_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The next instant at which the cover becomes another, and what follows."""

    at: datetime
    words: str
    then: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan on sale in the customer's market that would cover it."""

    plan: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class CoverAnswer:
    account: str
    account_name: str
    country: str
    zone: str
    at: datetime
    local_time: str
    state: CoverState
    headline: str
    tier: str | None
    tier_name: str
    plans: tuple[str, ...]
    targets: tuple[TargetLine, ...]
    hours: tuple[HoursLine, ...]
    caution: str
    ends: Ending | None
    why: str
    because: tuple[str, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One of several accounts that what was typed may mean."""

    account: str
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for the one account meant; or the accounts to choose from; or neither, when nothing matched."""

    searched: str
    answer: CoverAnswer | None = None
    matches: tuple[Match, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.answer is not None and self.matches:
            raise ValueError("A lookup gives one answer or a choice, not both.")
