"""Upserts by an external id: one record, and up to 200 with each its own success or errors."""

from typing import Any

import pytest
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from tests.fakes.salesforce_tests.conftest import Org, code

KEY = "Desk_Key__c"


def _put(org: Org, value: str, **fields: Any) -> Any:
    return org.sf.Account.upsert(f"{KEY}/{value}", fields, raw_response=True)


def test_new_is_201_and_known_is_200(org: Org) -> None:
    first, second = _put(org, "acct_1", Name="Umbrella"), _put(org, "acct_1", Phone="1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"id": first.json()["id"], "success": True, "errors": [], "created": True}
    assert second.json() == first.json() | {"created": False}
    row = org.sf.Account.get_by_custom_id(KEY, "ACCT_1")
    assert (row["Name"], row["Phone"], row[KEY]) == ("Umbrella", "1", "acct_1")


def test_a_key_with_letters_of_all_kinds(org: Org) -> None:
    _put(org, "a%2Fb%20c%C3%A9", Name="Odd")
    assert org.names(f"SELECT Name FROM Account WHERE {KEY} = 'a/b cé'") == ["Odd"]


def test_several_with_the_key_are_300_and_their_addresses(org: Org) -> None:
    org.fake.custom_field("Account.Code__c", externalId=True)
    keys = [org.fake.add("Account", Name=name, Code__c="twice") for name in ("A", "B")]
    for deed in (lambda: org.sf.Account.upsert("Code__c/twice", {"Name": "C"}),
                 lambda: org.sf.Account.get_by_custom_id("Code__c", "twice")):  # fmt: skip
        with pytest.raises(SalesforceMoreThanOneRecord) as refused:
            deed()
        assert refused.value.content == [f"/services/data/v64.0/sobjects/Account/{key}" for key in keys]


@pytest.mark.parametrize("name", ["Website", "Nothing__c"])
def test_only_by_external_ids(org: Org, name: str) -> None:
    with pytest.raises(SalesforceResourceNotFound) as refused:
        org.sf.Account.upsert(f"{name}/x", {"Name": "A"})
    assert code(refused) == (404, "NOT_FOUND")


@pytest.mark.parametrize("field", [KEY, "Id"])
def test_the_key_stands_in_the_address_only(org: Org, field: str) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="should not be specified in the sobject data"):
        _put(org, "acct_1", Name="A", **{field: "acct_1"})


def test_deleting_by_the_key(org: Org) -> None:
    _put(org, "acct_1", Name="Umbrella")
    assert org.sf.Account.delete(f"{KEY}/acct_1") == 204
    with pytest.raises(SalesforceResourceNotFound):
        org.sf.Account.get_by_custom_id(KEY, "acct_1")
    assert _put(org, "acct_1", Name="Again").status_code == 201  # what is in the bin holds no key


def _many(org: Org, *records: dict[str, Any], whole: bool = False, kind: str = "Account") -> list[dict[str, Any]]:
    body = {"allOrNone": whole, "records": [{"attributes": {"type": kind}} | one for one in records]}
    said = org.sf.restful(f"composite/sobjects/Account/{KEY}", method="PATCH", json=body)
    return [dict(one) for one in said]


def _codes(said: list[dict[str, Any]]) -> list[list[str]]:
    return [[error["statusCode"] for error in one["errors"]] for one in said]


def test_many_at_once_in_their_order(org: Org) -> None:
    _put(org, "b", Name="B")
    said = _many(org, {KEY: "a", "Name": "A"}, {KEY: "b", "Name": "B2"}, {KEY: "c"}, {"Name": "D"})
    assert [(one["success"], one.get("created")) for one in said] == [
        (True, True), (True, False), (False, None), (False, None),
    ]  # fmt: skip
    assert _codes(said) == [[], [], ["REQUIRED_FIELD_MISSING"], ["MISSING_ARGUMENT"]]
    assert said[2]["errors"][0]["fields"] == ["Name"]
    assert org.names(f"SELECT Name FROM Account WHERE {KEY} != null ORDER BY Name") == ["A", "B2"]


def test_all_or_none(org: Org) -> None:
    said = _many(org, {KEY: "a", "Name": "A"}, {KEY: "b"}, whole=True)
    assert _codes(said) == [["ALL_OR_NONE_OPERATION_ROLLED_BACK"], ["REQUIRED_FIELD_MISSING"]]
    assert org.names(f"SELECT Name FROM Account WHERE {KEY} != null") == []


