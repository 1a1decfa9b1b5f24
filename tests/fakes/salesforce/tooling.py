"""Setting an org up: custom objects and custom fields, as the Tooling API takes them."""

import re
from typing import Any

from tests.fakes.salesforce import permissions
from tests.fakes.salesforce.errors import Refused, Wrong, missing, unsimulated
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.schema import Field, SObject, owned
from tests.fakes.salesforce.state import Row, State, named

TYPES = {
    "Text": "string", "Number": "double", "Checkbox": "boolean", "Date": "date", "DateTime": "datetime",
    "Currency": "currency", "Percent": "percent", "TextArea": "textarea", "LongTextArea": "textarea", "Url": "url",
    "Email": "email", "Phone": "phone", "Picklist": "picklist", "Lookup": "reference", "MasterDetail": "reference",
}  # fmt: skip
KNOWN = {
    "type", "label", "length", "required", "unique", "externalId", "caseSensitive", "precision", "scale", "valueSet",
    "referenceTo", "relationshipName", "relationshipLabel", "defaultValue", "description", "inlineHelpText",
    "visibleLines", "deleteConstraint", "fullName", "writeRequiresMasterRead", "reparentableMasterDetail",
    "relationshipOrder", "trackHistory", "trackTrending",
}  # fmt: skip
OF_OBJECTS = {"label", "pluralLabel", "nameField", "deploymentStatus", "sharingModel", "description", "fullName"}
NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c\Z")


@route("POST", "/tooling/sobjects/{object}")
def create(call: Call) -> Reply:
    form = call.form(need=("FullName", "Metadata"))
    kind = named(call.state, call["object"], tooling=True)
    if not isinstance(form["FullName"], str) or not isinstance(form["Metadata"], dict):
        raise Refused(Wrong("JSON_PARSER_ERROR", "FullName has to be a word, Metadata an object"))
    make = field_made if kind.name == "CustomField" else object_made
    row = make(call.state, form["FullName"], form["Metadata"], call.by)
    return Reply(201, {"id": row["Id"], "success": True, "errors": [], "warnings": [], "infos": []})


@route("GET", "/tooling/sobjects/{object}/{id}")
def retrieve(call: Call) -> Reply:
    kind = named(call.state, call["object"], tooling=True)
    row = call.state.find(kind.name, call["id"])
    if row is None:
        raise missing()
    url = f"{call.root}/tooling/sobjects/{kind.name}/{row['Id']}"
    shown = {name: row[name] for name in ("Id", "DeveloperName", "FullName", "NamespacePrefix")}
    return Reply(body={"attributes": {"type": kind.name, "url": url}} | shown)


@route("DELETE", "/tooling/sobjects/{object}/{id}")
def delete(call: Call) -> Reply:
    """A field goes with all its values."""
    kind = named(call.state, call["object"], tooling=True)
    row = call.state.find(kind.name, call["id"])
    if row is None or kind.name != "CustomField":
        raise missing() if row is None else unsimulated("deleting custom objects")
    holder, _, name = row["FullName"].partition(".")
    sobject = named(call.state, holder)
    sobject.hidden.pop(name.lower(), None)
    sobject.fields.pop(name.lower(), None)
    for key, record in list(call.state.tables[sobject.name].items()):
        rest = {field: value for field, value in record.items() if field != name}
        call.state.tables[sobject.name][key] = rest
    del call.state.tables[kind.name][row["Id"]]
    return Reply(204)


def field_made(state: State, full: str, meta: dict[str, Any], by: str, *, seen: bool = False) -> Row:
    """A new field: seen by all at once, or by nobody until it is granted."""
    holder, _, name = full.partition(".")
    sobject = named(state, holder)
    if not NAME.match(name):
        raise Refused(
            Wrong("FIELD_INTEGRITY_EXCEPTION", f"The name {name} is not one of a custom field", ("FullName",))
        )
    if sobject.find(name) or name.lower() in sobject.hidden:
        message = f"There is already a field named {name.removesuffix('__c')} on {sobject.label}."
        raise Refused(Wrong("DUPLICATE_DEVELOPER_NAME", message, ("DeveloperName",)))
    one = understood(state, name, meta)
    if not seen and permissions.hidden(state, one):
        sobject.hidden[name.lower()] = one
    else:
        permissions.shown(state, sobject, one)
    return _noted(state, "CustomField", name, full, by, {"TableEnumOrId": sobject.name})


