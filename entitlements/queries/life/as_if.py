"""What an answer would become if rows stood otherwise: the same resolver on the same reading, but for these rows.

The rows are in memory alone: kept ones with other values, or ones that nobody has kept. Nothing is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model

from entitlements.domain.figures import FeatureEffect
from entitlements.domain.impact import effects_between
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.models import Account
from entitlements.snapshots import Reader, snapshot_facts


@dataclass(frozen=True, slots=True)
class AsIf(Reader):
    """Today's rows, with these in the place of the ones they are of, or beside them."""

    others: tuple[Model, ...] = ()

    def rows(self, model: type[Model], **filters: Any) -> list[Any]:
        others = [row for row in self.others if isinstance(row, model)]
        replaced = {row.pk for row in others if row.pk is not None}
        kept = [row for row in Reader.rows(self, model, **filters) if row.pk not in replaced]
        return [*kept, *(row for row in others if _is_asked_for(row, filters))]


def as_if(*, account: Account, rows: Iterable[Model], at: datetime) -> Mapping[str, Resolution]:
    """The answer for every feature at the moment, if these rows stood as they are in memory."""
    return resolve(snapshot_facts(account.pk, reader=AsIf(others=tuple(rows))), at=at)


def _is_asked_for(row: Model, filters: Mapping[str, Any]) -> bool:
    for name, wanted in filters.items():
        column, _, lookup = name.partition("__")
        found = getattr(row, column)
        match lookup:
            case "" if found != wanted:
                return False
            case "in" if found not in wanted:
                return False
            case "" | "in":
                continue
            case _:
                raise NotImplementedError(f"A row in memory can't be asked for by {name}.")
    return True


def effects(before: Mapping[str, Resolution], after: Mapping[str, Resolution]) -> tuple[FeatureEffect, ...]:
    """What differs for the customer, better or worse, in the words of the account's page."""
    return tuple(_worded(effect, before, after) for effect in effects_between(before, after))


def _worded(effect: FeatureEffect, before: Mapping[str, Resolution], after: Mapping[str, Resolution]) -> FeatureEffect:
    was, becomes = in_words(before[effect.feature]), in_words(after[effect.feature])
    return effect if was == becomes else replace(effect, before=was, after=becomes)
