"""Seats with a name on them: who holds one, and who would lose it where more are taken than the account has.

Nothing is ever taken away for good: who is squeezed out is worked out anew from the rows and the limit of the moment,
so that with more seats, or after a release, everybody has theirs again without anybody doing anything.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from catalog.domain.values import UNLIMITED, Amount, Squeeze

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
HOLDS = "holds a seat"


class SeatState(StrEnum):
    """An invited seat is taken too; it is only not used yet."""

    INVITED = "invited"
    ACTIVE = "active"
    RELEASED = "released"


def fold_holder(typed: str) -> str:
    """The one spelling by which a holder is found: “ Ann@Acme.example ” and “ann@acme.example” are one.

    Folded, composed and folded again, until nothing changes: some letters fold into what composes otherwise.
    """
    before, text = "", typed.strip()
    while text != before:
        before, text = text, unicodedata.normalize("NFC", text.casefold()).strip()
    return text


@dataclass(frozen=True, slots=True)
class Place:
    """One taken seat, as far as it matters for who keeps theirs. `last_there` is None where nobody told of it."""

    id: int
    active: bool
    protected: bool
    invited_at: datetime
    activated_at: datetime | None = None
    last_there: datetime | None = None


@dataclass(frozen=True, slots=True)
class SeatStanding:
    """Whether a seat gives anything at the moment, and why in words."""

    holds: bool
    because: str


Rank: TypeAlias = tuple[bool, bool, timedelta, datetime, int]


def standing(places: Iterable[Place], *, limit: Amount, rule: Squeeze) -> Mapping[int, SeatStanding]:
    """How each taken seat stands where the account has `limit` of them; the same whatever the order of the rows.

    Of more than that, protected seats stay before others and active ones before those only invited. Among equals the
    rule says who stays: whoever came first, or whoever was there last. The oldest row stays where all else is equal.
    """
    taken = list(places)
    out = squeezed_out(taken, limit=limit, rule=rule)
    lost = frozenset(out)
    gone = SeatStanding(False, say_squeezed_out(len(taken), limit, rule))
    kept = SeatStanding(True, say_kept(len(taken), limit) if _over(len(taken), limit) else HOLDS)
    return {place.id: gone if place.id in lost else kept for place in taken}


def squeezed_out(places: Iterable[Place], *, limit: Amount, rule: Squeeze) -> tuple[int, ...]:
    """The ids of those who lose their seat, whoever loses it first at the front."""
    taken = list(places)
    if rule is Squeeze.KEEP or limit is UNLIMITED or not _over(len(taken), limit):
        return ()
    ordered = sorted(taken, key=lambda place: rank(place, rule))
    return tuple(place.id for place in reversed(ordered[max(int(limit), 0) :]))


def rank(place: Place, rule: Squeeze) -> Rank:
    """The order in which seats are kept: the smaller, the safer."""
    came = place.activated_at or place.invited_at
    by_age = came - BEGINNING
    if rule is Squeeze.LONGEST_UNUSED:
        by_age = BEGINNING - max(place.last_there or came, came)
    return (not place.protected, not place.active, by_age, place.invited_at, place.id)


def _over(taken: int, limit: Amount) -> bool:
    return limit is not UNLIMITED and taken > limit


def say_squeezed_out(taken: int, limit: Amount, rule: Squeeze) -> str:
    return f"squeezed out: {_said(taken, limit)}. {rule.words}"


def say_kept(taken: int, limit: Amount) -> str:
    return f"{HOLDS}, though {_said(taken, limit)}"


def _said(taken: int, limit: Amount) -> str:
    had = "any number" if limit is UNLIMITED else f"{max(int(limit), 0):,}"
    return f"{taken:,} {'is' if taken == 1 else 'are'} taken of {had}"