def understood(state: State, name: str, meta: dict[str, Any]) -> Field:
    whole = ("length", "precision", "scale")
    if not isinstance(meta, dict) or not all(isinstance(meta.get(name, 0), int) for name in whole):
        raise Refused(Wrong("JSON_PARSER_ERROR", "Metadata has to be an object, and its lengths whole numbers"))
    unknown = sorted(set(meta) - KNOWN)
    if unknown:
        raise Refused(Wrong("JSON_PARSER_ERROR", f"No such column '{unknown[0]}' on sobject of type CustomField"))
    kind = meta.get("type")
    if kind not in TYPES:
        raise unsimulated(f"custom fields of type {kind}")
    if not meta.get("label"):
        raise Refused(Wrong("REQUIRED_FIELD_MISSING", "Required fields are missing: [Label]", ("Label",)))
    if kind == "Text" and not 1 <= int(meta.get("length") or 0) <= 255:
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", "Can not specify 'length' outside of 1 to 255", ("Length",)))
    more: dict[str, Any] = {}
    if TYPES[kind] == "reference":
        more = _relation(state, name, meta, kind)
    default = meta.get("defaultValue")
    if kind == "Checkbox":
        default = str(default).lower() == "true"
    choices = (meta.get("valueSet") or {}).get("valueSetDefinition", {}).get("value", [])
    return Field(
        name, TYPES[kind], meta["label"], length=int(meta.get("length") or 255),
        required=bool(meta.get("required")) or kind == "MasterDetail", unique=bool(meta.get("unique")),
        external=bool(meta.get("externalId")), cased=bool(meta.get("caseSensitive")),
        values=tuple(one.get("valueName") or one.get("fullName") for one in choices),
        restricted=bool((meta.get("valueSet") or {}).get("restricted")), default=default,
        precision=int(meta.get("precision") or 18), scale=int(meta.get("scale") or 0), **more,
    )  # fmt: skip


def _relation(state: State, name: str, meta: dict[str, Any], kind: str) -> dict[str, Any]:
    target = state.sobject(meta.get("referenceTo") or "")
    if target is None:
        message = f"referenceTo value of '{meta.get('referenceTo')}' does not resolve to a valid sObject type"
        raise Refused(Wrong("FIELD_INTEGRITY_EXCEPTION", message, ("ReferenceTo",)))
    listed = meta.get("relationshipName")
    deleting = "cascade" if kind == "MasterDetail" or meta.get("deleteConstraint") == "Cascade" else "clear"
    deleting = "refuse" if meta.get("deleteConstraint") == "Restrict" else deleting
    parent = name.removesuffix("__c") + "__r"
    return {"to": target.name, "parent": parent, "children": f"{listed}__r" if listed else "", "on_delete": deleting}


def object_made(state: State, full: str, meta: dict[str, Any], by: str) -> Row:
    """A new object with a name of text; its other fields come one by one."""
    unknown = sorted(set(meta) - OF_OBJECTS)
    if unknown:
        raise Refused(Wrong("JSON_PARSER_ERROR", f"No such column '{unknown[0]}' on sobject of type CustomObject"))
    if not NAME.match(full) or not meta.get("label") or not meta.get("pluralLabel"):
        raise Refused(Wrong("REQUIRED_FIELD_MISSING", "A custom object needs a name that ends in __c, a label, a pluralLabel"))  # fmt: skip
    if (meta.get("nameField") or {}).get("type", "Text") != "Text":
        raise unsimulated("names of custom objects that are numbered")
    if state.sobject(full):
        raise Refused(
            Wrong("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {full}.", ("DeveloperName",))
        )
    made: SObject = owned(full, _prefix(state), meta["label"], meta["pluralLabel"])
    made.add(Field("Name", length=80, label=(meta.get("nameField") or {}).get("label", "")))
    state.schema[full.lower()] = made
    return _noted(state, "CustomObject", full, full, by, {})


def _prefix(state: State) -> str:
    return f"a{sum(one.custom for one in state.schema.values()):02d}"


def _noted(state: State, kind: str, name: str, full: str, by: str, more: Row) -> Row:
    now = state.clock.now()
    return state.put(state.schema[kind.lower()], {
        "Id": state.ids(state.schema[kind.lower()].prefix), "IsDeleted": False, "CreatedDate": now, "CreatedById": by,
        "LastModifiedDate": now, "LastModifiedById": by, "SystemModstamp": now,
        "DeveloperName": name.removesuffix("__c"), "NamespacePrefix": None, "FullName": full, **more,
    })  # fmt: skip
