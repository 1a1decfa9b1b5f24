"""One record: made, read, changed, deleted; and every promise that a field makes."""

from typing import Any

import pytest
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from tests.fakes.salesforce import Counterpart
from tests.fakes.salesforce_tests.conftest import Org, code, said


def test_a_record_is_made_and_read(fake: Counterpart, sf: Any) -> None:
    made = sf.Account.create({"Name": "Acme", "NumberOfEmployees": 12, "AnnualRevenue": 1000000})
    assert made == {"id": made["id"], "success": True, "errors": []}
    row = sf.Account.get(made["id"])
    assert (row["Name"], row["NumberOfEmployees"], row["AnnualRevenue"]) == ("Acme", 12, 1000000.0)
    assert (row["OwnerId"], row["CreatedById"]) == (fake.state.access.run_as,) * 2
    assert row["attributes"]["url"] == f"/services/data/v64.0/sobjects/Account/{made['id']}"
    assert row["CreatedDate"] == row["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"


def test_only_some_fields(org: Org) -> None:
    row = org.sf.Account.get(org["acme"], params={"fields": "Name,Website"})
    assert list(row) == ["attributes", "Name", "Website", "Id"]


def test_a_change_moves_the_stamp_and_says_nothing(org: Org) -> None:
    org.fake.advance(minutes=5)
    assert org.sf.Account.update(org["acme"], {"phone": "+31 20 1"}) == 204
    row = org.sf.Account.get(org["acme"][:15])
    assert (row["Phone"], row["CreatedDate"], row["SystemModstamp"]) == (
        "+31 20 1", "2026-03-02T09:00:00.000+0000", "2026-03-02T09:05:00.000+0000",
    )  # fmt: skip


def test_an_empty_text_is_none(org: Org) -> None:
    org.sf.Account.update(org["acme"], {"Website": ""})
    assert org.sf.Account.get(org["acme"])["Website"] is None


def test_a_deleted_record(org: Org) -> None:
    assert org.sf.Opportunity.delete(org["acme_team"]) == 204
    for deed in (org.sf.Opportunity.delete, lambda key: org.sf.Opportunity.update(key, {"Name": "New"})):
        with pytest.raises(SalesforceResourceNotFound) as refused:
            deed(org["acme_team"])
        assert code(refused) == (404, "ENTITY_IS_DELETED")
    with pytest.raises(SalesforceResourceNotFound) as refused:
        org.sf.Opportunity.get(org["acme_team"])
    assert code(refused) == (404, "NOT_FOUND")


def test_a_record_that_never_was(sf: Any) -> None:
    with pytest.raises(SalesforceResourceNotFound) as refused:
        sf.Account.get("001D000000IqhSLIAZ")
    assert code(refused) == (404, "NOT_FOUND")


def test_an_object_that_is_none(sf: Any) -> None:
    with pytest.raises(SalesforceResourceNotFound) as refused:
        sf.Acount.create({"Name": "Acme"})
    assert code(refused) == (404, "NOT_FOUND")


LONG = "x" * 256
DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}


