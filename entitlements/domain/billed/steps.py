"""What a billed subscription is as we hold it, and the steps that change it: the values that `decide` reads and gives.

An item is found by the id under which it is billed. `key` is our row's number: 0 where that row only begins by an
earlier step, or by a change to come; it is then the one of that id that lasts until the step takes effect.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.window import Window


@dataclass(frozen=True, slots=True)
class Sold:
    """What a price stands for here (C11): a plan or add-on, paid in an interval."""

    plan: str
    interval: str
    is_add_on: bool


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item that is billed there, as we hold it. `key` is our row's number; `id` what the billing calls it."""

    key: int
    id: str
    plan: str
    interval: str
    quantity: int
    is_add_on: bool
    window: Window


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change to come that the billing's schedule brought, by our row's number.

    From `at` on the item of that id is this; where it is taken away then, `plan` is empty and `quantity` 0.
    """

    key: int
    at: datetime
    id: str
    plan: str
    interval: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """The subscription as we hold it at the instant of the decision."""

    starts_at: datetime
    ends_at: datetime | None
    items: tuple[HeldItem, ...]
    trial_ends_at: datetime | None = None  # of a trial that runs; or, where it has passed, of one that became no sale
    with_card: bool = False
    telling_trial_end: datetime | None = None  # an end that the billing is still to be told
    grace_ends_at: datetime | None = None  # of a payment that is still waited for; may have passed
    paused: bool = False
    leaves_at: datetime | None = None  # cancelled as of then; may have passed, while access goes on
    periods: tuple[Window, ...] = ()
    comes: tuple[HeldChange, ...] = ()
    paused_until: datetime | None = None  # where the pause that runs ends by itself

    def is_over(self, *, at: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= at


# Steps ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Start:
    """The subscription begins now with these items; there is none yet, or the one there was here has ended."""

    items: tuple["Give", ...]
    trial_ends_at: datetime | None
    with_card: bool


@dataclass(frozen=True, slots=True)
class Give:
    id: str
    sold: Sold
    quantity: int
    at: datetime | None = None  # None: now


@dataclass(frozen=True, slots=True)
class Become:
    """An item becomes another plan, interval or quantity; `at` None: now.

    Where it is the same as before, it is billed under another id from now on, or goes on instead of ending.
    """

    key: int
    id: str
    sold: Sold
    quantity: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """An item is no longer billed; `at` None: now."""

    key: int
    at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class CallOff:
    key: int  # of the planned change


@dataclass(frozen=True, slots=True)
class SetTrialEnd:
    """The trial runs until then, also where it was over; an end that is now ends it without making it a sale."""

    at: datetime
    with_card: bool


@dataclass(frozen=True, slots=True)
class Convert:
    """The trial became a sale, also one that had lapsed."""


@dataclass(frozen=True, slots=True)
class FailPayment:
    """`ended`: nobody tries to collect any more, so there is no grace, or none of it is left."""

    ended: bool = False


@dataclass(frozen=True, slots=True)
class Restore:
    """No payment is waited for any more."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Paused until it is lifted there; a pause that runs already, and was to end by itself, no longer does."""


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Leave:
    """Cancelled as of then, with the plan's days of access after it. Nothing else ends it any more."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KeepGoing:
    """It has no end any more: a cancellation, or any other end, is taken back."""


@dataclass(frozen=True, slots=True)
class End:
    """It ended at the billing: at once, with nothing after it."""


@dataclass(frozen=True, slots=True)
class RecordPeriod:
    """It is billed for this stretch. One known of the same start has this end; one that began before ends with it."""

    window: Window


Step = (
    Start | Give | Become | Take | CallOff | SetTrialEnd | Convert | FailPayment | Restore | Pause | Resume | Leave
    | KeepGoing | End | RecordPeriod
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A price that stands for nothing here, and so gives nothing."""

    price: str
    product: str
    lookup_key: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Decided:
    steps: tuple[Step, ...]
    unlinked: tuple[Unlinked, ...] = ()
