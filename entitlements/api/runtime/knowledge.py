"""Where the runtime knows things from: accounts by their names, and the terms by which use is decided.

The one place to change where answers come from: everything else in this package asks here.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from entitlements.api.runtime.answers import Source
from entitlements.api.runtime.problems import UnknownAccount
from entitlements.queries.account_names import Named, accounts_named
from entitlements.queries.check import memory
from entitlements.queries.usage.landing import Sources


def account_named(name: str) -> Named:
    """The account of our key or of any system's id; UnknownAccount where there is none, or more than one."""
    return known(accounts_named([name]), name)


def all_named(names: Collection[str]) -> Mapping[str, Named]:
    return accounts_named(names)


def known(named: Mapping[str, Named], name: str) -> Named:
    try:
        return named[name]
    except KeyError:
        raise UnknownAccount(f"No account has the key or id {name!r}.", field="account") from None


def sources_at(now: datetime, accounts: Iterable[Named] = (), *, by_rows: bool = False) -> Sources:
    """What operations are decided by, for one request: terms from memory where somebody tells it of changes.

    Those of `accounts` are looked up at once: inside a transaction, memory would have to ask for each anew.
    """
    if by_rows or not memory.trusted:
        return Sources(now)
    sources = Sources(now, terms=partial(memory.terms, at=now), features=dict(memory.view().feature_ids))
    for account in accounts:
        sources.known[account.id] = memory.terms(account.id, at=now)
    return sources


def freshness(sources: Sources) -> tuple[Source, datetime]:
    """Where answers by these come from, and up to when what they rest on is known to be so."""
    if sources.terms is None:
        return "live", sources.at
    return "cache", min(datetime.fromtimestamp(memory.heard_at, UTC), sources.at)
