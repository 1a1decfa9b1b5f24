"""Walking the boundaries of time: what ended or began by itself is recorded, told and pushed, each once.

Access never waits for this: every answer is worked out at read time. The sweep only tells. It may run late, twice,
or be killed in the middle: each account is one transaction, every row it writes has a unique key, and the mark moves
only when all of them are done.

- However many accounts there are, no single run has to last: it goes by their ids and remembers where it is; a run
  that has had enough stops there, and the next goes on.
- An account that can't be walked is written down as a SweepFailure and holds nobody else up; every later sweep walks
  it again from there, until it works.
- A rollout that takes effect for all its holders at once is handed over to a job (docs/adr/0010): a large one would
  keep every other boundary waiting.
- What was recorded before a sweep may land in the database after it, for an act can wait for its turn. So every
  boundary is walked a second time, five minutes later.
- A clock may jump ahead and come back. Then the mark comes back with it, for what is decided from now on may take
  effect before the instant the clock had shown; what was told already is not told again.
- What lies ahead is announced at its own hour (queries/announcements.py), by the same walk.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models import F

from catalog.domain.window import MOMENT, Window
from entitlements.actions.market_turns import tell_of_markets
from entitlements.actions.rollout_changes import hand_over, told_by_job
from entitlements.actions.walk import Stretches, walk
from entitlements.models import Account, SweepMark
from entitlements.models.change import SweepFailure
from entitlements.queries.clock.announcements import Reminders, announced_to, reminders_set
from entitlements.queries.clock.touched import accounts_touched
from entitlements.queries.publishing.reached import bought_around
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog

LATE = timedelta(minutes=5)  # no act waits longer than this to be committed
BATCH = 50
LOGGER = logging.getLogger("entitlements.sweep")


def sweep(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Walk every boundary since the last sweep, until done or `enough`; the number of accounts that had one."""
    if SweepMark.objects.get_or_create(pk=1, defaults={"swept_to": at})[1]:
        return 0
    _come_back(at)
    run = _Run(at=at, enough=enough, catalog=snapshot_catalog(Reader()), reminders=reminders_set())
    walked = 0
    while (mark := _set_out(at)) is not None:
        walked += run.walk_on(mark)
        if enough():
            return walked
    run.try_again()
    return walked


def _come_back(at: datetime) -> None:
    """Where the clock has gone back, the mark goes back too; by less than what is walked twice anyway, it stays."""
    SweepMark.objects.filter(pk=1, walking_to__gt=at + LATE).update(walking_to=None, walked_account=0)
    SweepMark.objects.filter(pk=1, walking_to__isnull=True, swept_to__gt=at + LATE).update(swept_to=at)


def _set_out(at: datetime) -> SweepMark | None:
    """The walk that is still under way, else a new one up to now; None when there is nothing to walk."""
    SweepMark.objects.filter(pk=1, walking_to__isnull=True, swept_to__lt=at).update(walking_to=at, walked_account=0)
    return SweepMark.objects.filter(pk=1, walking_to__isnull=False).first()


@dataclass(slots=True)
class _Run:
    """One run of the sweep, with the catalog it read."""

    at: datetime
    enough: Callable[[], bool]
    catalog: CatalogSnapshot
    reminders: Reminders
    announcing: set[int] = field(default_factory=set)  # for whom something may be announced on this walk

    def walk_on(self, mark: SweepMark) -> int:
        """Walk the accounts that this walk hasn't come to yet; the mark moves when all of them are done."""
        assert mark.walking_to is not None  # it was set out
        fresh = Window(mark.swept_to + MOMENT, mark.walking_to + MOMENT)
        stretches = (fresh, Window(mark.swept_to + MOMENT - LATE, mark.walking_to + MOMENT - LATE))
        place = SweepMark.objects.filter(pk=1, walking_to=mark.walking_to)
        self.announcing = announced_to(stretches, reminders=self.reminders)
        touched = self.announcing.union(self._touched(stretches))
        ids = sorted(pk for pk in touched if pk > mark.walked_account)
        for number, account in enumerate(_accounts(ids), start=1):
            self._try(account, stretches, since=mark.swept_to)
            stopping = self.enough()
            if stopping or number % BATCH == 0:
                place.filter(walked_account__lt=account.pk).update(walked_account=account.pk)
            if stopping:
                return number
        _tell_of_markets(stretches, at=self.at)
        place.update(swept_to=mark.walking_to, walking_to=None, walked_account=0)
        return len(ids)

    def _touched(self, stretches: Stretches) -> set[int]:
        """Who has a boundary, but for those a job tells: of these, only who bought too late for the job to see."""
        handed = [
            r for r in self.catalog.rollouts if told_by_job(r) and any(s.contains(r.effective_at) for s in stretches)
        ]
        late: set[int] = set()
        for rollout in handed:
            hand_over(rollout_id=int(rollout.id), at=self.at)
            late.update(bought_around(int(rollout.id), within=LATE).values_list("pk", flat=True))
        others = tuple(rollout for rollout in self.catalog.rollouts if rollout not in handed)
        return late.union(accounts_touched(stretches, catalog=replace(self.catalog, rollouts=others)))

    def try_again(self) -> None:
        """Walk the accounts that failed at earlier sweeps, those first that have waited longest."""
        waiting = SweepFailure.objects.filter(tried_at__lt=self.at, since__lt=self.at)
        for failure in waiting.select_related("account__owner", "account__parent"):
            stretch = Window(failure.since + MOMENT - LATE, self.at + MOMENT)
            self.announcing.add(failure.account_id)
            if self._try(failure.account, (stretch,), since=failure.since):
                SweepFailure.objects.filter(pk=failure.pk, tried_at=failure.tried_at).delete()
                _tell_of_markets((stretch,), at=self.at)
            if self.enough():
                return

    def _try(self, account: Account, stretches: Stretches, *, since: datetime) -> bool:
        try:
            reminders = self.reminders if account.pk in self.announcing else None
            walk(account, stretches, catalog=self.catalog, reminders=reminders, at=self.at)
        except Exception as error:
            _write_down(account, error, since=since, at=self.at)
            self.catalog = snapshot_catalog(Reader())  # a half-read one, or an outdated one, would fail the others too
            return False
        return True


def _accounts(ids: list[int]) -> Iterator[Account]:
    rows = Account.objects.select_related("owner", "parent").order_by("pk")
    for first in range(0, len(ids), BATCH):
        yield from rows.filter(pk__in=ids[first : first + BATCH])


def _write_down(account: Account, error: Exception, *, since: datetime, at: datetime) -> None:
    """Remember the failure; the log hears of it at the 1st, 2nd, 4th, 8th … attempt, for there is one every sweep."""
    words = f"{type(error).__name__}: {error}"
    failure, fresh = SweepFailure.objects.get_or_create(
        account=account, defaults={"since": since, "tried_at": at, "last_error": words}
    )
    if not fresh:
        SweepFailure.objects.filter(pk=failure.pk).update(attempts=F("attempts") + 1, tried_at=at, last_error=words)
    attempt = 1 if fresh else failure.attempts + 1
    if attempt & (attempt - 1) == 0:
        LOGGER.error("%s can't be swept, attempt %s", account.key, attempt, exc_info=error)


def _tell_of_markets(stretches: Stretches, *, at: datetime) -> None:
    """It comes last, for it goes by what the walk has recorded; what goes wrong in it holds no boundary up."""
    try:
        tell_of_markets(stretches, at=at)
    except Exception as error:
        LOGGER.error("What began or ended in a market couldn't be told", exc_info=error)
