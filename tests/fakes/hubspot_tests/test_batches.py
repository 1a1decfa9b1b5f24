"""Many records in one request: whole, in part, by a unique property, and what is refused."""

import json
from typing import Any

import pytest
from hubspot.crm.companies import (
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchResponseSimplePublicUpsertObjectWithErrors,
    SimplePublicObjectBatchInputUpsert,
)
from hubspot.crm.companies.exceptions import ApiException

from tests.fakes.hubspot_tests.conftest import Portal, external_id


def _upserted(hubspot: Any, *given: tuple[str, dict[str, Any]], by: str = "ent_account_id") -> Any:
    inputs = [SimplePublicObjectBatchInputUpsert(id=key, id_property=by, properties=values) for key, values in given]
    return hubspot.crm.companies.batch_api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))


def test_an_upsert_makes_and_then_changes(hubspot: Any) -> None:
    external_id(hubspot)
    first = _upserted(hubspot, ("acct_1", {"name": "Halden"}), ("acct_2", {"name": "Marisol"}))
    assert [one.new for one in first.results] == [True, True]
    again = _upserted(hubspot, ("acct_2", {"name": "Marisol Foods"}), ("acct_3", {"name": "Quill"}))
    assert [one.new for one in again.results] == [False, True]
    assert again.results[0].id == first.results[1].id
    assert again.results[0].properties["ent_account_id"] == "acct_2"


def test_an_upsert_that_partly_fails_is_told_and_not_raised(hubspot: Any) -> None:
    external_id(hubspot)
    said = _upserted(hubspot, ("acct_1", {"numberofemployees": "many"}), ("acct_2", {"name": "Marisol"}))
    assert isinstance(said, BatchResponseSimplePublicUpsertObjectWithErrors)
    assert (said.num_errors, said.status) == (1, "COMPLETE")
    (error,) = said.errors
    assert (error.category, error.context) == ("VALIDATION_ERROR", {"ids": ["acct_1"]})
    assert "INVALID_NUMBER" in error.message
    assert [one.properties["name"] for one in said.results] == ["Marisol"]


def test_one_id_twice_is_refused_whole(hubspot: Any) -> None:
    external_id(hubspot)
    with pytest.raises(ApiException, match=r"Duplicate IDs found in batch input: \[acct_1\]"):
        _upserted(hubspot, ("acct_1", {"name": "a"}), ("acct_1", {"name": "b"}))
    assert hubspot.crm.companies.basic_api.get_page().results == []


def test_more_than_a_hundred_are_refused(hubspot: Any) -> None:
    external_id(hubspot)
    many = [(f"acct_{number}", {"name": "a"}) for number in range(101)]
    with pytest.raises(ApiException, match="Received 101"):
        _upserted(hubspot, *many)
    assert len(_upserted(hubspot, *many[:100]).results) == 100


@pytest.mark.parametrize(
    ("by", "words"), [("name", "non-unique 0-2 property name in portal ID 48151623"), ("nonsense", "does not exist")]
)
def test_only_by_a_unique_property(hubspot: Any, by: str, words: str) -> None:
    with pytest.raises(ApiException, match=words):
        _upserted(hubspot, ("Halden", {}), by=by)


def test_creates_stand_or_fall_together(hubspot: Any) -> None:
    batch = hubspot.crm.companies.batch_api
    made = batch.create({"inputs": [{"properties": {"name": "Halden"}}, {"properties": {"name": "Marisol"}}]})
    assert [one.properties["name"] for one in made.results] == ["Halden", "Marisol"]
    with pytest.raises(ApiException, match="PROPERTY_DOESNT_EXIST"):
        batch.create({"inputs": [{"properties": {"name": "Quill"}}, {"properties": {"nonsense": "1"}}]})
    assert len(hubspot.crm.companies.basic_api.get_page().results) == 2


def test_creates_with_traces_fail_one_by_one(hubspot: Any) -> None:
    given = [
        {"properties": {"name": "Quill"}, "objectWriteTraceId": "first"},
        {"properties": {"nonsense": "1"}, "objectWriteTraceId": "second"},
    ]
    said = hubspot.crm.companies.batch_api.create({"inputs": given})
    assert said.errors[0].context == {"objectWriteTraceId": ["second"]}
    assert [one.object_write_trace_id for one in said.results] == ["first"]


def test_two_of_one_unique_value_in_one_batch(hubspot: Any) -> None:
    external_id(hubspot)
    given = {"properties": {"ent_account_id": "acct_1"}}
    with pytest.raises(ApiException, match="Duplicate values of ent_account_id"):
        hubspot.crm.companies.batch_api.create({"inputs": [given, given]})


