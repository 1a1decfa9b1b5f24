"""One use as it was told: its event, and the copies on the accounts whose allowance it shared. Nothing here writes."""

from collections.abc import Iterable, Mapping
from typing import Any

from entitlements.domain.usage.operations import COPIES, copy_id
from entitlements.models import Account, UsageEvent
from entitlements.queries.usage.landing import HIGHEST_ABOVE


def event_told(*, source: str, event_id: str) -> UsageEvent | None:
    rows = UsageEvent.objects.select_related("account", "feature")
    return rows.filter(source=source, event_id=event_id).first()


def copies_of(event: UsageEvent) -> list[UsageEvent]:
    """Its copies on the accounts above it at the time, the nearest first, wherever it hangs by now."""
    ids = [copy_id(event.source, event.event_id, pk) for pk in _ever_above(event.account_id)]
    rows = UsageEvent.objects.select_related("account", "feature").filter(source=COPIES, event_id__in=ids)
    return list(rows.order_by("pk"))


def _ever_above(account_id: int) -> list[int]:
    """Every account that was ever above this one, by what history knows."""
    found: dict[int, None] = {}
    level = {account_id}
    for _ in range(HIGHEST_ABOVE):
        level = set(_parents_ever(level)) - found.keys() - {account_id}
        if not level:
            break
        found |= dict.fromkeys(sorted(level))
    return list(found)


def _parents_ever(account_ids: Iterable[int]) -> Iterable[int]:
    history: Any = Account.history  # type: ignore[attr-defined]
    named: Mapping[str, Any] = {"id__in": list(account_ids), "parent_id__isnull": False}
    then = history.filter(**named).order_by().values_list("parent_id", flat=True).distinct()
    return [*then, *Account.objects.filter(**named).order_by().values_list("parent_id", flat=True)]
