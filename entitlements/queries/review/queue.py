"""The review queue: every override that needs a look, with why, the most urgent first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from entitlements.domain.resolution import Resolution
from entitlements.domain.reviewing import BY_TIME, SOON, Section, in_order, sections_of
from entitlements.models import Override
from entitlements.queries.concessions import words_of
from entitlements.queries.review.rows import Asked, Leavers, facts_by_time, granted_rows, kept_at, leavers
from entitlements.queries.review.weighing import Weighed, weigh

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Looked:
    """One override that needs a look: why, what the customer has with it and without it, and who of it has left.

    One that has ended has no answers to show. `beyond` says why it is beyond today's policy.
    """

    override: Override
    sections: tuple[Section, ...]
    now: Resolution | None = None
    without: Resolution | None = None
    beyond: str = ""
    left: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """ "Storage + 20 GB through 31 March 2026 (Europe/Amsterdam)"."""
        return f"{self.override.feature} {words_of(self.override)}"

    @property
    def ended(self) -> bool:
        return Section.ENDED in self.sections


@dataclass(frozen=True, slots=True)
class Queue:
    """What needs a look, and how much of it stands in each section; an override may be counted in several."""

    lines: tuple[Looked, ...]
    counts: Mapping[Section, int]

    def within(self, section: str) -> tuple[Looked, ...]:
        """The lines of one section, or all of them."""
        return tuple(line for line in self.lines if section in line.sections) if section else self.lines


def review_queue(*, at: datetime, asked: Asked | None = None) -> Queue:
    """The queue, as far as it is asked for; its counts are of all sections, whichever is shown."""
    asked = asked or Asked()
    needed = ("account__owner", "feature", "subscription", "reason_code")
    rows = list(granted_rows(at=at).filter(asked.condition()).select_related(*needed))
    weighed = weigh([row for row in rows if row.ends_at is None or row.ends_at > at], at=at) if rows else {}
    found = _looked(rows, weighed, kept=kept_at(at=at), gone=leavers(), at=at)
    lines = tuple(sorted(found, key=_urgency))
    return Queue(lines, Counter(section for line in lines for section in line.sections))


def due_count(*, at: datetime) -> int:
    """How many overrides time alone has brought into the queue, up to 100 of them: cheap enough for every page."""
    rows = granted_rows(at=at).filter(_near(at)).select_related("account")[: 2 * MOST_COUNTED]
    kept = kept_at(at=at) if rows else {}
    facts = (facts_by_time(row, kept=kept) for row in rows)
    return min(sum(bool(sections_of(one, at=at) & BY_TIME) for one in facts), MOST_COUNTED + 1)


def _near(at: datetime) -> Q:
    """Wide enough for what dates can tell in any zone; the rules decide."""
    return Q(ends_at__lte=at + SOON) | Q(review_on__lte=(at + timedelta(days=1)).date())


def _looked(
    rows: Iterable[Override],
    weighed: Mapping[int, Weighed],
    *,
    kept: Mapping[str, datetime],
    gone: Leavers,
    at: datetime,
) -> Iterator[Looked]:
    for row in rows:
        left, one = gone.of(row), weighed.get(row.pk)
        facts = replace(facts_by_time(row, kept=kept), left=bool(left))
        if one is not None:
            facts = replace(facts, same_without=one.same, beyond=bool(one.beyond))
        sections = in_order(sections_of(facts, at=at))
        if sections:
            now, without = (one.now, one.without) if one else (None, None)
            yield Looked(row, sections, now, without, beyond=one.beyond if one else "", left=left)


def _urgency(line: Looked) -> tuple[object, ...]:
    """By the most urgent section, then the nearest in time: the next to end, the longest overdue, the last ended."""
    row, first = line.override, line.sections[0]
    order = list(Section).index(first)
    if first is Section.OVERDUE and row.review_on is not None:
        return order, float(row.review_on.toordinal()), row.pk
    if row.ends_at is None or first not in BY_TIME:
        return order, row.starts_at.timestamp(), row.pk
    return order, row.ends_at.timestamp() * (-1 if line.ended else 1), row.pk
