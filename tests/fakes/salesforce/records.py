"""Writing records: what is given is understood, checked as a whole, kept, and told to whoever watches."""

from typing import Any

from tests.fakes.salesforce import ids
from tests.fakes.salesforce.derived import derived, renamed, summed
from tests.fakes.salesforce.errors import Refused, Wrong, no_column
from tests.fakes.salesforce.schema import Field, SObject
from tests.fakes.salesforce.state import Row, State, same
from tests.fakes.salesforce.values import accepted

READ_ONLY = "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."


def created(state: State, sobject: SObject, given: dict[str, Any], by: str) -> Row:
    """A new record, or `Refused` with all that is wrong with it."""
    if not sobject.create:
        raise Refused(Wrong("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.label}"))
    values = understood(state, sobject, given, making=True)
    row = {one.name: one.default for one in sobject.fields.values()}
    row |= {"Id": state.ids(sobject.prefix), "IsDeleted": False, "CreatedById": by, "LastModifiedById": by} | values
    row |= {"CreatedDate": state.clock.now()} | ({"OwnerId": row["OwnerId"] or by} if "OwnerId" in row else {})
    with state.transaction():
        return _kept(state, sobject, row, None)


def changed(state: State, sobject: SObject, row: Row, given: dict[str, Any], by: str) -> Row:
    if not sobject.update:
        raise Refused(Wrong("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {sobject.label}"))
    if row["IsDeleted"]:
        raise Refused(Wrong("ENTITY_IS_DELETED", "entity is deleted", ()), status=404)
    values = understood(state, sobject, given, making=False)
    with state.transaction():
        return _kept(state, sobject, row | values | {"LastModifiedById": by}, row)


def understood(state: State, sobject: SObject, given: dict[str, Any], *, making: bool) -> Row:
    """Fields by their right names and in their types; a parent may be named by an external id of its own."""
    values: Row = {}
    wrongs: list[Wrong] = []
    for name, raw in given.items():
        if name.lower() == "attributes":
            continue
        try:
            one, value = _field_value(state, sobject, name, raw)
            if not (one.create if making else one.update):
                raise Refused(Wrong("INVALID_FIELD_FOR_INSERT_UPDATE", READ_ONLY.format(one.name), (one.name,)))
            values[one.name] = value
        except Refused as no:
            wrongs += no.wrongs
    if wrongs:
        raise Refused(*wrongs)
    return values


def _field_value(state: State, sobject: SObject, name: str, raw: Any) -> tuple[Field, Any]:
    one = sobject.find(name)
    if one:
        return one, accepted(sobject, one, raw)
    parent = sobject.by_parent(name)
    if parent is None or not isinstance(raw, dict):
        raise Refused(no_column(name, sobject.name))
    named = {key: value for key, value in raw.items() if key.lower() != "attributes"}
    target = state.schema[parent.to.lower()]
    (key, value) = next(iter(named.items()), ("", None))
    outer = target.find(key)
    if len(named) != 1 or outer is None or not (outer.external or outer.name == "Id"):
        raise Refused(Wrong("INVALID_FIELD", f"{key or name} is not an External ID or indexed field for {target.name}"))
    found = state.by(target, outer.name, accepted(target, outer, value))
    if len(found) != 1:
        why = "not found" if not found else "matches more than one record"
        message = f"Foreign key external ID: {value} {why} for field {outer.name} in entity {target.name}"
        raise Refused(Wrong("INVALID_FIELD", message, () if found else None))
    return parent, found[0]["Id"]


def _kept(state: State, sobject: SObject, row: Row, before: Row | None) -> Row:
    row = derived(state, sobject, row, before)
    wrongs = _required(sobject, row) or _references(state, sobject, row, before) or _unique(state, sobject, row)
    wrongs = wrongs or _ruled(state, sobject, row)
    spoiled = state.spoiling.wrong() if state.spoiling else None
    if wrongs or spoiled:
        raise Refused(*wrongs, *([spoiled] if spoiled else []))
    return stored(state, sobject, row, before)


