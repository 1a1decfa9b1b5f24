"""Deleting: into the recycle bin with all that hangs on a record, out of it again, or for good."""

from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.records import stored
from tests.fakes.salesforce.schema import Field, SObject
from tests.fakes.salesforce.state import Row, State

REFUSED = "Your attempt to delete {} could not be completed because it is associated with the following {}.: {}"


def removed(state: State, sobject: SObject, row: Row, by: str) -> None:
    """Marks a record as deleted, and with it what cannot be without it."""
    if not sobject.delete:
        raise Refused(Wrong("INSUFFICIENT_ACCESS_OR_READONLY", f"entity type cannot be deleted: {sobject.label}"))
    if row["IsDeleted"]:
        raise Refused(Wrong("ENTITY_IS_DELETED", "entity is deleted", ()), status=404)
    _closed_won(state, sobject, row)
    spoiled = state.spoiling.wrong() if state.spoiling else None
    if spoiled:
        raise Refused(spoiled)
    with state.transaction():
        _fell(state, sobject, row, by)


def _closed_won(state: State, sobject: SObject, row: Row) -> None:
    if sobject.name != "Account":
        return
    for deal in state.rows("Opportunity"):
        if deal["AccountId"] == row["Id"] and deal["IsWon"]:
            message = f"Your attempt to delete {row['Name']} could not be completed because some opportunities in that account were closed won. The other opportunities could not be deleted."
            raise Refused(Wrong("DELETE_FAILED", message, ()))


def _fell(state: State, sobject: SObject, row: Row, by: str, root: str = "") -> None:
    """`_with` keeps what fell together, so that it comes back together."""
    root = root or row["Id"]
    stored(state, sobject, row | {"IsDeleted": True, "LastModifiedById": by, "_with": root}, row)
    for other, one in _pointing(state, sobject):
        for child in state.rows(other.name):
            if child[one.name] == row["Id"]:
                _orphaned(state, other, one, child, row, by, root)


def _pointing(state: State, sobject: SObject) -> list[tuple[SObject, Field]]:
    return [
        (other, one)
        for other in state.schema.values()
        for one in other.fields.values()
        if one.type == "reference" and one.to == sobject.name
    ]


def _orphaned(state: State, other: SObject, one: Field, child: Row, parent: Row, by: str, root: str) -> None:
    if one.on_delete == "cascade":
        current = state.tables[other.name][child["Id"]]
        if not current["IsDeleted"]:
            _fell(state, other, current, by, root)
    elif one.on_delete == "refuse" or one.required:
        message = REFUSED.format(parent.get("Name", parent["Id"]), other.plural.lower(), child.get("Name", child["Id"]))
        raise Refused(Wrong("DELETE_FAILED", message, ()))
    else:  # emptied without anybody's writing it: its stamp stays
        state.put(other, child | {one.name: None})


def merged(state: State, sobject: SObject, row: Row, master: Row, by: str) -> None:
    """Made part of another: what hung on it hangs on the other, and it lies in the recycle bin, saying whose it is now."""
    with state.transaction():
        for other, one in _pointing(state, sobject):
            for child in state.rows(other.name):
                if child[one.name] == row["Id"] and one.name != "MasterRecordId":
                    stored(state, other, child | {one.name: master["Id"], "LastModifiedById": by}, child)
        gone = {"IsDeleted": True, "MasterRecordId": master["Id"], "LastModifiedById": by, "_with": row["Id"]}
        stored(state, sobject, row | gone, row)
        stored(state, sobject, master | {"LastModifiedById": by}, master)


def restored(state: State, sobject: SObject, row: Row, by: str) -> None:
    """Out of the recycle bin, with what went into it together."""
    holders = [one for one in sobject.fields.values() if one.on_delete == "cascade" and row[one.name]]
    gone = [one for one in holders if (state.find(one.to, row[one.name]) or {"IsDeleted": True})["IsDeleted"]]
    if not row["IsDeleted"] or gone:
        raise Refused(Wrong("UNDELETE_FAILED", "Entity is not in the recycle bin", ()))
    with state.transaction():
        _rose(state, sobject, row, by)


def _rose(state: State, sobject: SObject, row: Row, by: str) -> None:
    stored(state, sobject, row | {"IsDeleted": False, "LastModifiedById": by, "_with": None}, row)
    for other, one in _pointing(state, sobject):
        for child in state.rows(other.name, deleted=True):
            together = one.on_delete == "cascade" and child.get("_with") == row["_with"]
            if child["IsDeleted"] and together and child[one.name] == row["Id"]:
                _rose(state, other, child, by)


def erased(state: State, sobject: SObject, row: Row, by: str) -> None:
    """For good: not even `queryAll` finds it."""
    if not row["IsDeleted"]:
        removed(state, sobject, row, by)
    del state.tables[sobject.name][row["Id"]]