@pytest.mark.parametrize(
    ("kind", "given", "wrong", "fields"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ("Opportunity", {}, "REQUIRED_FIELD_MISSING", ["Name", "StageName", "CloseDate"]),
        ("Account", {"Name": LONG}, "STRING_TOO_LONG", ["Name"]),
        ("Account", {"Name": "A", "Nmae": "B"}, "INVALID_FIELD", None),
        ("Account", {"Name": "A", "IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsDeleted"]),
        ("Account", {"Name": "A", "Id": "001D000000IqhSLIAZ"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"]),
        ("Account", {"Name": "A", "SystemModstamp": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["SystemModstamp"]),
        ("Opportunity", DEAL | {"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsWon"]),
        ("Opportunity", DEAL | {"StageName": "Nearly"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["StageName"]),
        ("Opportunity", DEAL | {"Amount": "much"}, "JSON_PARSER_ERROR", None),
        ("Opportunity", DEAL | {"CloseDate": "1 April"}, "JSON_PARSER_ERROR", None),
        ("Opportunity", DEAL | {"Amount": 10**17}, "NUMBER_OUTSIDE_VALID_RANGE", ["Amount"]),
        ("Opportunity", DEAL | {"AccountId": "nobody"}, "MALFORMED_ID", ["AccountId"]),
        ("Opportunity", DEAL | {"AccountId": "001D000000IqhSLIAZ"}, "INVALID_CROSS_REFERENCE_KEY", []),
        ("Opportunity", DEAL | {"AccountId": "003D000000IqhSLIAZ"}, "FIELD_INTEGRITY_EXCEPTION", ["AccountId"]),
        ("Contact", {"LastName": "L", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ("Account", {"Name": 5}, "JSON_PARSER_ERROR", None),
        ("Account", {"Name": "A", "NumberOfEmployees": 1.5}, "JSON_PARSER_ERROR", None),
        ("Organization", {"Name": "A"}, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", None),
    ],
)  # fmt: skip
def test_what_no_record_may_be(sf: Any, kind: str, given: dict[str, Any], wrong: str, fields: list[str] | None) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        getattr(sf, kind).create(given)
    assert code(refused) == (400, wrong)
    assert said(refused).get("fields") == fields


def test_all_that_is_wrong_is_said_at_once(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Account.create({"Name": LONG, "Nmae": "B"})
    content: Any = refused.value.content
    assert [one["errorCode"] for one in content] == ["STRING_TOO_LONG", "INVALID_FIELD"]


def test_a_validation_rule(org: Org) -> None:
    rule = org.fake.rule(
        "Opportunity", lambda row: row["IsWon"] and not row["NextStep"], "Say what is next", "NextStep"
    )
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Opportunity.update(org["acme_team"], {"StageName": "Closed Won"})
    assert said(refused) == {
        "message": "Say what is next",
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["NextStep"],
    }
    org.fake.state.rules.remove(rule)
    assert org.sf.Opportunity.update(org["acme_team"], {"StageName": "Closed Won"}) == 204


def test_a_unique_field(org: Org) -> None:
    org.sf.Account.update(org["acme"], {"Desk_Key__c": "acct_1"})
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.Account.update(org["globex"], {"Desk_Key__c": "ACCT_1"})
    assert code(refused) == (400, "DUPLICATE_VALUE")
    assert org["acme"][:15] in said(refused)["message"]


def test_a_body_that_is_no_json(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.restful("sobjects/Account", method="POST", data="{")
    assert code(refused) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize(
    ("path", "how", "status", "wrong"),
    [
        ("sobjects/Account/describe", {"method": "DELETE"}, 400, "MALFORMED_ID"),
        ("limits", {"method": "POST"}, 405, "METHOD_NOT_ALLOWED"),
        ("nothing", {}, 404, "NOT_FOUND"),
        ("query", {"params": {"q": "SELECT Id FROM User", "explain": "1"}}, 400, "COUNTERPART_UNSIMULATED"),
        ("limits", {"headers": {"Sforce-Package-Version": "1"}}, 400, "COUNTERPART_UNSIMULATED"),
        ("jobs/ingest", {}, 400, "COUNTERPART_UNSIMULATED"),
    ],
)
def test_what_is_none_of_its_addresses(sf: Any, path: str, how: dict[str, Any], status: int, wrong: str) -> None:
    with pytest.raises(SalesforceError) as refused:
        sf.restful(path, **how)
    assert code(refused) == (status, wrong)


def test_a_version_that_is_none(fake: Counterpart) -> None:
    with pytest.raises(SalesforceResourceNotFound):
        fake.client(version="12.0").limits()


def test_a_wrong_method_is_no_general_error(sf: Any) -> None:
    with pytest.raises(SalesforceGeneralError):
        sf.restful("limits", method="DELETE")


def test_describing(org: Org) -> None:
    kinds = {one["name"]: one for one in org.sf.describe()["sobjects"]}
    assert kinds["Opportunity"]["keyPrefix"] == "006"
    assert "CustomField" not in kinds
    fields = {one["name"]: one for one in org.sf.Opportunity.describe()["fields"]}
    assert [one["value"] for one in fields["StageName"]["picklistValues"]][-2:] == ["Closed Won", "Closed Lost"]
    assert (fields["IsWon"]["updateable"], fields["AccountId"]["referenceTo"]) == (False, ["Account"])
    fields = {one["name"]: one for one in org.sf.Account.describe()["fields"]}
    own = fields["Desk_Key__c"]
    assert (own["externalId"], own["unique"], own["length"], own["custom"]) == (True, True, 40, True)
    lists = {one["relationshipName"] for one in org.sf.Account.describe()["childRelationships"]}
    assert {"Opportunities", "Contacts"} <= lists
    assert org.sf.Account.metadata()["objectDescribe"]["label"] == "Account"
