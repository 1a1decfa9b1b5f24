"""Reading on in tables to which rows are only added, so that none is missed that commits after a younger one.

Numbers are given before they are committed. So it is read on from the last row before which all are older than any
transaction lasts; those after it are remembered until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from entitlements.models import Contract, ContractVersion, CreditGrant, ThresholdCrossing
from support.models import Allowance, Cover

SETTLED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tail:
    """A table that is added to: its column of numbers, of instants, and of the account; None: everybody is meant."""

    name: str
    rows: Any
    number: str
    told_at: str
    account: str | None

    def query(self) -> QuerySet[Any]:
        return self.rows().order_by(self.number)


@dataclass(frozen=True, slots=True)
class Read:
    """What was new: of these accounts, or of everybody; and what to keep for the next time."""

    accounts: frozenset[int]
    everybody: bool
    kept: Mapping[str, Any]


def _history(model: Any) -> Any:
    return lambda: model.history.all()


# What is told elsewhere at once (`entitlements/fact_triggers.py`) isn't here.
TAILS = (
    Tail("crossings", ThresholdCrossing.objects.all, "pk", "crossed_at", "account_id"),
    Tail("covers", _history(Cover), "history_id", "history_date", "account_id"),
    Tail("grants", _history(CreditGrant), "history_id", "history_date", "account_id"),
    Tail("contracts", _history(Contract), "history_id", "history_date", "account_id"),
    Tail("terms", _history(ContractVersion), "history_id", "history_date", "contract__account_id"),
    Tail("allowances", _history(Allowance), "history_id", "history_date", None),
)


def read_tails(kept: Mapping[str, Any], *, at: datetime) -> Read:
    """What was added to any of them since; at first nothing is."""
    found = [_read(tail, kept.get(tail.name), at=at) for tail in TAILS]
    return Read(
        accounts=frozenset().union(*(one.accounts for one in found)),
        everybody=any(one.everybody for one in found),
        kept={tail.name: one.kept for tail, one in zip(TAILS, found, strict=True)},
    )


def _read(tail: Tail, kept: Mapping[str, Any] | None, *, at: datetime) -> Read:
    rows = tail.query()
    if kept is None:
        low = rows.aggregate(last=Max(tail.number))["last"] or 0
        return Read(frozenset(), False, _kept(rows, tail, low, at))
    account = tail.account or tail.number
    added = list(rows.filter(**{f"{tail.number}__gt": kept["low"]}).values_list(tail.number, tail.told_at, account))
    known = set(kept["seen"])
    fresh = [whose for number, _, whose in added if number not in known]
    low = kept["low"]
    for number, told_at, _ in added:
        if told_at > at - SETTLED:
            break
        low = number
    seen = [number for number, *_ in added if number > low]
    everybody = tail.account is None and bool(fresh)
    accounts = frozenset() if tail.account is None else _accounts(fresh)
    return Read(accounts, everybody, {"low": low, "seen": seen})


def _accounts(found: Iterable[int | None]) -> frozenset[int]:
    return frozenset(one for one in found if one is not None)


def _kept(rows: QuerySet[Any], tail: Tail, last: int, at: datetime) -> dict[str, Any]:
    """From the beginning: what is young is remembered as seen, and what is still on its way will be found."""
    young = rows.filter(**{f"{tail.number}__lte": last, f"{tail.told_at}__gt": at - SETTLED})
    seen = list(young.values_list(tail.number, flat=True))
    return {"low": seen[0] - 1 if seen else last, "seen": seen}
