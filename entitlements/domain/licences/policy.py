"""How licences of one product behave."""

from enum import StrEnum


class BoundTo(StrEnum):
    """What an activation names."""

    DEVICE = "device"
    INSTANCE = "instance"
    DOMAIN = "domain"

    @property
    def words(self) -> str:
        return _BOUND_WORDS[self]


class Overage(StrEnum):
    """How many activations beyond the limit are let in."""

    NONE = "none"
    QUARTER = "quarter"
    HALF = "half"
    DOUBLE = "double"
    ALWAYS = "always"

    @property
    def words(self) -> str:
        return _OVERAGE_WORDS[self]


_BOUND_WORDS = {
    BoundTo.DEVICE: "Devices",
    BoundTo.INSTANCE: "Running instances",
    BoundTo.DOMAIN: "Internet domains",
}
_OVERAGE_WORDS = {
    Overage.NONE: "None: the next one is refused",
    Overage.QUARTER: "Up to a quarter more, and it says so",
    Overage.HALF: "Up to half more, and it says so",
    Overage.DOUBLE: "Up to twice as many, and it says so",
    Overage.ALWAYS: "As many as come, and it says so",
}