def test_a_key_only_once_and_no_ids(org: Org) -> None:
    said = _many(org, {KEY: "a", "Name": "A"}, {KEY: "A", "Name": "A2"}, {KEY: "b", "Name": "B", "Id": org["acme"]})
    assert _codes(said) == [["DUPLICATE_VALUE"], ["DUPLICATE_VALUE"], ["INVALID_FIELD"]]


def test_one_object_at_a_time(org: Org) -> None:
    assert _codes(_many(org, {KEY: "a", "Name": "A"}, kind="Contact")) == [["INVALID_TYPE"]]


def test_not_more_than_200(org: Org) -> None:
    records = [{KEY: f"k{place}", "Name": "A"} for place in range(201)]
    assert all(one["success"] for one in _many(org, *records[:200]))
    with pytest.raises(SalesforceMalformedRequest) as refused:
        _many(org, *records)
    assert code(refused) == (400, "EXCEEDED_ID_LIMIT")


def test_a_parent_by_its_external_id(org: Org) -> None:
    _put(org, "acct_1", Name="Umbrella")
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-04-01"}
    made = org.sf.Opportunity.create(deal | {"Account": {KEY: "acct_1"}})
    assert org.sf.Opportunity.get(made["id"])["AccountId"] == org.sf.Account.get_by_custom_id(KEY, "acct_1")["Id"]
    with pytest.raises(SalesforceMalformedRequest, match="Foreign key external ID: acct_2 not found for field"):
        org.sf.Opportunity.create(deal | {"Account": {KEY: "acct_2"}})


def _collection(org: Org, method: str, records: list[dict[str, Any]]) -> Any:
    body = {"records": [{"attributes": {"type": "Account"}} | one for one in records]}
    return org.sf.restful("composite/sobjects", method=method, json=body)


def test_collections_without_a_key(org: Org) -> None:
    made = _collection(org, "POST", [{"Name": "A"}, {"Name": "B", "Nmae": "C"}])
    assert _codes(made) == [[], ["INVALID_FIELD"]]
    key = made[0]["id"]
    said = _collection(org, "PATCH", [{"id": key, "Phone": "1"}, {"Phone": "2"}, {"id": "001D000000IqhSLIAZ"}])
    assert _codes(said) == [[], ["MISSING_ARGUMENT"], ["INVALID_CROSS_REFERENCE_KEY"]]
    read = org.sf.restful("composite/sobjects/Account", {"ids": f"{key},001D000000IqhSLIAZ", "fields": "Phone"})
    assert (read[0]["Phone"], read[1]) == ("1", None)
    read = org.sf.restful("composite/sobjects/Account", method="POST", json={"ids": [key], "fields": ["Name"]})
    assert read[0]["Name"] == "A"
    gone = org.sf.restful("composite/sobjects", {"ids": f"{key},nobody", "allOrNone": "false"}, "DELETE")
    assert _codes(gone) == [[], ["MALFORMED_ID"]]


def test_records_of_several_objects_come_in_ten_runs_at_most(org: Org) -> None:
    company = {"attributes": {"type": "Account"}, "Name": "A"}
    person = {"attributes": {"type": "Contact"}, "LastName": "B"}
    said = org.sf.restful("composite/sobjects", method="POST", json={"records": [company, person] * 5})
    assert {one["id"][:3] for one in said} == {"001", "003"}
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.sf.restful("composite/sobjects", method="POST", json={"records": [company, person] * 6})
    assert code(refused) == (400, "LIMIT_EXCEEDED")


def test_a_body_of_another_form(org: Org) -> None:
    with pytest.raises(SalesforceMalformedRequest, match=r"Unrecognized field \\?\"AllOrNone"):
        org.sf.restful("composite/sobjects", method="POST", json={"AllOrNone": True, "records": []})
    with pytest.raises(SalesforceMalformedRequest, match="Missing required field: records"):
        org.sf.restful("composite/sobjects", method="POST", json={})


def test_the_client_turns_an_empty_answer_into_none(org: Org) -> None:
    assert org.sf.restful("composite/sobjects", method="POST", json={"records": []}) is None
