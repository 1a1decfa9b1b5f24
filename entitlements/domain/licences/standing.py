"""What a licence is good for at an instant: read from what is known of it, never stored.

A licence gives nothing of its own. It is good while it is neither revoked nor suspended nor expired, while its account
is open, and while the subscription it hangs on, if any, gives anything. Then it has to be asked for in its environment,
for a version that its maintenance covers, and from a place that is active, where its policy counts places.

The strongest reason is said, in this order: what is for good before what may pass, the licence before the place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from entitlements.domain.facts import Standing
from entitlements.domain.licences.activations import (
    ActivationFact,
    Place,
    UnfitFingerprint,
    normalised,
    place_of,
)
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.maintenance import covers, plain_version
from entitlements.domain.licences.policy import BoundTo, Overage


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """Everything that decides. `standing` and `gives` are as they are in the stretch up to `until`, when they may
    change by themselves; `gives`: whether its subscription gives anything, True where it hangs on none. `limit` is how
    many places were bought, by the policy or by what the account has of its feature; None: any number."""

    prefix: str
    zone: str = "UTC"
    environment: str = ""
    expires_at: datetime | None = None
    through_on: date | None = None
    maintenance_until: date | None = None
    suspended_at: datetime | None = None
    revoked_at: datetime | None = None
    standing: Standing = Standing.OPEN
    gives: bool = True
    until: datetime | None = None
    bound_to: BoundTo = BoundTo.DEVICE
    limit: int | None = None
    overage: Overage = Overage.NONE
    heartbeat: timedelta | None = None
    validations_a_month: int | None = None
    offline_days: int | None = None
    activations: tuple[ActivationFact, ...] = ()
    releases: Mapping[str, date] = field(default_factory=dict)

    @property
    def counts_places(self) -> bool:
        """Whether it has to be active where it runs; any number of places needs no counting."""
        return self.limit is not None or self.heartbeat is not None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of it, as the software said it; empty: nothing was said."""

    fingerprint: str = ""
    environment: str = ""
    version: str = ""


class Ruling(NamedTuple):
    """`because` is the reason in a sentence, to people."""

    valid: bool
    code: Code
    because: str


def standing_of(facts: LicenceFacts, *, question: Question, at: datetime) -> Ruling:
    """Whether the licence is good for what is asked, with the strongest reason where it isn't."""
    for ruling in _refusals(facts, question, at):
        return ruling
    return _by_place(facts, question.fingerprint, at)


def standing_alone(facts: LicenceFacts, *, at: datetime) -> Ruling:
    """Of the licence itself, wherever it runs."""
    for ruling in _own_refusals(facts, at):
        return ruling
    return _said(Code.OK)


def _refusals(facts: LicenceFacts, question: Question, at: datetime) -> Iterator[Ruling]:
    yield from _own_refusals(facts, at)
    if facts.environment and _plain(question.environment) != _plain(facts.environment):
        asked = f"“{question.environment}”" if question.environment else "an environment that wasn't said"
        yield _said(Code.WRONG_ENVIRONMENT, f"The licence is for “{facts.environment}”, not for {asked}.")
    if question.version and facts.maintenance_until is not None:
        yield from _of_version(facts, plain_version(question.version), facts.maintenance_until)


def _own_refusals(facts: LicenceFacts, at: datetime) -> Iterator[Ruling]:
    if facts.revoked_at is not None and facts.revoked_at <= at:
        yield _said(Code.REVOKED)
    if facts.standing is Standing.CLOSED:
        yield _said(Code.ACCOUNT_CLOSED)
    if facts.standing is Standing.SUSPENDED:
        yield _said(Code.ACCOUNT_SUSPENDED)
    if facts.suspended_at is not None and facts.suspended_at <= at:
        yield _said(Code.SUSPENDED)
    if facts.expires_at is not None and facts.expires_at <= at:
        yield _said(Code.EXPIRED, f"The licence {_expired(facts, facts.expires_at)}.")
    if not facts.gives:
        yield _said(Code.SUBSCRIPTION_OVER)


def _of_version(facts: LicenceFacts, version: str, maintained: date) -> Iterator[Ruling]:
    released_on = facts.releases.get(version)
    if released_on is None:
        yield _said(Code.UNKNOWN_VERSION, f"No release of version {version[:80]} was told, so nobody can say.")
    elif not covers(maintained, released_on):
        words = f"Version {version} was released on {_day(released_on)}; maintenance went through {_day(maintained)}."
        yield _said(Code.VERSION_NOT_COVERED, words)


def _by_place(facts: LicenceFacts, fingerprint: str, at: datetime) -> Ruling:
    if not fingerprint:
        if facts.counts_places:
            return _said(Code.NOT_ACTIVATED, "Say where it runs: this licence is counted by its activations.")
        return _said(Code.OK)
    try:
        named = normalised(fingerprint, bound_to=facts.bound_to)
    except UnfitFingerprint as unfit:
        return _said(Code.FINGERPRINT_MALFORMED, str(unfit))
    match place_in(facts, named, at=at):
        case Place.OVER:
            return _said(Code.OVER_ACTIVATION_LIMIT_OK)
        case Place.BEYOND:
            return _said(
                Code.ACTIVATION_LIMIT_REACHED, f"The licence runs in {facts.limit} places, which is its limit."
            )
        case Place.LOST:
            return _said(Code.HEARTBEAT_LOST)
        case Place.NONE if facts.counts_places:
            return _said(Code.NOT_ACTIVATED, f"The licence is not active on “{named}”.")
    return _said(Code.OK)


def place_in(facts: LicenceFacts, fingerprint: str, *, at: datetime) -> Place:
    """What a (normalised) fingerprint has of the licence's places."""
    return place_of(
        fingerprint,
        facts.activations,
        limit=facts.limit,
        overage=facts.overage,
        heartbeat=facts.heartbeat,
        at=at,
    )


def active_at(facts: LicenceFacts, fingerprint: str, *, at: datetime) -> tuple[ActivationFact, Place] | None:
    """The activation that this text, as it was sent, names, and which place it has; None where it isn't active there."""
    try:
        named = normalised(fingerprint, bound_to=facts.bound_to)
    except UnfitFingerprint:
        return None
    place = place_in(facts, named, at=at)
    if place not in {Place.WITHIN, Place.OVER}:
        return None
    return next(one for one in facts.activations if one.fingerprint == named), place


def used_up(cap: int) -> Ruling:
    """The licence was validated as often as it may be in this month."""
    return _said(
        Code.VALIDATIONS_USED_UP, f"The licence may be validated {cap} times in a calendar month (UTC), and was."
    )


def _said(code: Code, words: str = "") -> Ruling:
    return Ruling(code.valid, code, words or code.words)


def _plain(environment: str) -> str:
    return environment.strip().casefold()


def _expired(facts: LicenceFacts, end: datetime) -> str:
    if facts.through_on is not None:
        return f"was good through {_day(facts.through_on)}"
    return f"expired on {_day(end.astimezone(ZoneInfo(facts.zone)).date())}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
