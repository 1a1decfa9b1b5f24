"""What may be done with a record, whatever its kind: open, change, archive, restore. Each deed is told to who listens."""

from typing import Any

from tests.fakes.hubspot import derived, events, kinds, values
from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.errors import Wrong, conflict, invalid, wrong_values
from tests.fakes.hubspot.state import Change, Record, State


def fit(state: State, kind: str, given: dict[str, Any], row: Record | None = None) -> dict[str, str]:
    """The values as they would be kept, or the refusal; nothing is written."""
    kept = values.fitted(state, kind, given)
    if row is None:
        _required(state, kind, kept)
        if kind == kinds.DEAL:
            kept.setdefault("pipeline", "default")
    if kind == kinds.DEAL:
        values.staged(state, (row.values if row else {}) | kept)
    _unique(state, kind, kept, row)
    return kept


def _required(state: State, kind: str, kept: dict[str, str]) -> None:
    missing = [name for name in kinds.known(state, kind).required if not kept.get(name)]
    if missing:
        errors = [{"message": f"{name} is required", "context": {"properties": [name]}} for name in missing]
        noun = kinds.known(state, kind).singular
        raise invalid(f"Error creating {noun}. Some required properties were not set.", errors=errors)


def opened(state: State, kind: str, given: dict[str, Any]) -> Record:
    kept = fit(state, kind, given)
    now = state.clock.now()
    row = Record(kind, state.ids(kind), now, now)
    state.records[kind][row.id] = row
    fixed = {"hs_object_id": row.id, "createdate": iso(now)}
    if kind == kinds.LINE:
        kept = derived.from_product(state, kept)
    events.told(state, "creation", row)
    _written(state, row, kept | fixed)
    return row


def changed(state: State, row: Record, given: dict[str, Any]) -> Record:
    _written(state, row, fit(state, row.kind, given, row))
    return row


def settled(state: State, row: Record, kept: dict[str, str]) -> None:
    """Values that are known to fit: what a merge moves over."""
    _written(state, row, kept)


def rederived(state: State, row: Record) -> None:
    """What follows from a stage that means something else now."""
    _written(state, row, {})


def _unique(state: State, kind: str, kept: dict[str, str], row: Record | None) -> None:
    """A value that may be there once only, and is somebody else's."""
    for name, value in kept.items():
        one = state.properties[kind][name]
        holder = state.unique[kind, name].get(value.lower()) if value and one["hasUniqueValue"] else None
        if holder is None or (row is not None and holder == row.id):
            continue
        if kind == kinds.CONTACT and name == "email":
            raise conflict(f"Contact already exists. Existing ID: {holder}")
        message = (
            f"Cannot set PropertyValueCoordinates{{portalId={state.settings.portal}, objectTypeId={kind}, "
            f"propertyName={name}, value={value}}} on {row.id if row else 'a new record'}. "
            f"{holder} already has that value."
        )
        raise wrong_values([Wrong(message, "CONFLICTING_UNIQUE_VALUE", name)], state.settings.portal)


def _written(state: State, row: Record, kept: dict[str, str]) -> None:
    """Keeps the values and all that follows from them; the stamp moves though nothing may differ."""
    whole = row.values | kept
    whole |= derived.of(state, row, whole, kept)
    for name, value in whole.items():
        if value != row.values.get(name, ""):
            _set(state, row, name, value)
    touched(state, row)
    if row.kind == kinds.LINE and state.settings.lines_touch_deal:
        derived.deals_touched(state, row, touched)


def _set(state: State, row: Record, name: str, value: str) -> None:
    one = state.properties[row.kind].get(name)
    if one and one["hasUniqueValue"]:
        state.unique[row.kind, name].pop(row.values.get(name, "").lower(), None)
        if value:
            state.unique[row.kind, name][value.lower()] = row.id
    row.values[name] = value
    row.history[name].append(Change(value, state.clock.now(), state.source))
    events.told(state, "propertyChange", row, propertyName=name, propertyValue=value)


def touched(state: State, row: Record) -> None:
    """The portal's own stamp, and what search will know of it once its index has caught up."""
    row.updated = state.clock.now()
    row.values[kinds.known(state, row.kind).stamp] = iso(row.updated)
    row.seen.append((row.updated, dict(row.values), row.alive))


def archived(state: State, row: Record) -> None:
    row.archived = state.clock.now()
    for name, one in state.properties[row.kind].items():
        if one["hasUniqueValue"]:
            state.unique[row.kind, name].pop(row.values.get(name, "").lower(), None)
    touched(state, row)
    events.told(state, "deletion", row)


def restored(state: State, row: Record) -> None:
    """A person takes it out of the recycling bin: no address does."""
    row.archived = None
    for name, one in state.properties[row.kind].items():
        if one["hasUniqueValue"] and row.values.get(name):
            state.unique[row.kind, name].setdefault(row.values[name].lower(), row.id)  # unless somebody took it since
    touched(state, row)
    events.told(state, "restore", row)
