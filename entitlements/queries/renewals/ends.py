"""The ends that want a decision: of accounts that are open, each thing with the one end it has as things stand."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from catalog.domain.window import MOMENT, Window
from entitlements import ending_sources
from entitlements.domain.facts import Standing
from entitlements.domain.renewing import BEHIND, horizon
from entitlements.ending_sources import End, Wanted
from entitlements.models import Account
from entitlements.queries.holdings import standings
from entitlements.queries.renewals.contract_ends import longest_notice

STRETCH = 500  # accounts whose ends are read at a time
Thing = tuple[str, str]  # its sort of end, and its id


def look_ahead() -> timedelta:
    """How long before an end its task is opened; one read."""
    return horizon(longest_notice())


def ends_near(*, at: datetime, within: timedelta, accounts: Collection[int] | None = None) -> dict[Thing, End]:
    """Every end that came lately or comes so soon, by its thing."""
    window = Window(at - BEHIND + MOMENT, at + within + MOMENT)
    wanted = Wanted((window,), at, None if accounts is None else tuple(accounts))
    return _of_open_accounts(ending_sources.ends(wanted), at=at)


def stretches(*, within: Q | None = None) -> Iterator[list[int]]:
    """All accounts by their ids, so many at a time: what ends is held in memory for no more than these."""
    last, rows = 0, Account.objects.filter(within or Q()).order_by("pk").values_list("pk", flat=True)
    while ids := list(rows.filter(pk__gt=last)[:STRETCH]):
        yield ids
        last = ids[-1]


def ends_of_things(things: Iterable[Thing], *, at: datetime) -> dict[Thing, End]:
    """When these things end, whenever that is and whosever they are by now; what doesn't end any more is left out."""
    found: list[End] = []
    keys: dict[str, list[str]] = {}
    for kind, key in things:
        keys.setdefault(kind, []).append(key)
    for kind, wanted in keys.items():
        source = ending_sources.source_of(kind)
        if source is not None:
            found += source.ends(Wanted(at=at).of_things(wanted))
    return _of_open_accounts(found, at=at)


def _of_open_accounts(found: Iterable[End], *, at: datetime) -> dict[Thing, End]:
    """Nothing is left to renew of a customer whose account is closed."""
    ends = list(found)
    standing = standings(account_ids={end.account.pk for end in ends}, at=at) if ends else {}
    return {(end.kind, end.subject_key): end for end in ends if standing[end.account.pk] is not Standing.CLOSED}
