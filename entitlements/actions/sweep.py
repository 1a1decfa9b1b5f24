"""Walking the boundaries of time: what ended or began by itself is recorded, told and pushed, each once.

Access never waits for this: every answer is worked out at read time. The sweep only tells. It may run late, twice,
or be killed in the middle: each account is one transaction, every row it writes has a unique key, and the mark moves
only when all of them are done.

- However many accounts there are, no single run has to last: it goes by their ids and remembers where it is; a run
  that has had enough stops there, and the next goes on.
- An account that can't be walked is written down as a SweepFailure and holds nobody else up; every later sweep walks
  it again from there, until it works.
- What was recorded before a sweep may land in the database after it, for an act can wait for its turn. So every
  boundary is walked a second time, five minutes later.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from catalog.domain.window import Window
from entitlements.actions.changes import tell_what_time_changed
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Facts
from entitlements.domain.resolve import resolve
from entitlements.models import Account, SweepMark
from entitlements.models.change import SweepFailure
from entitlements.queries.endings import Ending, endings_of
from entitlements.queries.entitlements import facts_of
from entitlements.queries.touched import accounts_touched
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.actions.notices import tell

MOMENT = timedelta(microseconds=1)  # the smallest step of time that both databases keep
LATE = timedelta(minutes=5)  # no act waits longer than this to be committed
BATCH = 50
LOGGER = logging.getLogger("entitlements.sweep")

Stretches = tuple[Window, ...]


def sweep(*, at: datetime, enough: Callable[[], bool] = lambda: False) -> int:
    """Walk every boundary since the last sweep, until done or `enough`; the number of accounts that had one."""
    if SweepMark.objects.get_or_create(pk=1, defaults={"swept_to": at})[1]:
        return 0
    run = _Run(at=at, enough=enough, catalog=snapshot_catalog(Reader()))
    walked = 0
    while (mark := _set_out(at)) is not None:
        walked += run.walk_on(mark)
        if enough():
            return walked
    run.try_again()
    return walked


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

    def walk_on(self, mark: SweepMark) -> int:
        """Walk the accounts that this walk hasn't come to yet; the mark moves when all of them are done."""
        assert mark.walking_to is not None  # it was set out
        fresh = Window(mark.swept_to + MOMENT, mark.walking_to + MOMENT)
        stretches = (fresh, Window(mark.swept_to + MOMENT - LATE, mark.walking_to + MOMENT - LATE))
        walk = SweepMark.objects.filter(pk=1, walking_to=mark.walking_to)
        ids = [pk for pk in accounts_touched(stretches, catalog=self.catalog) if pk > mark.walked_account]
        for number, account in enumerate(_accounts(ids), start=1):
            self._try(account, stretches, since=mark.swept_to)
            stopping = self.enough()
            if stopping or number % BATCH == 0:
                walk.filter(walked_account__lt=account.pk).update(walked_account=account.pk)
            if stopping:
                return number
        walk.update(swept_to=mark.walking_to, walking_to=None, walked_account=0)
        return len(ids)

    def try_again(self) -> None:
        """Walk the accounts that failed at earlier sweeps, those first that have waited longest."""
        waiting = SweepFailure.objects.filter(tried_at__lt=self.at, since__lt=self.at)
        for failure in waiting.select_related("account__owner", "account__parent"):
            stretch = Window(failure.since + MOMENT - LATE, self.at + MOMENT)
            if self._try(failure.account, (stretch,), since=failure.since):
                SweepFailure.objects.filter(pk=failure.pk, tried_at=failure.tried_at).delete()
            if self.enough():
                return

    def _try(self, account: Account, stretches: Stretches, *, since: datetime) -> bool:
        try:
            _walk(account, stretches, catalog=self.catalog, at=self.at)
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


@transaction.atomic
def _walk(account: Account, stretches: Stretches, *, catalog: CatalogSnapshot, at: datetime) -> None:
    facts = facts_of(account=account, catalog=catalog)
    for instant in boundaries(facts):
        if any(stretch.contains(instant) for stretch in stretches):
            tell_what_time_changed(
                account=account,
                before=resolve(facts, at=instant - MOMENT),
                after=resolve(facts, at=instant),
                effective_at=instant,
                recorded_at=at,
                cause=_cause(account, facts, instant),
            )
    for stretch in stretches:
        for ending in endings_of(account, stretch):
            _notify(account, ending, at=at)


def _cause(account: Account, facts: Facts, instant: datetime) -> str:
    endings = endings_of(account, Window(instant, instant + MOMENT))
    if endings:
        return "; ".join(ending.words for ending in endings)
    if account.parent is not None and instant not in boundaries(replace(facts, parent=None)):
        return f"What {account.parent} has changed, the parent account"
    return "Its time had come"


def _notify(account: Account, ending: Ending, *, at: datetime) -> None:
    """Tell the account's owner, once, however often this ending is walked."""
    if account.owner is None or not account.owner.email:
        return
    tell(
        recipient=account.owner.email,
        subject=f"{account.name}: {ending.words}",
        body=f"{ending.words} for {account.name} on {ending.said_at(account.zone)}.\n\n{ending.afterwards}\n",
        account_key=account.key,
        once_key=f"{ending.key}:{ending.at.isoformat()}",
        kind=ending.kind,
        at=at,
    )
