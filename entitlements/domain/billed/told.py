"""What a system that bills says of one subscription, in our words and without any of its field names.

It is the whole of the subscription as it stands there now, never a difference: whoever reads it twice, late or in
another order than it happened ends in the same place. Instants are aware; an end is exclusive.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.window import Window


class BilledState(StrEnum):
    """Where the subscription stands with whoever bills it."""

    NOT_BEGUN = "not_begun"  # its first payment is waited for: nothing is owed yet
    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"  # a payment failed, and it is tried again
    UNPAID = "unpaid"  # it is tried no longer, and the subscription goes on without being paid
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BilledItem:
    """One line of the subscription: a price × a quantity. `id` stays the same when price or quantity change."""

    id: str
    price: str
    product: str
    quantity: int
    interval: str = ""  # catalog.models.plan.Interval's values; "" where it is billed otherwise
    lookup_key: str = ""
    period: Window | None = None


@dataclass(frozen=True, slots=True)
class BilledChange:
    """What is to come by a schedule: from the instant on these items, in place of all there are then."""

    at: datetime
    items: tuple[BilledItem, ...]


@dataclass(frozen=True, slots=True)
class Billed:
    """One subscription as the system that bills it has it now."""

    system: str
    live: bool
    id: str
    customer: str
    state: BilledState
    items: tuple[BilledItem, ...]
    began_at: datetime
    trial_ends_at: datetime | None = None
    with_card: bool = False  # at the end of a trial it is paid for by itself
    ends_at: datetime | None = None  # it is cancelled as of then; also where that is the end of the period
    ended_at: datetime | None = None
    comes: tuple[BilledChange, ...] = ()


@dataclass(frozen=True, slots=True)
class BilledCustomer:
    """Who buys, as far as the system that bills knows."""

    system: str
    id: str
    name: str
    email: str = ""
    country: str = ""
    own_id: str = ""  # our key of the account, where it was written there
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class BilledFeatureTold:
    """A feature that a customer has there. `feature` and `lookup_key` are how it is called there; `key` is ours.

    `key` is empty where nothing here is called so, and until somebody has looked it up.
    """

    billing_id: str  # of the customer's having it
    feature: str
    lookup_key: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class BilledFeatures:
    """All the features that one customer has there now; none: it has none any more.

    `carried` are the features, by how they are called there, that what the customer is billed for carries there. It
    was asked for only where something was missing.
    """

    system: str
    live: bool
    customer: str
    features: tuple[BilledFeatureTold, ...] = ()
    carried: frozenset[str] = frozenset()