def stored(state: State, sobject: SObject, row: Row, before: Row | None) -> Row:
    """Stamped and put; then what follows for others."""
    now = state.clock.now()
    row = state.put(sobject, row | {"LastModifiedDate": now, "SystemModstamp": now})
    for watcher in state.watchers:
        watcher(sobject, row, before)
    if sobject.name == "OpportunityLineItem":
        _resummed(state, row["OpportunityId"])
    if sobject.name == "Product2" and before:
        renamed(state, row)
    return state.tables[sobject.name][row["Id"]]


def _resummed(state: State, deal: str) -> None:
    """A deal whose sums changed was written too, and its stamp moves; a line's date alone does not move it."""
    row = state.tables["Opportunity"][deal]
    new = row | summed(state, row)
    if new != row and not row["IsDeleted"]:
        stored(state, state.schema["opportunity"], new, row)


def _required(sobject: SObject, row: Row) -> list[Wrong]:
    names = [one.name for one in sobject.fields.values() if one.required and row[one.name] is None]
    if not names:
        return []
    message = f"Required fields are missing: [{', '.join(names)}]"
    return [Wrong("REQUIRED_FIELD_MISSING", message, tuple(names))]


def _references(state: State, sobject: SObject, row: Row, before: Row | None) -> list[Wrong]:
    wrongs = []
    for one in sobject.fields.values():
        key = row[one.name] if one.type == "reference" else None
        if not key or (before and before[one.name] == key):
            continue
        target = state.schema[one.to.lower()]
        found = state.find(target.name, key)
        if not key.startswith(target.prefix):
            message = f"{one.said}: id value of incorrect type: {key}"
            wrongs.append(Wrong("FIELD_INTEGRITY_EXCEPTION", message, (one.name,)))
        elif found is None:
            wrongs.append(Wrong("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()))
        elif found["IsDeleted"]:
            wrongs.append(Wrong("ENTITY_IS_DELETED", "entity is deleted", ()))
    return wrongs


def _unique(state: State, sobject: SObject, row: Row) -> list[Wrong]:
    for one in sobject.fields.values():
        if one.unique and row[one.name] is not None:
            for other in state.rows(sobject.name):
                if other["Id"] != row["Id"] and same(other[one.name], one.cased) == same(row[one.name], one.cased):
                    message = (
                        f"duplicate value found: {one.name} duplicates value on record with id: {other['Id'][:15]}"
                    )
                    return [Wrong("DUPLICATE_VALUE", message, ())]
    return []


def _ruled(state: State, sobject: SObject, row: Row) -> list[Wrong]:
    return [
        Wrong("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,) if rule.field else ())
        for rule in state.rules
        if rule.object == sobject.name and rule.when(row)
    ]


def upserted(
    state: State, sobject: SObject, field: str, value: Any, given: dict[str, Any], by: str
) -> tuple[Row, bool]:
    """The record of an external id, changed or made. Several of them: status 300 and their addresses."""
    one = external(sobject, field)
    if one.name == "Id":
        found = state.find(sobject.name, str(value))
        if found is None:
            raise Refused(Wrong("NOT_FOUND", "The requested resource does not exist"), status=404)
        return changed(state, sobject, found, given, by), False
    key = accepted(sobject, one, value)
    if key is None:
        raise Refused(Wrong("MISSING_ARGUMENT", f"{one.name} not specified", ()))
    rows = state.by(sobject, one.name, key)
    if len(rows) > 1:
        raise Refused(Wrong("DUPLICATE_EXTERNAL_ID", ", ".join(row["Id"] for row in rows), ()), status=300)
    if rows:
        return changed(state, sobject, rows[0], given, by), False
    return created(state, sobject, given | {one.name: value}, by), True


def external(sobject: SObject, name: str) -> Field:
    one = sobject.find(name)
    if one is None or not (one.external or one.name == "Id"):
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise Refused(Wrong("NOT_FOUND", message), status=404)
    return one


def by_key(state: State, sobject: SObject, key: str) -> Row:
    """The record of an id that an address names."""
    if ids.whole(key) is None:
        raise Refused(Wrong("MALFORMED_ID", f"malformed id {key}"))
    row = state.find(sobject.name, key)
    if row is None:
        raise Refused(Wrong("NOT_FOUND", "The requested resource does not exist"), status=404)
    return row
