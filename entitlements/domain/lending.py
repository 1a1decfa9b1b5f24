"""Lending: who of those it is meant for can take part in a loan, and why the others can't.

A loan is one act with many parts. A part is an item that is *lent* (a plan or an add-on) or an override of the whole
account (a feature). A lent item needs a subscription to stand in: the customer's first that gives something. Where
that is paused or unpaid the item would sleep with it, so such a customer is left out, and told apart from one that has
none. A feature needs no subscription. Somebody who has more already takes part all the same: the loan outlasts what
gives more, or it doesn't, and it can never take anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Hosting(StrEnum):
    """Whether a customer has a subscription that a lent item can stand in."""

    GIVING = "giving"
    PAUSED = "paused"
    UNPAID = "unpaid"
    NONE = "none"


class Obstacle(StrEnum):
    """Why somebody takes no part in a loan; of several, the first in this order is said."""

    MERGED = "merged"
    CLOSED = "closed"
    OVER = "over"
    NO_SUBSCRIPTION = "no_subscription"
    PAUSED = "paused"
    UNPAID = "unpaid"
    NOT_SOLD = "not_sold"
    HAS_IT = "has_it"

    @property
    def words(self) -> str:
        return OBSTACLE_WORDS[self]


OBSTACLE_WORDS = {
    Obstacle.MERGED: "was merged into another account",
    Obstacle.CLOSED: "is closed",
    Obstacle.OVER: "would have it no longer: the last day is over there",
    Obstacle.NO_SUBSCRIPTION: "has no running subscription",
    Obstacle.PAUSED: "has only a paused subscription",
    Obstacle.UNPAID: "has only an unpaid subscription",
    Obstacle.NOT_SOLD: "is in a market where it isn't sold",
    Obstacle.HAS_IT: "has its part of this loan already",
}
_BY_HOSTING = {
    Hosting.NONE: Obstacle.NO_SUBSCRIPTION,
    Hosting.PAUSED: Obstacle.PAUSED,
    Hosting.UNPAID: Obstacle.UNPAID,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What decides whether a customer takes part; `hosting` and `sold` None: a feature is lent, which needs neither."""

    starts_at: datetime
    ends_at: datetime
    merged: bool = False
    closed: bool = False
    hosting: Hosting | None = None
    sold: bool | None = None
    has_part: bool = False


def obstacle_of(candidate: Candidate) -> Obstacle | None:
    """Why the customer takes no part; None where it does."""
    return next(_obstacles(candidate), None)


def _obstacles(candidate: Candidate) -> Iterator[Obstacle]:
    if candidate.merged:
        yield Obstacle.MERGED
    if candidate.closed:
        yield Obstacle.CLOSED
    if candidate.ends_at <= candidate.starts_at:
        yield Obstacle.OVER
    if candidate.hosting is not None and candidate.hosting is not Hosting.GIVING:
        yield _BY_HOSTING[candidate.hosting]
    if candidate.sold is False:
        yield Obstacle.NOT_SOLD
    if candidate.has_part:
        yield Obstacle.HAS_IT


@dataclass(frozen=True, slots=True)
class Running:
    """A subscription that has begun and not ended; `gives`: it has a plan at its base, or what its trial left."""

    id: int
    gives: bool
    unpaid: bool
    paused: bool


def host_among(running: Sequence[Running]) -> tuple[Hosting, int | None]:
    """Of several, oldest first, the first that gives something, by its id.

    Where none does, the first that only waits, for payment or for the end of a pause: there somebody can act.
    """
    having = [found for found in running if found.gives]
    for found in having:
        if not found.unpaid and not found.paused:
            return Hosting.GIVING, found.id
    if not having:
        return Hosting.NONE, None
    return (Hosting.UNPAID if having[0].unpaid else Hosting.PAUSED), having[0].id
