"""What a term can say: typed values, and the shape of the feature they belong to.

Quantities are exact `Decimal`s **in the feature's smallest unit** (bytes, seconds, single calls), so that nothing is
lost between what was typed ("500 MB"), what is stored (BIGINT) and what is answered. `UNLIMITED` is a value with a
name, never a number. A gate that is on is `True`; "off" is the absence of a term, or a denial.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """The five kinds of feature (C1); `words` is what finance calls them."""

    GATE = "gate"
    METERED = "metered"
    CAPACITY = "capacity"
    CONFIG = "config"
    CREDIT = "credit"

    @property
    def words(self) -> str:
        return _KIND_WORDS[self]


_KIND_WORDS = {
    Kind.GATE: "Feature gate",
    Kind.METERED: "Usage limit",
    Kind.CAPACITY: "Seats and capacity",
    Kind.CONFIG: "Configuration",
    Kind.CREDIT: "Credits",
}


class ConfigType(StrEnum):
    RANKED = "ranked"
    SET = "set"
    DURATION = "duration"
    SIZE = "size"
    TEXT = "text"


class Better(StrEnum):
    """Which of two configuration values a customer would rather have."""

    MORE = "more"
    LESS = "less"
    LISTED = "listed"  # the later in the list of choices, the better


class Aggregation(StrEnum):
    SUM = "sum"
    DISTINCT = "distinct"
    PEAK = "peak"
    AVERAGE = "average"
    LATEST = "latest"


class Reset(StrEnum):
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    BILLING = "billing"  # the customer's own billing period
    NEVER = "never"


class Enforcement(StrEnum):
    HARD = "hard"
    SOFT = "soft"
    TRACK = "track"


class Scaling(StrEnum):
    FLAT = "flat"
    PER_UNIT = "per_unit"  # × the item's quantity
    PER_SEAT_OF = "per_seat_of"  # × the resolved value of another feature, in one pool
    EACH_SEAT_OF = "each_seat_of"  # as much again for each seat, none of which can use another's


class AtTrialEnd(StrEnum):
    """What becomes of a term's value when a trial ends that nobody converted (E4)."""

    ENDS = "ends"  # gone at once
    KEPT_FOR = "kept_for"  # gone after so many days, of the customer's calendar
    KEPT_IF_USED = "kept_if_used"  # gone at once if it was never used in the trial, else kept

    @property
    def words(self) -> str:
        return _AT_TRIAL_END_WORDS[self]


_AT_TRIAL_END_WORDS = {
    AtTrialEnd.ENDS: "Ends with the trial",
    AtTrialEnd.KEPT_FOR: "Kept for some days",
    AtTrialEnd.KEPT_IF_USED: "Ends only if it was not used",
}


class BelowUse(StrEnum):
    """What a change does that leaves a customer less of a feature than is in use (E6)."""

    ALLOW = "allow"
    REFUSE = "refuse"

    @property
    def words(self) -> str:
        return _BELOW_USE_WORDS[self]


_BELOW_USE_WORDS = {
    BelowUse.ALLOW: "The change goes ahead; what is over stays, and nothing new is added",
    BelowUse.REFUSE: "The change is refused until less is in use",
}


class Squeeze(StrEnum):
    """Who loses a named seat where more are taken than the customer has (E11)."""

    KEEP = "keep"
    INVITED_THEN_NEWEST = "invited_then_newest"
    LONGEST_UNUSED = "longest_unused"

    @property
    def words(self) -> str:
        return _SQUEEZE_WORDS[self]


_SQUEEZE_WORDS = {
    Squeeze.KEEP: "Nobody loses a seat, and nobody new gets one",
    Squeeze.INVITED_THEN_NEWEST: "Whoever was only invited loses it first, then whoever came last",
    Squeeze.LONGEST_UNUSED: "Whoever was only invited loses it first, then whoever was away longest",
}


class GivenBy(StrEnum):
    """Who decides which accounts have a feature: what they hold here, or the system that bills them."""

    PLANS = "plans"
    BILLING = "billing"

    @property
    def words(self) -> str:
        return _GIVEN_BY_WORDS[self]


_GIVEN_BY_WORDS = {
    GivenBy.PLANS: "The plans",
    GivenBy.BILLING: "The billing system, by its active entitlements",
}


