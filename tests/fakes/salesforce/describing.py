"""What objects there are and what fields they have, as far as anybody's setting up asks."""

from typing import Any

from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.schema import NUMBERS, TEXTS, Field, SObject
from tests.fakes.salesforce.state import State, named

SOAP = {"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date",
        "datetime": "xsd:dateTime"}  # fmt: skip


@route("GET", "/sobjects")
def describe_global(call: Call) -> Reply:
    kinds = [summary(one, call.root) for one in call.state.schema.values() if not one.tooling]
    return Reply(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": kinds})


@route("GET", "/sobjects/{object}")
def describe_short(call: Call) -> Reply:
    return Reply(body={"objectDescribe": summary(named(call.state, call["object"]), call.root), "recentItems": []})


@route("GET", "/sobjects/{object}/describe")
def describe(call: Call) -> Reply:
    sobject = named(call.state, call["object"])
    fields = [described(call.state, one) for one in sobject.fields.values()]
    return Reply(
        body=summary(sobject, call.root) | {"fields": fields, "childRelationships": _children(call.state, sobject)}
    )


def summary(sobject: SObject, root: str) -> dict[str, Any]:
    at = f"{root}/sobjects/{sobject.name}"
    return {
        "name": sobject.name, "label": sobject.label, "labelPlural": sobject.plural, "keyPrefix": sobject.prefix,
        "custom": sobject.custom, "createable": sobject.create, "updateable": sobject.update,
        "deletable": sobject.delete, "undeletable": sobject.delete, "queryable": True, "retrieveable": True,
        "replicateable": True, "searchable": False, "customSetting": False, "deprecatedAndHidden": False,
        "urls": {"sobject": at, "describe": f"{at}/describe", "rowTemplate": f"{at}/{{ID}}"},
    }  # fmt: skip


def described(state: State, one: Field) -> dict[str, Any]:
    texts, numbers = one.type in TEXTS, one.type in NUMBERS
    return {
        "name": one.name, "label": one.said, "type": one.type, "custom": one.custom, "nillable": not one.required
        and one.type != "boolean", "createable": one.create, "updateable": one.update, "unique": one.unique,
        "externalId": one.external, "idLookup": one.external or one.type == "id", "caseSensitive": one.cased,
        "length": one.length if texts or one.type == "id" else 18 if one.type == "reference" else 0,
        "precision": one.precision if numbers and one.type != "int" else 0,
        "scale": one.scale if numbers and one.type != "int" else 0, "digits": 9 if one.type == "int" else 0,
        "filterable": one.filterable, "sortable": one.filterable, "groupable": False,
        "referenceTo": [one.to] if one.to else [], "relationshipName": one.parent or None,
        "restrictedPicklist": one.type == "picklist" and one.restricted, "calculated": False,
        "defaultedOnCreate": one.default is not None or one.type == "boolean", "defaultValue": one.default,
        "picklistValues": [_choice(value) for value in _choices(state, one)], "inlineHelpText": None,
        "soapType": SOAP.get(one.type, "xsd:double" if numbers else "xsd:string"),
    }  # fmt: skip


def _choices(state: State, one: Field) -> list[str]:
    if one.name == "StageName":
        rows = sorted(state.rows("OpportunityStage"), key=lambda row: row["SortOrder"])
        return [row["MasterLabel"] for row in rows if row["IsActive"]]
    return list(one.values)


def _choice(value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _children(state: State, sobject: SObject) -> list[dict[str, Any]]:
    return [
        {
            "childSObject": other.name, "field": one.name, "relationshipName": one.children or None,
            "cascadeDelete": one.on_delete == "cascade", "restrictedDelete": one.on_delete == "refuse",
            "deprecatedAndHidden": False,
        }
        for other in state.schema.values()
        for one in other.fields.values()
        if one.to == sobject.name
    ]  # fmt: skip
