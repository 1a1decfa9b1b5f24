"""Walking the boundaries of time: what ended or began by itself is recorded, told and pushed, each once.

Access never waits for this: every answer is worked out at read time. The sweep only tells. It may run late, twice,
or be killed in the middle: each account is one transaction, every row it writes has a unique key, and the mark moves
only when all of them are done.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from catalog.domain.window import Window
from entitlements.actions.changes import tell_changes
from entitlements.domain.boundaries import boundaries
from entitlements.domain.resolve import resolve
from entitlements.models import Account, SweepMark
from entitlements.queries.endings import Ending, endings_of
from entitlements.queries.entitlements import facts_of
from entitlements.queries.touched import accounts_touched
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.actions.notices import tell

MOMENT = timedelta(microseconds=1)  # the smallest step of time that both databases keep


def sweep(*, at: datetime) -> int:
    """Walk every boundary since the last sweep; the number of accounts that had one."""
    mark, fresh = SweepMark.objects.get_or_create(pk=1, defaults={"swept_to": at})
    if fresh or at <= mark.swept_to:
        return 0
    stretch = Window(mark.swept_to + MOMENT, at + MOMENT)
    catalog = snapshot_catalog(Reader())
    accounts = accounts_touched(stretch, catalog=catalog)
    for account in accounts:
        _walk(account, stretch, catalog=catalog, at=at)
    SweepMark.objects.filter(pk=1, swept_to__lt=at).update(swept_to=at)
    return len(accounts)


@transaction.atomic
def _walk(account: Account, stretch: Window, *, catalog: CatalogSnapshot, at: datetime) -> None:
    facts = facts_of(account=account, catalog=catalog)
    for instant in boundaries(facts):
        if stretch.contains(instant):
            tell_changes(
                account=account,
                before=resolve(facts, at=instant - MOMENT),
                after=resolve(facts, at=instant),
                effective_at=instant,
                recorded_at=at,
                cause=_cause(endings_of(account, Window(instant, instant + MOMENT))),
            )
    for ending in endings_of(account, stretch):
        _notify(account, ending, at=at)


def _cause(endings: Iterable[Ending]) -> str:
    return "; ".join(ending.words for ending in endings)[:300] or "Its time had come"


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