class PlanKind(StrEnum):
    PLAN = "plan"
    ADD_ON = "add_on"


class AddOnEffect(StrEnum):
    """Whether an add-on comes on top of the base plan, or stands for it."""

    ADDS = "adds"
    REPLACES = "replaces"


class TermState(StrEnum):
    """What a cell of the plan sheet says, before any value: NULL alone could not tell these apart (DESIGN.md §3)."""

    VALUE = "value"
    UNLIMITED = "unlimited"
    NOT_INCLUDED = "not_included"
    SET_PER_CUSTOMER = "set_per_customer"
    UNSETTLED = "unsettled"
    ADD_ON = "add_on"


class Combine(StrEnum):
    """How several base plans of one account speak about one feature."""

    MOST_GENEROUS = "most_generous"
    ADD = "add"
    MOST_RESTRICTIVE = "most_restrictive"


class ParentRule(StrEnum):
    """What a child account gets of its parent's value."""

    OWN = "own"
    INHERIT = "inherit"
    SHARED = "shared"


class Nature(StrEnum):
    """Which arithmetic a feature's values follow."""

    GATE = "gate"
    QUANTITY = "quantity"
    RANKED = "ranked"
    SET = "set"
    TEXT = "text"


class Unlimited(Enum):
    UNLIMITED = "unlimited"

    def __repr__(self) -> str:
        return "UNLIMITED"


UNLIMITED = Unlimited.UNLIMITED

Amount: TypeAlias = Decimal | Unlimited
Value: TypeAlias = bool | Decimal | Unlimited | str | frozenset[str]


class InvalidFeature(ValueError):
    """A feature that contradicts itself; the message says how, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class FeatureShape:
    """What kind of thing a feature is: everything about it that is frozen at first use.

    `scale` is how many smallest units make one `unit` (1 GB = 1,000,000,000 bytes; 1 day = 86,400 seconds).
    """

    key: str
    name: str
    kind: Kind
    unit: str = ""
    scale: int = 1
    aggregation: Aggregation | None = None
    config_type: ConfigType | None = None
    better: Better = Better.MORE
    choices: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        if (self.kind is Kind.CONFIG) != (self.config_type is not None):
            raise InvalidFeature(f"{self.name}: a configuration, and only a configuration, has a type of value.")
        if (self.kind is Kind.METERED) != (self.aggregation is not None):
            raise InvalidFeature(f"{self.name}: a usage limit, and only a usage limit, says how use is added up.")
        if self.scale < 1:
            raise InvalidFeature(f"{self.name}: a unit has at least one smallest unit.")
        has_choices = self.config_type in {ConfigType.RANKED, ConfigType.SET}
        if has_choices != bool(self.choices):
            raise InvalidFeature(f"{self.name}: a choice from a list, and only that, needs the list.")
        if len({choice.key for choice in self.choices}) != len(self.choices):
            raise InvalidFeature(f"{self.name}: the same choice is listed twice.")

    @property
    def nature(self) -> Nature:
        match self.kind, self.config_type:
            case Kind.GATE, _:
                return Nature.GATE
            case Kind.CONFIG, ConfigType.RANKED:
                return Nature.RANKED
            case Kind.CONFIG, ConfigType.SET:
                return Nature.SET
            case Kind.CONFIG, ConfigType.TEXT:
                return Nature.TEXT
            case _:
                return Nature.QUANTITY

    def rank(self, choice: str) -> int:
        """The place of a choice in the list; the higher, the better."""
        return [c.key for c in self.choices].index(choice)

    def label(self, choice: str) -> str:
        return next((c.label for c in self.choices if c.key == choice), choice)

    def suits(self, value: Value) -> bool:
        """Whether a value is of this feature's nature, and within its choices."""
        match self.nature:
            case Nature.GATE:
                return isinstance(value, bool)
            case Nature.QUANTITY:
                return value is UNLIMITED or (isinstance(value, Decimal) and value == value.to_integral_value())
            case Nature.RANKED:
                return isinstance(value, str) and any(c.key == value for c in self.choices)
            case Nature.SET:
                return isinstance(value, frozenset) and value <= {c.key for c in self.choices}
            case Nature.TEXT:
                return isinstance(value, str)
