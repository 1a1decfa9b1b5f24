"""What a system that bills said of a subscription, as it is kept in a row, and read back from there.

Instants are kept as ISO 8601 texts. Reading back what was written gives the same value.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from catalog.domain.window import Window
from entitlements.domain.billed.told import Billed, BilledChange, BilledItem, BilledState


def kept_told(billed: Billed) -> dict[str, Any]:
    return {one.name: _kept(getattr(billed, one.name)) for one in fields(billed)}


def told_from(kept: Mapping[str, Any]) -> Billed:
    kept = {one.name: kept[one.name] for one in fields(Billed) if one.name in kept}  # older rows say more
    instants = {name: _instant(kept[name]) for name in _INSTANTS}
    comes = tuple(BilledChange(datetime.fromisoformat(one["at"]), _items(one["items"])) for one in kept["comes"])
    state, items = BilledState(kept["state"]), _items(kept["items"])
    return Billed(**{**kept, **instants, "state": state, "items": items, "comes": comes})


_INSTANTS = ("began_at", "trial_ends_at", "ends_at", "ended_at")


def _kept(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case tuple():
            return [_kept(one) for one in value]
        case Window(start=start, end=end):
            return [_kept(start), _kept(end)]
        case BilledItem() | BilledChange():
            return {one.name: _kept(getattr(value, one.name)) for one in fields(value)}
        case BilledState():
            return value.value
        case _:
            return value


def _items(kept: list[Mapping[str, Any]]) -> tuple[BilledItem, ...]:
    return tuple(BilledItem(**{**one, "period": _window(one["period"])}) for one in kept)


def _window(kept: list[str | None] | None) -> Window | None:
    return None if kept is None else Window(_instant(kept[0]), _instant(kept[1]))


def _instant(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
