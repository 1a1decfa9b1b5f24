"""Setting an org up through the Tooling API: fields and objects that were not there before."""

from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.fakes.salesforce_tests.conftest import Org, code

FIELD = {"type": "Text", "label": "Desk plan", "length": 80}


def _field(org: Org, full: str, **meta: Any) -> Any:
    return org.sf.toolingexecute("sobjects/CustomField", "POST", {"FullName": full, "Metadata": FIELD | meta})


@pytest.fixture
def open_org(org: Org) -> Org:
    """One whose new fields everybody sees."""
    org.fake.settings.new_fields_hidden = False
    return org


def _granted(org: Org, *fields: str, edit: bool = True) -> None:
    """As the desk's own setting up has to do it."""
    key = org.sf.PermissionSet.create({"Name": "Desk", "Label": "Desk"})["id"]
    for field in fields:
        org.sf.FieldPermissions.create({
            "ParentId": key, "SobjectType": "Account", "Field": f"Account.{field}", "PermissionsRead": True,
            "PermissionsEdit": edit,
        })  # fmt: skip
    org.sf.PermissionSetAssignment.create({"PermissionSetId": key, "AssigneeId": org.fake.state.access.run_as})


def test_a_field_made_here_is_nobodys_until_it_is_granted(org: Org) -> None:
    _field(org, "Account.Desk_Plan__c", externalId=True)
    assert "Desk_Plan__c" not in [one["name"] for one in org.sf.Account.describe()["fields"]]
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Desk_Plan__c'"):
        org.sf.query("SELECT Desk_Plan__c FROM Account")
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Desk_Plan__c'"):
        org.sf.Account.update(org["acme"], {"Desk_Plan__c": "Team"})
    _granted(org, "Desk_Plan__c")
    assert org.sf.Account.update(org["acme"], {"Desk_Plan__c": "Team"}) == 204
    assert org.sf.Account.upsert("Desk_Plan__c/Team", {"Phone": "1"}) == 200


