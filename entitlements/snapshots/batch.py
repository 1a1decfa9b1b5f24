"""The rows of many accounts, read at once and answered one account at a time.

Whoever asks about one account after the other asks the same few tables again and again. This reader reads each of
them once for the whole batch and answers from memory; what it doesn't know it asks the database, as its parent does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model

from entitlements.models import (
    Account,
    AccountStanding,
    BilledFeature,
    BillingPeriod,
    Cohort,
    CohortMember,
    Override,
    Subscription,
    SubscriptionItem,
    SubscriptionPhase,
    TrialUse,
)
from entitlements.snapshots.reading import Reader
from journal.models import Connection

T = TypeVar("T")
BATCH = 500

# Each table with the column by which the facts of an account ask for its rows.
ASKED_BY: dict[type[Model], str] = {
    Account: "id",
    AccountStanding: "account_id",
    BilledFeature: "account_id",
    BillingPeriod: "subscription_id",
    Cohort: "id",
    Connection: "id",
    CohortMember: "account_id",
    Override: "account_id",
    Subscription: "account_id",
    SubscriptionItem: "subscription_id",
    SubscriptionPhase: "subscription_id",
    TrialUse: "subscription_id",
}
WHOLE = (Cohort, Connection)  # of few rows, all of which are read


@dataclass(frozen=True, slots=True)
class BatchReader(Reader):
    """Today's rows of these accounts and of their ancestors."""

    accounts: frozenset[int] = frozenset()
    held: dict[type[Model], dict[int, list[Any]]] = field(default_factory=dict)
    covered: dict[type[Model], set[int]] = field(default_factory=dict)

    def rows(self, model: type[Model], **filters: Any) -> list[Any]:
        asked = self._asked(model, filters)
        if asked is None:
            return Reader.rows(self, model, **filters)
        wanted, others = asked
        known = self._rows_of(model)
        found = [row for pk in sorted(wanted) for row in known.get(pk, ())]
        kept = [row for row in found if all(getattr(row, name) == value for name, value in others.items())]
        return sorted(kept, key=lambda row: row.pk)

    def _asked(self, model: type[Model], filters: dict[str, Any]) -> tuple[set[int], dict[str, Any]] | None:
        """Whose rows are asked for, and what else they must be; None where memory can't tell."""
        column = ASKED_BY.get(model)
        others = dict(filters)
        if column in others:
            wanted = {others.pop(column)}
        elif f"{column}__in" in others:
            wanted = set(others.pop(f"{column}__in"))
        else:
            return None
        if any("__" in name for name in others) or not wanted <= self._covered(model):
            return None
        return wanted, others

    def _covered(self, model: type[Model]) -> set[int]:
        """The ids by which memory knows all rows of the table, or that there are none."""
        if model not in self.covered:
            self.covered[model] = self._ids_for(model)
        return self.covered[model]

    def _ids_for(self, model: type[Model]) -> set[int]:
        if model in WHOLE:
            return set(self._rows_of(model))
        if ASKED_BY[model] == "subscription_id":
            return {row.pk for rows in self._rows_of(Subscription).values() for row in rows}
        return set(self.accounts)

    def _rows_of(self, model: type[Model]) -> dict[int, list[Any]]:
        if model not in self.held:
            column = ASKED_BY[model]
            found: dict[int, list[Any]] = defaultdict(list)
            limits = {} if model in WHOLE else {f"{column}__in": sorted(self._covered(model))}
            for row in Reader.rows(self, model, **limits):
                found[getattr(row, column)].append(row)
            self.held[model] = dict(found)
        return self.held[model]


def batch_reader(account_ids: Iterable[int]) -> BatchReader:
    """A reader for these accounts and everybody above them, in one read for each level of parents."""
    found = set(account_ids)
    waiting = set(found)
    while waiting:
        above = Account.objects.filter(pk__in=waiting, parent__isnull=False).values_list("parent_id", flat=True)
        waiting = {pk for pk in above if pk is not None} - found
        found |= waiting
    return BatchReader(accounts=frozenset(found))


def batches(ids: Iterable[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """The ids in chunks."""
    waiting = iter(ids)
    while chunk := list(islice(waiting, size)):
        yield chunk
