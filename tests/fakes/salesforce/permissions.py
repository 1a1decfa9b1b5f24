"""Who may see a field: one that was made through the API is nobody's until a permission set grants it.

A person who makes a field in the org's own pages grants it there at once; `Counterpart.custom_field` does as they do.
Rights to objects are kept and not heeded.
Simplified to one view: what the integration's user was granted, everybody sees; what was granted is not taken back.
"""

from dataclasses import replace

from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.schema import Field, SObject, bare
from tests.fakes.salesforce.schema import Field as F
from tests.fakes.salesforce.state import Row, State

WATCHED = ("FieldPermissions", "PermissionSetAssignment")


def objects() -> tuple[SObject, ...]:
    return (
        bare("PermissionSet", "0PS", "Permission Set").add(
            F("Name", length=80, required=True, unique=True), F("Label", length=80, required=True), F("Description")
        ),
        bare("PermissionSetAssignment", "0Pa", "Permission Set Assignment").add(
            F("PermissionSetId", "reference", to="PermissionSet", parent="PermissionSet", required=True, update=False,
              on_delete="cascade"),
            F("AssigneeId", "reference", to="User", parent="Assignee", required=True, update=False),
        ),
        bare("FieldPermissions", "01k", "Field Permissions", "Field Permissions").add(
            F("ParentId", "reference", to="PermissionSet", parent="Parent", required=True, update=False,
              on_delete="cascade", children="FieldPerms"),
            F("SobjectType", required=True, update=False), F("Field", required=True, update=False),
            F("PermissionsRead", "boolean", default=False), F("PermissionsEdit", "boolean", default=False),
        ),
        bare("ObjectPermissions", "110", "Object Permissions", "Object Permissions").add(
            F("ParentId", "reference", to="PermissionSet", parent="Parent", required=True, update=False,
              on_delete="cascade", children="ObjectPerms"),
            F("SobjectType", required=True, update=False),
            *(F(f"Permissions{word}", "boolean", default=False)
              for word in ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")),
        ),
    )  # fmt: skip


def hidden(state: State, one: Field) -> bool:
    """A field that every record must have is seen by all; so is nothing else."""
    return state.settings.new_fields_hidden and not one.required


def checked(state: State, row: Row) -> Row:
    """A permission names an object and one of its fields, in full."""
    sobject = state.sobject(row["SobjectType"] or "")
    name = (row["Field"] or "").partition(".")[2].lower()
    if sobject is None or not (name in sobject.fields or name in sobject.hidden):
        message = f"Entity {row['SobjectType']} has no field {row['Field']}"
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", message, ("Field",)))
    if row["PermissionsEdit"] and not row["PermissionsRead"]:
        message = "Permission Edit depends on permission(s): Read"
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", message, ("PermissionsRead",)))
    return row


def watching(state: State, changed: SObject, row: Row, before: Row | None) -> None:
    """After a grant or an assignment: the fields that it brings to light."""
    if changed.name not in WATCHED:
        return
    held = {
        one["PermissionSetId"]
        for one in state.rows("PermissionSetAssignment")
        if one["AssigneeId"] == state.access.run_as
    }
    for grant in state.rows("FieldPermissions"):
        sobject = state.schema[grant["SobjectType"].lower()]
        name = grant["Field"].partition(".")[2].lower()
        if grant["ParentId"] in held and grant["PermissionsRead"] and name in sobject.hidden:
            one = sobject.hidden.pop(name)
            edit = grant["PermissionsEdit"]
            shown(state, sobject, one if edit else replace(one, create=False, update=False))


def shown(state: State, sobject: SObject, one: Field) -> None:
    """From now on it is there, empty in every record."""
    sobject.add(one)
    for key, row in state.tables[sobject.name].items():
        state.tables[sobject.name][key] = row | {one.name: one.default}
