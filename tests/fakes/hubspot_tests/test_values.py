"""Values that do not fit are refused in HubSpot's own form; those that do are kept as HubSpot keeps them."""

import json
from typing import Any

import pytest
from hubspot.crm.companies.exceptions import ApiException

from tests.fakes.hubspot_tests.conftest import Portal


def _own(hubspot: Any, name: str, kind: str, field: str, options: tuple[str, ...] = ()) -> None:
    given = {"name": name, "label": name, "type": kind, "fieldType": field, "groupName": "companyinformation"}
    listed = [{"label": one, "value": one, "displayOrder": 0, "hidden": False} for one in options]
    hubspot.crm.properties.core_api.create("companies", given | ({"options": listed} if options else {}))


def _refusal(hubspot: Any, **values: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    with pytest.raises(ApiException) as refused:
        hubspot.crm.companies.basic_api.create({"properties": values})
    assert refused.value.status == 400
    body = json.loads(refused.value.body)
    assert body["category"] == "VALIDATION_ERROR"
    return body, json.loads(body["message"].partition(": ")[2])


def test_an_unknown_property_is_refused_in_both_forms(hubspot: Any) -> None:
    body, (one,) = _refusal(hubspot, name="Halden", nonsense="1")
    assert one["error"] == "PROPERTY_DOESNT_EXIST"
    assert (one["name"], one["isValid"], one["portalId"]) == ("nonsense", False, 48151623)
    (error,) = body["errors"]
    assert (error["code"], error["context"]) == ("PROPERTY_DOESNT_EXIST", {"propertyName": ["nonsense"]})
    assert body["correlationId"]


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(hubspot: Any) -> None:
    _, wrong = _refusal(hubspot, numberofemployees="many", lifecyclestage="friend", hs_object_id="1")
    assert [one["error"] for one in wrong] == ["INVALID_NUMBER", "INVALID_OPTION", "READ_ONLY_VALUE"]
    assert hubspot.crm.companies.basic_api.get_page().results == []


@pytest.mark.parametrize(
    ("kind", "field", "given", "kept"),
    [
        ("number", "number", 12.5, "12.5"),
        ("bool", "booleancheckbox", True, "true"),
        ("bool", "booleancheckbox", "FALSE", "false"),
        ("date", "date", "2026-03-31", "2026-03-31"),
        ("date", "date", "1774915200000", "2026-03-31"),
        ("datetime", "date", "1772442000123", "2026-03-02T09:00:00.123Z"),
        ("datetime", "date", "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00Z"),
        ("string", "text", "Zoë €", "Zoë €"),
    ],
)
def test_values_are_kept_as_text(hubspot: Any, kind: str, field: str, given: Any, kept: str) -> None:
    _own(hubspot, "own", kind, field)
    made = hubspot.crm.companies.basic_api.create({"properties": {"own": given}})
    assert made.properties["own"] == kept


@pytest.mark.parametrize(
    ("kind", "field", "given", "code"),
    [
        ("number", "number", "1,5", "INVALID_NUMBER"),
        ("bool", "booleancheckbox", "yes", "INVALID_OPTION"),
        ("date", "date", "1774915200001", "INVALID_DATE"),
        ("date", "date", "31-03-2026", "INVALID_DATE"),
        ("datetime", "date", "tomorrow", "INVALID_DATE"),
        ("string", "text", "x" * 65_537, "INVALID_LENGTH"),
    ],
)
def test_values_that_do_not_fit(hubspot: Any, kind: str, field: str, given: str, code: str) -> None:
    _own(hubspot, "own", kind, field)
    _, (one,) = _refusal(hubspot, own=given)
    assert one["error"] == code


def test_several_options_of_one_property(hubspot: Any) -> None:
    _own(hubspot, "sites", "enumeration", "checkbox", ("oslo", "kiel", "leeds"))
    api = hubspot.crm.companies.basic_api
    assert api.create({"properties": {"sites": "oslo;leeds"}}).properties["sites"] == "oslo;leeds"
    _, (one,) = _refusal(hubspot, sites="oslo;rome")
    assert one["message"] == "rome was not one of the allowed options: [oslo, kiel, leeds]"


def test_a_unique_value_is_somebody_elses(portal: Portal) -> None:
    from tests.fakes.hubspot_tests.conftest import external_id

    external_id(portal.hubspot)
    api = portal.hubspot.crm.companies.basic_api
    api.update(portal.company.id, {"properties": {"ent_account_id": "acct_1"}})
    with pytest.raises(ApiException) as refused:
        api.update(portal.other.id, {"properties": {"ent_account_id": "acct_1"}})
    said = json.loads(refused.value.body)
    assert said["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    assert f"{portal.company.id} already has that value" in said["message"]
    api.update(portal.company.id, {"properties": {"ent_account_id": ""}})
    assert api.update(portal.other.id, {"properties": {"ent_account_id": "acct_1"}}).id == portal.other.id


def test_two_contacts_of_one_address(hubspot: Any) -> None:
    from hubspot.crm.contacts.exceptions import ApiException as OfContacts

    first = hubspot.crm.contacts.basic_api.create({"properties": {"email": "ada@example.com"}})
    with pytest.raises(OfContacts) as refused:
        hubspot.crm.contacts.basic_api.create({"properties": {"email": "ADA@example.com"}})
    said = json.loads(refused.value.body)
    assert (refused.value.status, said["category"]) == (409, "CONFLICT")
    assert said["message"] == f"Contact already exists. Existing ID: {first.id}"


def test_a_body_of_another_form_is_refused(hubspot: Any) -> None:
    api = hubspot.crm.companies.basic_api
    for body, words in (
        ({"properties": {}, "name": "Halden"}, "unknown field name"),
        ({"name": "Halden"}, "unknown field name"),
        ({"properties": "Halden"}, "properties must be an object"),
        ({"associations": []}, "required field properties is not set"),
    ):
        with pytest.raises(ApiException, match=words):
            api.create(body)


def test_owners_are_checked(portal: Portal) -> None:
    owner = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    api = portal.hubspot.crm.companies.basic_api
    assert api.update(portal.company.id, {"properties": {"hubspot_owner_id": owner["id"]}}).id == portal.company.id
    with pytest.raises(ApiException, match="INVALID_OPTION"):
        api.update(portal.company.id, {"properties": {"hubspot_owner_id": "12"}})
