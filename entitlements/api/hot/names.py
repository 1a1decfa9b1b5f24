"""Accounts by what programs call them, known by heart for as long as memory holds the account."""

from collections.abc import Collection, Mapping

from entitlements.queries.account_names import Named, accounts_named
from entitlements.queries.check import memory
from entitlements.queries.check.bounded import Bounded
from entitlements.queries.check.holding import Held
from journal.domain.refusal import NotFound

MOST = 100_000
_kept: Bounded[str, tuple[Held, Named]] = Bounded(MOST)


def name_of(name: str) -> Named | None:
    """From memory alone; None: the rows have to be asked."""
    known = _kept.get(name)
    if known is None or known[0].shared.gone or memory.store.names.get(name) is not known[0]:
        return None
    return known[1]


def names_of(names: Collection[str]) -> Mapping[str, Named]:
    """The accounts of these names; others are left out."""
    found = {name: known for name in names if (known := name_of(name)) is not None}
    missing = [name for name in names if name not in found]
    return {**found, **_read(missing)} if missing else found


def _read(names: Collection[str]) -> Mapping[str, Named]:
    """By the rows, and kept if memory takes the account in; all that memory doesn't hold yet are read together. Names
    are read once more after that, so that a change in between is seen."""
    ids = {one.id for one in accounts_named(names).values()}
    unknown = [account_id for account_id in ids if memory.store.ids.get(account_id) is None]
    if unknown and memory.trusted:
        memory.warm(unknown, ahead=True)
    found = accounts_named(names)
    for name, one in found.items():
        held = _held(name)
        if held is not None and held.id == one.id:
            _kept[name] = held, one
    return found


def _held(name: str) -> Held | None:
    try:
        memory.account(name)
    except NotFound:
        return None
    return memory.store.names.get(name)


def forget_names() -> None:
    """For tests."""
    _kept.clear()