def test_updates_name_those_that_are_not_there(portal: Portal) -> None:
    given = [{"id": portal.company.id, "properties": {"city": "Oslo"}}, {"id": "404", "properties": {"city": "Kiel"}}]
    said = portal.hubspot.crm.companies.batch_api.update({"inputs": given})
    assert [one.id for one in said.results] == [portal.company.id]
    assert (said.errors[0].category, said.errors[0].context) == ("OBJECT_NOT_FOUND", {"ids": ["404"]})
    wrong = [given[0], {"id": portal.other.id, "properties": {"nonsense": "1"}}]
    with pytest.raises(ApiException, match="PROPERTY_DOESNT_EXIST"):
        portal.hubspot.crm.companies.batch_api.update({"inputs": wrong})


def _read(portal: Portal, *keys: str, **more: Any) -> Any:
    given = {"inputs": [{"id": key} for key in keys], "properties": ["name"], "propertiesWithHistory": []}
    return portal.hubspot.crm.companies.batch_api.read(given | more)


def test_reads_name_those_that_are_not_there(portal: Portal) -> None:
    assert len(_read(portal, portal.company.id, portal.other.id).results) == 2
    said = _read(portal, portal.company.id, "404", "405")
    assert said.num_errors == 1
    assert said.errors[0].context == {"ids": ["404", "405"]}
    assert "Could not get some COMPANY objects" in said.errors[0].message
    assert [one.properties["name"] for one in said.results] == ["Halden Robotics"]


def test_reads_by_a_property_and_with_history(portal: Portal) -> None:
    external_id(portal.hubspot)
    portal.fake.edit(portal.company, ent_account_id="acct_1")
    said = _read(portal, "acct_1", idProperty="ent_account_id", propertiesWithHistory=["domain"])
    assert said.results[0].id == portal.company.id
    assert said.results[0].properties_with_history["domain"][0].value == "halden.example"
    with pytest.raises(ApiException, match="Received 51"):
        _read(portal, *(str(number) for number in range(51)), propertiesWithHistory=["domain"])


def test_many_are_archived(portal: Portal) -> None:
    keys = [{"id": portal.company.id}, {"id": portal.other.id}, {"id": "404"}]
    portal.hubspot.crm.companies.batch_api.archive({"inputs": keys})
    assert portal.hubspot.crm.companies.basic_api.get_page().results == []


def test_half_a_batch_fails_at_random_with_a_seed(hubspot: Any, portal: Portal) -> None:
    external_id(hubspot)
    portal.fake.inject("207", share=0.5)
    given = [(f"acct_{number}", {"name": str(number)}) for number in range(20)]
    said = _upserted(hubspot, *given)
    failed = {key for error in said.errors for key in error.context["ids"]}
    written = {one.properties["ent_account_id"] for one in said.results}
    assert 3 < len(failed) < 17
    assert failed | written == {key for key, _ in given}
    assert not failed & written
    assert {error.category for error in said.errors} == {"INTERNAL_ERROR"}
    assert len(_upserted(hubspot, *given).results) == 20


def test_errors_of_items_are_as_short_as_hubspots(portal: Portal) -> None:
    """The client's class calls `errors` and `links` required, and reads an item without them all the same."""
    assert _read(portal, portal.company.id, "404").errors[0].errors is None
    portal.fake.settings.item_details = True
    assert _read(portal, portal.company.id, "404").errors[0].errors == []


def test_whose_error_it_is_may_be_told_by_the_trace_alone(hubspot: Any, portal: Portal) -> None:
    external_id(hubspot)
    portal.fake.settings.item_ids = False
    one = {"id": "acct_1", "idProperty": "ent_account_id", "properties": {"nonsense": "1"}, "objectWriteTraceId": "t1"}
    said = hubspot.crm.companies.batch_api.upsert({"inputs": [one]})
    assert said.errors[0].context == {"objectWriteTraceId": ["t1"]}


def test_associations_at_birth_and_a_target_that_is_not_there(portal: Portal) -> None:
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]

    def given(key: str) -> dict[str, Any]:
        return {
            "properties": {"dealname": "New", "dealstage": "contractsent"},
            "associations": [{"to": {"id": key}, "types": spec}],
        }

    from hubspot.crm.deals.exceptions import ApiException as OfDeals

    made = portal.hubspot.crm.deals.batch_api.create({"inputs": [given(portal.company.id)]}).results[0]
    read = portal.hubspot.crm.deals.basic_api.get_by_id(made.id, associations=["companies"])
    assert {one.id for one in read.associations["companies"].results} == {portal.company.id}
    with pytest.raises(OfDeals) as refused:
        portal.hubspot.crm.deals.batch_api.create({"inputs": [given(portal.company.id), given("404")]})
    assert "404" in json.loads(refused.value.body)["message"]
    assert len(portal.hubspot.crm.deals.basic_api.get_page().results) == 2
