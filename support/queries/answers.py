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
class ChannelLine:
    """One way to ask for help: covered or not, by what, whether its hours are open, and what is left of prepaid help.

    `is_open` None: no hours are promised. `why` says why it is not covered.
    """

    channel: str
    words: str
    asked: bool
    covered: bool
    by: str
    why: str
    is_open: bool | None
    hours: str
    left: str


@dataclass(frozen=True, slots=True)
class PrepaidPart:
    """What may still fall to one channel."""

    channel: str
    name: str
    left: str
    of: str


@dataclass(frozen=True, slots=True)
class PrepaidLine:
    """Prepaid help: what is left in all and by channel, and what of it goes next. `state`: left, used_up, overdrawn."""

    key: str
    name: str
    state: str
    left: str
    words: str
    parts: tuple[PrepaidPart, ...]
    goes_at: datetime | None
    goes: str


@dataclass(frozen=True, slots=True)
class ShareLine:
    """What the customer pays of labour, parts or travel; `by` is what bears the rest, empty: nothing does."""

    aspect: str
    name: str
    customer_percent: int
    words: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One thing that might cover: what it decides, or why it decides nothing. `decides` are aspects by key."""

    key: str
    name: str
    source: str
    tier: str
    kept: bool
    decides: tuple[str, ...]
    deciding: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """A device as it is chosen from a list."""

    id: int
    serial: str
    product: str
    name: str
    location: str
    retired: bool

    @property
    def words(self) -> str:
        return f"{self.product} {self.serial}"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened: a case, a visit, or a part or work used on a job; `number` is its own."""

    kind: str
    number: int
    at: datetime
    when: str
    words: str
    state: str
    case: int | None = None


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
class Manager:
    """Who of us looks after the customer."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Relative:
    """The account it belongs to, or one that belongs to it."""

    account: str
    name: str


@dataclass(frozen=True, slots=True)
class CoverAnswer:
    """`verdict` is the whole answer in one line, `left` what is left in another; `headline` says how far it goes.

    `device` and `channel` are what was asked about; `state` and all below it hold for just that. `partly` names the
    covers of certain devices, where nothing else covers and no device was named.
    """

    account: str
    account_name: str
    country: str
    zone: str
    at: datetime
    local_time: str
    device: DeviceLine | None
    channel: str | None
    channel_words: str
    state: CoverState
    verdict: str
    partly: tuple[str, ...]
    headline: str
    tier: str | None
    tier_name: str
    covered_by: str
    plans: tuple[str, ...]
    targets: tuple[TargetLine, ...]
    hours: tuple[HoursLine, ...]
    caution: str
    channels: tuple[ChannelLine, ...]
    left: str
    prepaid: tuple[PrepaidLine, ...]
    shares: tuple[ShareLine, ...]
    authorisation: str
    ends: Ending | None
    why: str
    candidates: tuple[CandidateLine, ...]
    because: tuple[str, ...]
    offers: tuple[Offer, ...]
    manager: Manager | None
    parent: Relative | None
    children: tuple[Relative, ...]
    more_children: int
    history: tuple[HistoryLine, ...]

    @property
    def covered(self) -> bool:
        return self.state is not CoverState.NOT_COVERED

    @property
    def instead(self) -> tuple[str, ...]:
        """The channels that are covered, where the one asked about isn't."""
        if self.channel is None or self.covered:
            return ()
        return tuple(line.words for line in self.channels if line.covered)


@dataclass(frozen=True, slots=True)
class Match:
    """One of several accounts that what was typed may mean; `how` is what of it was found, `near`: only its like."""

    account: str
    name: str
    country: str
    how: str = ""
    serial: str = ""
    near: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for the one account meant; or those to choose from; or neither, when nothing matched.

    `devices` are the customer's to choose from, of `devices_in_all`; `device_fault` says why the one asked about is
    not among them. `looked_in` is what was searched.
    """

    searched: str
    answer: CoverAnswer | None = None
    matches: tuple[Match, ...] = ()
    note: str = ""
    devices: tuple[DeviceLine, ...] = ()
    devices_in_all: int = 0
    device_fault: str = ""
    looked_in: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.answer is not None and self.matches:
            raise ValueError("A lookup gives one answer or a choice, not both.")
