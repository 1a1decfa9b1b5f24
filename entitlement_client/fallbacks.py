"""What holds while the desk can't be asked. Pure; the same meaning as the desk's own catalog gives these words.

`allow`: let it go on, at any age, unless what is known and in force says that the account doesn't have it, so that an
outage brings nobody back and gives nothing away; a limit that was reached stops nobody. `deny`: refuse. `last_known`:
keep the last answer while it is younger than `max_age_seconds` and what it says is still in force; what follows it may be
known beforehand, and is then what is in force. What was never known is refused, unless the product gave a default.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, get_args

OnUnreachable = Literal["allow", "deny", "last_known"]
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Fallback:
    """What to do while the desk can't be asked. `max_age_seconds` is of `last_known` alone; without it, an hour."""

    on_unreachable: OnUnreachable = "deny"
    max_age_seconds: int | None = None

    def __post_init__(self) -> None:
        if self.on_unreachable not in get_args(OnUnreachable):
            raise ValueError(f"A fallback is allow, deny or last_known, not {self.on_unreachable!r}.")
        if self.max_age_seconds is not None and self.max_age_seconds < 0:
            raise ValueError("The age of a last known answer can't be less than nothing.")


DENY = Fallback()


class Holds(Enum):
    """What the fallback comes to, with the words for it."""

    GOES_ON = "the desk can't be asked, and its fallback lets this go on"
    REFUSED = "the desk can't be asked, and its fallback refuses this"
    LAST_KNOWN = "the last known answer holds"
    TOO_OLD = "the desk can't be asked, and the last known answer is too old"
    OVER = "the desk can't be asked, and what was last known has come to its end"
    NEVER_KNOWN = "the desk can't be asked, and nothing is known about this yet"


def what_holds(fallback: Fallback, *, age: float | None, in_force: bool, lacks: bool = False) -> Holds:
    """`age`: seconds since the desk last confirmed what is known, None where nothing is; `in_force`: whether what is
    known still speaks about this moment; `lacks`: whether it says that the account doesn't have the feature."""
    if fallback.on_unreachable == "allow":
        return Holds.LAST_KNOWN if in_force and lacks and age is not None else Holds.GOES_ON
    if fallback.on_unreachable == "deny":
        return Holds.REFUSED
    if age is None:
        return Holds.NEVER_KNOWN
    if not in_force:
        return Holds.OVER
    most = HOUR if fallback.max_age_seconds is None else fallback.max_age_seconds
    return Holds.LAST_KNOWN if 0 <= age < most else Holds.TOO_OLD


def read_fallback(told: Any) -> Fallback:
    """As the desk tells it; what isn't told, or isn't understood, refuses."""
    if not isinstance(told, dict):
        return DENY
    try:
        return Fallback(told["on_unreachable"], told.get("max_age_seconds"))
    except (KeyError, TypeError, ValueError):
        return DENY