def test_a_field_granted_for_reading(org: Org) -> None:
    _field(org, "Account.Desk_Plan__c")
    _granted(org, "Desk_Plan__c", edit=False)
    assert org.sf.Account.get(org["acme"])["Desk_Plan__c"] is None
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Account.update(org["acme"], {"Desk_Plan__c": "Team"})
    assert code(refused) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_field_that_is_none_is_not_granted(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        _granted(org, "Nothing__c")
    assert code(refused) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_required_field_is_everybodys(org: Org) -> None:
    _field(org, "Contact.Must__c", required=True)
    with pytest.raises(SalesforceMalformedRequest, match=r"Required fields are missing: \[Must__c\]"):
        org.sf.Contact.create({"LastName": "A"})


def test_a_new_field_is_there_at_once_and_empty(open_org: Org) -> None:
    org = open_org
    made = _field(org, "Account.Desk_Plan__c")
    assert made["success"] is True
    assert org.sf.Account.get(org["acme"])["Desk_Plan__c"] is None
    org.sf.Account.update(org["acme"], {"desk_plan__c": "Team"})
    assert org.names("SELECT Name FROM Account WHERE Desk_Plan__c = 'team'") == ["Acme Industries"]


def test_what_fields_there_are(org: Org) -> None:
    soql = "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Account'"
    (row,) = org.sf.toolingexecute(f"query?q={soql.replace(' ', '+')}")["records"]
    assert row["DeveloperName"] == "Desk_Key"
    shown = org.sf.toolingexecute(f"sobjects/CustomField/{row['Id']}")
    assert shown["FullName"] == "Account.Desk_Key__c"


def test_a_field_is_taken_away_with_its_values(open_org: Org) -> None:
    org = open_org
    key = _field(org, "Account.Desk_Plan__c")["id"]
    org.sf.toolingexecute(f"sobjects/CustomField/{key}", "DELETE")
    assert "Desk_Plan__c" not in org.sf.Account.get(org["acme"])
    assert _field(org, "Account.Desk_Plan__c")["success"] is True


def test_an_object_with_fields_and_an_external_id(open_org: Org) -> None:
    org = open_org
    meta = {"label": "Entitlement", "pluralLabel": "Entitlements", "nameField": {"type": "Text", "label": "Feature"},
            "deploymentStatus": "Deployed", "sharingModel": "ReadWrite"}  # fmt: skip
    org.sf.toolingexecute("sobjects/CustomObject", "POST", {"FullName": "Entitlement__c", "Metadata": meta})
    _field(org, "Entitlement__c.Key__c", externalId=True, unique=True)
    how = {"type": "MasterDetail", "referenceTo": "Account", "relationshipName": "Entitlements"}
    _field(org, "Entitlement__c.Account__c", **how)
    org.fake.edit(org["acme"], Desk_Key__c="a")
    record = {
        "attributes": {"type": "Entitlement__c"},
        "Key__c": "a:seats",
        "Name": "seats",
        "Account__r": {"Desk_Key__c": "a"},
    }
    said = org.sf.restful("composite/sobjects/Entitlement__c/Key__c", method="PATCH", json={"records": [record]})
    assert (said[0]["created"], said[0]["id"][:3]) == (True, "a00")
    org.sf.Account.delete(org["acme"])
    assert org.sf.query("SELECT COUNT() FROM Entitlement__c")["totalSize"] == 0


@pytest.mark.parametrize(
    ("meta", "good", "bad"),
    [
        ({"type": "Number", "precision": 5, "scale": 2}, 123.456, 1000),
        ({"type": "Checkbox", "defaultValue": "false"}, True, "perhaps"),
        ({"type": "Date"}, "2026-04-01", "1/4"),
        ({"type": "DateTime"}, "2026-04-01T10:00:00+02:00", "soon"),
        ({"type": "LongTextArea", "length": 1000}, "x" * 1000, "x" * 1001),
        ({"type": "Picklist", "valueSet": {"restricted": True, "valueSetDefinition": {"value": [{"valueName": "one"}]}}}, "one", "two"),
        ({"type": "Percent", "precision": 5, "scale": 2}, "12.5", "half"),
        ({"type": "Url"}, "https://example.com", 5),
    ],
)  # fmt: skip
def test_kinds_of_fields(open_org: Org, meta: dict[str, Any], good: Any, bad: Any) -> None:
    org = open_org
    _field(org, "Account.Own__c", **meta)
    assert org.sf.Account.update(org["acme"], {"Own__c": good}) == 204
    with pytest.raises(SalesforceMalformedRequest):
        org.sf.Account.update(org["acme"], {"Own__c": bad})


def test_how_values_come_back(open_org: Org) -> None:
    org = open_org
    for name, kind in (("N__c", {"type": "Number", "precision": 5, "scale": 2}), ("T__c", {"type": "DateTime"})):
        _field(org, f"Account.{name}", **kind)
    org.sf.Account.update(org["acme"], {"N__c": 123.456, "T__c": "2026-04-01T10:00:00+02:00"})
    row = org.sf.Account.get(org["acme"])
    assert (row["N__c"], row["T__c"]) == (123.46, "2026-04-01T08:00:00.000+0000")


@pytest.mark.parametrize(
    ("full", "meta", "wrong"),
    [
        ("Account.Desk_Key__c", {}, "DUPLICATE_DEVELOPER_NAME"),
        ("Account.Plan", {}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account.Plan__c", {"length": 0}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account.Plan__c", {"label": ""}, "REQUIRED_FIELD_MISSING"),
        ("Account.Plan__c", {"formula": "1 + 1"}, "JSON_PARSER_ERROR"),
        ("Account.Plan__c", {"type": "Location"}, "COUNTERPART_UNSIMULATED"),
        ("Account.Plan__c", {"type": "Lookup", "referenceTo": "Nothing"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_what_no_field_may_be(org: Org, full: str, meta: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        _field(org, full, **meta)
    assert code(refused) == (400, wrong)
