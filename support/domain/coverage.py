"""Coverage: what help a support tier owes an account. There are three answers, and only three.

- *Not covered*: no tier, or a tier for which nothing is promised. It comes with what could be offered.
- *Covered, no promised time*: a promise without response targets.
- *Covered with targets*: how fast, by severity.

Who has which tier is decided by the resolver (plans, add-ons, overrides, dates, standing); here it only meets the
promise tied to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from support.domain.business_time import Calendar
from support.domain.targets import Target, due_at, words


class CoverState(StrEnum):
    NOT_COVERED = "not_covered"
    NO_PROMISED_TIME = "no_promised_time"
    WITH_TARGETS = "with_targets"


HEADLINES = {
    CoverState.NOT_COVERED: "Not covered",
    CoverState.NO_PROMISED_TIME: "Covered, no promised time",
    CoverState.WITH_TARGETS: "Covered, with promised response times",
}
# Why an account holds no tier at all, by the standing that took it away.
WITHOUT_TIER = {
    "closed": "The account is closed, so no help is owed.",
    "suspended": "The account is suspended, and support was not kept for it.",
}


class InvalidPromise(ValueError):
    """The parts of a promise contradict each other."""


class MissingCalendar(LookupError):
    """A target counts by business hours that were not given."""


@dataclass(frozen=True, slots=True)
class SeverityTarget:
    """How fast one severity is answered. `calendar` names the hours it counts by; None only around the clock."""

    severity: str
    name: str
    meaning: str
    target: Target
    calendar: str | None = None

    def __post_init__(self) -> None:
        if self.calendar is None and not self.target.around_the_clock:
            raise InvalidPromise(f"{self.name}: a target {words(self.target)} needs business hours to count by.")


@dataclass(frozen=True, slots=True)
class Promise:
    """What one support tier promises; without targets it is cover without a promised time."""

    tier: str
    tier_name: str
    targets: tuple[SeverityTarget, ...] = ()

    def __post_init__(self) -> None:
        severities = [each.severity for each in self.targets]
        if twice := next((each for each in severities if severities.count(each) > 1), None):
            raise InvalidPromise(f"{self.tier_name} promises {twice!r} twice; keep one target for each severity.")


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answer, in a value that can't contradict itself. `offers` names tiers that would give more."""

    state: CoverState
    tier: str | None
    tier_name: str
    targets: tuple[SeverityTarget, ...]
    why: str
    offers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.targets) != (self.state is CoverState.WITH_TARGETS):
            raise InvalidPromise("Targets come with cover with targets, and with no other answer.")
        if self.tier is None and self.state is not CoverState.NOT_COVERED:
            raise InvalidPromise("There is no cover without a support tier.")

    @property
    def headline(self) -> str:
        return HEADLINES[self.state]


class DueTime(NamedTuple):
    """When a first response would be due, for one severity."""

    severity: str
    due_at: datetime
    words: str


def coverage(
    *, tier: str | None, promises: Mapping[str, Promise], tier_name: str = "", standing: str = "open"
) -> Coverage:
    """Join the tier an account holds with what is promised for it; `promises` are by tier, from least to most.

    `standing` only words why there is no tier; `tier_name` names a tier that has no promise.
    """
    promise = promises.get(tier) if tier is not None else None
    if promise is None:
        why = _why_not(tier, tier_name=tier_name, standing=standing)
        offers = tuple(each.tier_name for each in promises.values()) if standing == "open" else ()
        return Coverage(CoverState.NOT_COVERED, tier, tier_name or tier or "", (), why, offers)
    if not promise.targets:
        why = f"{promise.tier_name} support is included, with no promised response time."
        offers = tuple(each.tier_name for each in promises.values() if each.targets)
        return Coverage(CoverState.NO_PROMISED_TIME, tier, promise.tier_name, (), why, offers)
    why = f"{promise.tier_name} support promises a first response for {_severities(promise.targets)}."
    return Coverage(CoverState.WITH_TARGETS, tier, promise.tier_name, promise.targets, why)


def due_times(coverage: Coverage, *, calendars: Mapping[str, Calendar], at: datetime) -> tuple[DueTime, ...]:
    """When a first response would be due for each severity, if a case came in at `at`."""
    return tuple(
        DueTime(
            severity=each.severity,
            due_at=due_at(each.target, calendar=_calendar_of(each, calendars), start=at),
            words=words(each.target),
        )
        for each in coverage.targets
    )


def _calendar_of(target: SeverityTarget, calendars: Mapping[str, Calendar]) -> Calendar | None:
    if target.calendar is None or target.target.around_the_clock:
        return None
    if target.calendar not in calendars:
        raise MissingCalendar(f"{target.name} counts by the hours {target.calendar!r}, which are not there.")
    return calendars[target.calendar]


def _why_not(tier: str | None, *, tier_name: str, standing: str) -> str:
    if tier is not None:
        return f"{tier_name or tier} support promises no help from our staff."
    return WITHOUT_TIER.get(standing, "Nothing the account holds includes support.")


def _severities(targets: Iterable[SeverityTarget]) -> str:
    *others, last = [each.name for each in targets]
    return f"{', '.join(others)} and {last}" if others else last
