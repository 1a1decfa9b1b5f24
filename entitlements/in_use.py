"""How much of a feature a customer has in use, which only those know that count it.

Whoever counts registers in AppConfig.ready(), like the holders of plans (catalog/holders.py); until somebody does,
nothing is known to be in use, and no change of a plan is over it.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

InUse: TypeAlias = Mapping[str, Decimal]  # by the feature's key, in its smallest unit
# source(account ids, at=) -> what each account has in use, so that thousands are read at once
Source: TypeAlias = Callable[..., Mapping[int, InUse]]

_sources: list[Source] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def forget(source: Source) -> None:
    _sources.remove(source)


def in_use(account: Any, at: datetime) -> InUse:
    """What one account has in use at the moment."""
    return in_use_by([account.pk], at=at).get(account.pk, {})


def in_use_by(account_ids: Collection[int], *, at: datetime) -> Mapping[int, InUse]:
    """What each of the accounts has in use at the moment; of several sources the most."""
    found: dict[int, dict[str, Decimal]] = {}
    for source in _sources:
        for account, amounts in source(account_ids, at=at).items():
            mine = found.setdefault(account, {})
            for feature, amount in amounts.items():
                mine[feature] = max(amount, mine.get(feature, amount))
    return found
