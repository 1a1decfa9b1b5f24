"""Opening a task for every end that comes, moving it where the end moves, and closing it where nothing ends any more.

It compares what ends with the tasks there are, so many accounts at a time, and writes only what differs: it may run
late, twice, side by side, or be killed in the middle, and the next run finds what is left to do. A thing whose tasks
can't be put right holds nobody else up: the log and the proof name it. Nothing of it is needed for anything to end on
time.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, Q

from entitlements.actions.announcing import announce_moved
from entitlements.actions.renewals.keeping import apply, cared_for
from entitlements.domain.renewing import Act, EndFact, RenewalState, Step, settle
from entitlements.ending_sources import End
from entitlements.models import Account, Renewal
from entitlements.queries.clock.ahead import as_announced
from entitlements.queries.renewals.ends import Thing, ends_near, ends_of_things, look_ahead, stretches
from entitlements.queries.renewals.rows import row_facts
from journal.actions.deeds import begin
from journal.domain.actor import SYSTEM

TURN = 120  # seconds, in which one run begins at the same place
GOLDEN = (5**0.5 - 1) / 2  # of the way on from where the run before began, so that all places come about equally often
LOGGER = logging.getLogger("entitlements.renewals")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing whose tasks don't agree with its end."""

    thing: Thing
    end: End | None
    rows: tuple[Renewal, ...]
    steps: tuple[Step, ...]


def sweep_renewals(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Tasks agree with what ends, as far as it was worked off before `enough`; how many things had a difference."""
    ahead, changed = look_ahead(), 0
    for accounts in _stretches(at):
        for found in differences(at=at, ahead=ahead, accounts=accounts):
            changed += _try(found, at=at, ahead=ahead)
            if enough():
                return changed
        if enough():
            return changed
    return changed


def _try(found: Difference, *, at: datetime, ahead: timedelta) -> int:
    try:
        return _mend(found, at=at, ahead=ahead)
    except Exception as error:
        LOGGER.error("The tasks about %s %s can't be put right", *found.thing, exc_info=error)
        return 0


def _stretches(at: datetime) -> Iterator[list[int]]:
    """All accounts, beginning elsewhere at each run: where they are too many for one, none of them waits for ever."""
    known = Account.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if known["first"] is None:
        return
    begin_at = known["first"] + int((known["last"] - known["first"] + 1) * (at.timestamp() // TURN * GOLDEN % 1))
    yield from stretches(within=Q(pk__gte=begin_at))
    yield from stretches(within=Q(pk__lt=begin_at))


def differences(*, at: datetime, ahead: timedelta, accounts: Collection[int]) -> list[Difference]:
    """Every thing of these accounts whose tasks don't agree with its end, or have to go to somebody else."""
    ends = ends_near(at=at, within=ahead, accounts=accounts)
    live = Q(account__in=accounts) & (Q(state=RenewalState.OPEN) | Q(ends_at__gt=at)) & ~Q(state=RenewalState.LAPSED)
    known = {(row.kind, row.subject_key) for row in Renewal.objects.filter(live)}
    ends |= ends_of_things(known - ends.keys(), at=at)
    return list(_differing(known | ends.keys(), ends, at=at, ahead=ahead))


def _differing(
    things: Collection[Thing], ends: dict[Thing, End], *, at: datetime, ahead: timedelta
) -> Iterator[Difference]:
    rows = rows_of(things)
    facts = row_facts([row for group in rows.values() for row in group], at=at)
    for thing in sorted(things):
        end, own = ends.get(thing), rows.get(thing, [])
        told = None if end is None else EndFact(end.at, end.settled)
        steps = settle(told, [facts[row.pk] for row in own], at=at, until=at + ahead)
        if steps or any(not cared_for(row, end) for row in own):
            yield Difference(thing, end, tuple(own), tuple(steps))


def rows_of(things: Collection[Thing]) -> dict[Thing, list[Renewal]]:
    """Every row about these things, whosever they were; one read for each sort of end."""
    keys: dict[str, list[str]] = defaultdict(list)
    for kind, key in things:
        keys[kind].append(key)
    found: dict[Thing, list[Renewal]] = defaultdict(list)
    for kind, wanted in keys.items():
        rows = Renewal.objects.filter(kind=kind, subject_key__in=wanted).select_related("account__owner", "owner")
        for row in rows.order_by("pk"):
            found[row.kind, row.subject_key].append(row)
    return found


@transaction.atomic
def _mend(found: Difference, *, at: datetime, ahead: timedelta) -> int:
    """One thing, read again once its account is ours: another sweep, or a person, may have been faster."""
    ids = {row.account_id for row in found.rows} | ({found.end.account.pk} if found.end is not None else set())
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    ends = ends_of_things([found.thing], at=at)
    for difference in _differing([found.thing], ends, at=at, ahead=ahead):
        apply(difference.end, difference.rows, difference.steps, deed=begin(by=SYSTEM, at=at))
        if _moved(difference, at=at) and (end := difference.end) is not None and not end.quiet:
            announce_moved(as_announced(end), at=at)
        return 1
    return 0


def _moved(found: Difference, *, at: datetime) -> bool:
    """Whether it should have ended at another instant that is still to come, and ends now instead."""
    opened = any(step.act is Act.OPEN for step in found.steps)
    return opened and any(at < row.ends_at != found.end.at for row in found.rows if found.end is not None)
