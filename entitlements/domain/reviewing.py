"""Which overrides need a look, and why: the rules of the review queue.

An exception that nobody looks at again becomes a habit. So each override in force, and each that ended lately, is
held against a few plain rules; one that meets several shows all of them, and stands where the most urgent puts it.
Whoever looked at it and *keeps* it silences the rules until a day they name; after that day it is due again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(days=14)  # as long ahead as owners are told of an end
LATELY = timedelta(days=30)  # as long as a trial that is over can still be taken up again
LONG = timedelta(days=180)
LONGEST_KEPT = timedelta(days=365)  # nobody can promise to be right about an exception for longer
USUALLY_KEPT = timedelta(days=90)


class Section(StrEnum):
    """Why an override needs a look; the most urgent first."""

    ENDING = "ending"
    OVERDUE = "overdue"
    ENDED = "ended"
    LEFT = "left"
    BEYOND = "beyond"
    PERMANENT = "permanent"
    SAFE = "safe"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def advice(self) -> str:
        return _ADVICE[self]


_WORDS = {
    Section.ENDING: "Ends within 14 days",
    Section.OVERDUE: "Review is due",
    Section.ENDED: "Ended lately",
    Section.LEFT: "Given by someone who left",
    Section.BEYOND: "Beyond policy",
    Section.PERMANENT: "No end for 180 days",
    Section.SAFE: "Safe to remove",
}
_ADVICE = {
    Section.ENDING: "Extend it, or keep it so that it ends as agreed.",
    Section.OVERDUE: "Its day of review has come: keep it until another day, or remove it.",
    Section.ENDED: "It ended in the last 30 days, and nothing follows it. Extend it, or let it rest.",
    Section.LEFT: "Somebody who is still here should stand for it.",
    Section.BEYOND: "It is more than who asked for it may give alone by today's policy.",
    Section.PERMANENT: "It has no end, and nobody has looked at it for half a year.",
    Section.SAFE: "The customer has the same without it, now and as far ahead as is known.",
}
BY_TIME = frozenset({Section.ENDING, Section.OVERDUE, Section.ENDED})


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """One approved override that nobody revoked, as a reviewer sees it.

    `review_at` is the first instant of its day of review where the customer is, `kept_at` when somebody last looked
    at it and kept it. `renewed`: another override follows it, or waits for approval to. `same_without`: the customer
    has the same without it from now until its end, as far as is known. `beyond`: more than the roles of who asked may
    give alone by today's policy. `left`: who asked or who approved no longer works here.
    """

    starts_at: datetime
    ends_at: datetime | None = None
    review_at: datetime | None = None
    kept_at: datetime | None = None
    renewed: bool = False
    same_without: bool = False
    beyond: bool = False
    left: bool = False


def sections_of(facts: ReviewFacts, *, at: datetime) -> frozenset[Section]:
    """Why it needs a look at the moment; empty: it needs none. What is still to come needs none yet."""
    if facts.starts_at > at:
        return frozenset()
    if facts.ends_at is not None and facts.ends_at <= at:
        return frozenset({Section.ENDED} if _ended_lately(facts, at) else ())
    found = {Section.ENDING} if _ending(facts, at) else set()
    if _rests(facts, at):
        return frozenset(found)
    if facts.review_at is not None and facts.review_at <= at:
        found.add(Section.OVERDUE)
    if facts.ends_at is None and facts.starts_at <= at - LONG:
        found.add(Section.PERMANENT)
    told = ((Section.LEFT, facts.left), (Section.BEYOND, facts.beyond), (Section.SAFE, facts.same_without))
    return frozenset(found | {section for section, so in told if so})


def in_order(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The most urgent first."""
    return tuple(section for section in Section if section in set(sections))


def _rests(facts: ReviewFacts, at: datetime) -> bool:
    """Whether it was kept, and the day it was kept until hasn't come."""
    return facts.kept_at is not None and facts.review_at is not None and at < facts.review_at


def _ending(facts: ReviewFacts, at: datetime) -> bool:
    """An end is news once: whoever kept it before it came near didn't speak of the end, whoever did so since has.

    What is renewed, or asked to be, ends for nobody.
    """
    return facts.ends_at is not None and facts.ends_at <= at + SOON and not _settled(facts, since=facts.ends_at - SOON)


def _ended_lately(facts: ReviewFacts, at: datetime) -> bool:
    """For thirty days an end may have been missed; after that the customer would have spoken."""
    assert facts.ends_at is not None
    return facts.ends_at > at - LATELY and not _settled(facts, since=facts.ends_at)


def _settled(facts: ReviewFacts, *, since: datetime) -> bool:
    return facts.renewed or (facts.kept_at is not None and facts.kept_at >= since)
