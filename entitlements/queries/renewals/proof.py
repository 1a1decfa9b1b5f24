"""The proof that nothing ends unnoticed: every end that lacks a renewal, a decision, and a task with an owner.

It reads the ends anew, from where they are agreed, and holds the tasks against them; what the sweep has written down is
not taken for granted.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from catalog.queries.instants import say_instant
from entitlements.domain.renewing import RenewalState
from entitlements.ending_sources import End
from entitlements.models import Renewal
from entitlements.queries.renewals.ends import Thing, ends_near, ends_of_things, look_ahead, stretches
from journal.models import Job

NOBODY_LOOKED = "no task was opened"
NOBODY_OWNS = "the task is nobody’s"
OWNER_LEFT = "whose task it is doesn’t work here any more"
KIND = "proof_of_renewals"  # by which its results are kept
TWO_NIGHTS = timedelta(hours=50)
UNCARED = Q(owner__isnull=True) | Q(owner__is_active=False)
NO_LONGER = "its task was closed as one that ends otherwise"


@dataclass(frozen=True, slots=True)
class Lacking:
    """One end that nobody looks after, and why. `renewal`: the task there is, if there is one."""

    end: End
    why: str
    renewal: Renewal | None = None
    late: bool = False

    @property
    def words(self) -> str:
        """ "acme: contract C-1 (Framework) ends on 1 April 2026 (Amsterdam): the task is nobody’s"."""
        account, ends = self.end.account, "ended" if self.late else "ends"
        return f"{account.key}: {self.end.label} {ends} on {say_instant(self.end.at, zone=account.zone)}: {self.why}"


def ends_without_owner(*, at: datetime, within: timedelta | None = None) -> list[Lacking]:
    """Every end that lacks a renewal, a recorded decision and an open task with an owner: of those to come, and of those
    that came while nobody had decided.

    The soonest first; without `within`, as far ahead as tasks are opened.
    """
    ahead = look_ahead() if within is None else within
    found = {one.end.key: one for one in _lacking(_late(at=at), at=at)}
    for accounts in stretches():
        ends = ends_near(at=at, within=ahead, accounts=accounts)
        found |= {one.end.key: one for one in _lacking(ends, at=at)}
    return sorted(found.values(), key=lambda one: (one.end.at, one.end.key))


def _lacking(found: dict[Thing, End], *, at: datetime) -> list[Lacking]:
    rows = _rows(found)
    return [
        Lacking(end, why, row, late=end.at <= at)
        for thing, end in found.items()
        if (why := _why(row := rows.get((*thing, end.at))))
    ]


def _late(*, at: datetime) -> dict[Thing, End]:
    """What ended with its task open, however long ago; nobody’s work is not done by waiting."""
    open_ends = {(row.kind, row.subject_key): row.ends_at for row in uncared().filter(ends_at__lte=at)}
    ends = ends_of_things(open_ends, at=at)
    return {thing: end for thing, end in ends.items() if end.at == open_ends[thing]}


def uncared() -> QuerySet[Renewal]:
    """Open tasks that nobody looks after, the soonest first: what a page can show at each view without reading all ends."""
    rows = Renewal.objects.filter(UNCARED, state=RenewalState.OPEN).select_related("account", "owner")
    return rows.order_by("ends_at", "pk")


@dataclass(frozen=True, slots=True)
class Proved:
    """What the proof that was kept last has found, and when. `lacking` are the first of them in words."""

    at: datetime
    number: int
    lacking: tuple[str, ...]

    def is_old(self, at: datetime) -> bool:
        return at - self.at > TWO_NIGHTS


def last_proof() -> Proved | None:
    """None where it was never proved."""
    row = Job.objects.filter(kind=KIND).order_by("-asked_at", "-pk").first()
    return None if row is None else Proved(row.asked_at, row.result["number"], tuple(row.result["lacking"]))


def _rows(found: dict[Thing, End]) -> dict[tuple[str, str, datetime], Renewal]:
    """The rows about these things by their end; one read for each sort of end."""
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in found:
        keys[kind].append(key)
    return {
        (row.kind, row.subject_key, row.ends_at): row
        for kind, wanted in keys.items()
        for row in Renewal.objects.filter(kind=kind, subject_key__in=wanted).select_related("owner")
    }


def _why(row: Renewal | None) -> str:
    """Nothing where the end is looked after."""
    if row is None:
        return NOBODY_LOOKED
    match RenewalState(row.state):
        case RenewalState.RENEWED | RenewalState.LET_END:
            return ""
        case RenewalState.LAPSED:
            return NO_LONGER
        case RenewalState.OPEN:
            if row.owner is None:
                return NOBODY_OWNS
            return "" if row.owner.is_active else OWNER_LEFT
