"""Who belongs to whom, by which type, and which company is the primary one."""

from typing import Any

import pytest
from hubspot.crm.associations.v4 import AssociationSpec
from hubspot.crm.associations.v4.exceptions import ApiException, NotFoundException

from tests.fakes.hubspot_tests.conftest import Portal

PRIMARY = AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=5)
PLAIN = AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=341)


def _companies(portal: Portal) -> dict[str, set[int]]:
    page = portal.hubspot.crm.associations.v4.basic_api.get_page("deals", portal.deal.id, "companies")
    return {one.to_object_id: {spec.type_id for spec in one.association_types} for one in page.results}


def test_the_first_company_is_the_primary_one(portal: Portal) -> None:
    assert _companies(portal) == {portal.company.id: {341, 5}}
    page = portal.hubspot.crm.associations.v4.basic_api.get_page("companies", portal.company.id, "deals")
    assert {(spec.type_id, spec.label) for spec in page.results[0].association_types} == {(342, None), (6, "Primary")}


def test_a_second_company_is_not_until_it_is_said(portal: Portal) -> None:
    basic = portal.hubspot.crm.associations.v4.basic_api
    made = basic.create("deals", portal.deal.id, "companies", portal.other.id, [PLAIN])
    assert (made.from_object_type_id, made.to_object_id, made.labels) == ("0-3", portal.other.id, [])
    assert _companies(portal) == {portal.company.id: {341, 5}, portal.other.id: {341}}
    assert basic.create("deals", portal.deal.id, "companies", portal.other.id, [PRIMARY]).labels == ["Primary"]
    assert _companies(portal) == {portal.company.id: {341}, portal.other.id: {341, 5}}
    (former,) = basic.get_page("companies", portal.company.id, "deals").results
    assert [spec.type_id for spec in former.association_types] == [342]


def test_no_first_company_where_the_portal_does_not_do_so(portal: Portal) -> None:
    portal.fake.settings.first_company_is_primary = False
    deal = portal.fake.add("deals", (portal.company,), dealname="Plain", dealstage="contractsent")
    page = portal.hubspot.crm.associations.v4.basic_api.get_page("deals", deal.id, "companies")
    assert [spec.type_id for spec in page.results[0].association_types] == [341]


def test_an_association_ends_both_ways(portal: Portal) -> None:
    basic = portal.hubspot.crm.associations.v4.basic_api
    basic.archive("companies", portal.company.id, "deals", portal.deal.id)
    assert _companies(portal) == {}
    basic.archive("companies", portal.company.id, "deals", portal.deal.id)


def test_by_default_both_ends_are_told(portal: Portal) -> None:
    basic = portal.hubspot.crm.associations.v4.basic_api
    said = basic.create_default("deals", portal.deal.id, "companies", portal.other.id)
    assert [one.association_spec.association_type_id for one in said.results] == [341, 342]


def test_the_deleted_belong_to_nobody(portal: Portal) -> None:
    basic = portal.hubspot.crm.associations.v4.basic_api
    portal.fake.delete(portal.line)
    assert basic.get_page("deals", portal.deal.id, "line_items").results == []
    portal.fake.restore(portal.line)
    assert [one.to_object_id for one in basic.get_page("deals", portal.deal.id, "line_items").results] == [
        portal.line.id
    ]


def test_many_are_read_and_those_with_nobody_are_named(portal: Portal) -> None:
    lonely = portal.fake.add("deals", dealname="Lonely", dealstage="contractsent")
    batch = portal.hubspot.crm.associations.v4.batch_api
    said = batch.get_page("deals", "companies", {"inputs": [{"id": portal.deal.id}, {"id": lonely.id}]})
    assert [one.to[0].to_object_id for one in said.results] == [portal.company.id]
    assert (said.num_errors, said.errors[0].sub_category) == (1, "crm.associations.NO_ASSOCIATIONS_FOUND")
    assert said.errors[0].context["fromObjectId"] == [lonely.id]
    assert len(batch.get_page("deals", "companies", {"inputs": [{"id": portal.deal.id}]}).results) == 1


def test_many_are_made_and_ended(portal: Portal) -> None:
    batch = portal.hubspot.crm.associations.v4.batch_api
    item = {"from": {"id": portal.deal.id}, "to": {"id": portal.other.id}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
    assert len(batch.create("deals", "companies", {"inputs": [item | {"types": types}]}).results) == 1
    partly = batch.create("deals", "companies", {"inputs": [{"from": {"id": "404"}, "to": item["to"], "types": types}]})
    assert partly.errors[0].context["fromObjectId"] == ["404"]
    batch.archive("deals", "companies", {"inputs": [{"from": item["from"], "to": [item["to"]]}]})
    assert set(_companies(portal)) == {portal.company.id}
    assert len(batch.create_default("deals", "companies", {"inputs": [item]}).results) == 2


def test_pages_of_associations(portal: Portal) -> None:
    for number in range(4):
        portal.fake.add("line_items", (portal.deal,), name=f"Line {number}")
    basic, seen, after = portal.hubspot.crm.associations.v4.basic_api, [], None
    while True:
        page = basic.get_page("deals", portal.deal.id, "line_items", limit=2, after=after)
        seen += [one.to_object_id for one in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert len(set(seen)) == 5


def test_the_types_there_are_and_one_more(portal: Portal) -> None:
    schema = portal.hubspot.crm.associations.v4.schema.definitions_api
    assert {one.type_id for one in schema.get_all("deals", "companies").results} == {341, 5}
    made = schema.create("deals", "companies", {"name": "reseller", "label": "Reseller", "inverseLabel": "Resold"})
    there, back = made.results
    assert (there.category, there.label, back.label) == ("USER_DEFINED", "Reseller", "Resold")
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": there.type_id}
    basic = portal.hubspot.crm.associations.v4.basic_api
    assert basic.create("deals", portal.deal.id, "companies", portal.other.id, [spec]).labels == ["Reseller"]
    item = {"from": {"id": portal.deal.id}, "to": {"id": portal.other.id}, "types": [spec]}
    portal.hubspot.crm.associations.v4.batch_api.archive_labels("deals", "companies", {"inputs": [item]})
    assert _companies(portal)[portal.other.id] == {341}
    schema.remove("deals", "companies", there.type_id)
    assert {one.type_id for one in schema.get_all("companies", "deals").results} == {342, 6}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 19}, "not a valid association type"),
        ({"associationCategory": "USER_DEFINED", "associationTypeId": 5}, "of category HUBSPOT_DEFINED"),
        ({"associationTypeId": 5}, "associationCategory is not set"),
    ],
)
def test_types_that_do_not_fit(portal: Portal, spec: dict[str, Any], words: str) -> None:
    basic = portal.hubspot.crm.associations.v4.basic_api
    with pytest.raises(ApiException, match=words):
        basic.create("deals", portal.deal.id, "companies", portal.other.id, [spec])
    with pytest.raises(NotFoundException):
        basic.create("deals", "404", "companies", portal.other.id, [PLAIN])
