"""Two become one: the old ids lead to what is left."""

from typing import Any

import pytest
from hubspot.crm.companies import PublicMergeInput
from hubspot.crm.companies.exceptions import ApiException

from tests.fakes.hubspot_tests.conftest import Portal, external_id


def _merged(portal: Portal) -> Any:
    given = PublicMergeInput(primary_object_id=portal.company.id, object_id_to_merge=portal.other.id)
    return portal.hubspot.crm.companies.basic_api.merge(given)


def test_a_new_record_is_what_both_ids_lead_to(portal: Portal) -> None:
    portal.fake.edit(portal.other, city="Valencia")
    left = _merged(portal)
    assert left.id not in (portal.company.id, portal.other.id)
    assert left.properties["hs_merged_object_ids"] == f"{portal.company.id};{portal.other.id}"
    assert (left.properties["name"], left.properties["city"]) == ("Halden Robotics", "Valencia")
    for key in (portal.company.id, portal.other.id, left.id):
        assert portal.hubspot.crm.companies.basic_api.get_by_id(key).id == left.id
    assert [one.id for one in portal.hubspot.crm.companies.basic_api.get_page().results] == [left.id]
    found = portal.hubspot.crm.companies.search_api.do_search({"filterGroups": []})
    assert [one.id for one in found.results] == [left.id]


def test_as_it_was_before_the_primary_record_stays(portal: Portal) -> None:
    portal.fake.settings.merge_makes_new = False
    left = _merged(portal)
    assert left.id == portal.company.id
    assert left.properties["hs_merged_object_ids"] == portal.other.id
    assert portal.hubspot.crm.companies.basic_api.get_by_id(portal.other.id).id == left.id


def test_deals_and_their_primary_company_come_along(portal: Portal) -> None:
    theirs = portal.fake.add("deals", (portal.other,), dealname="Theirs", dealstage="contractsent")
    left = _merged(portal)
    basic = portal.hubspot.crm.associations.v4.basic_api
    deals = basic.get_page("companies", left.id, "deals").results
    assert {one.to_object_id for one in deals} == {portal.deal.id, theirs.id}
    for deal in (portal.deal, theirs):
        (one,) = basic.get_page("deals", deal.id, "companies").results
        assert (one.to_object_id, {spec.type_id for spec in one.association_types}) == (left.id, {341, 5})


def test_the_unique_value_of_the_primary_stays_and_the_others_is_free(portal: Portal) -> None:
    external_id(portal.hubspot)
    portal.fake.edit(portal.company, ent_account_id="acct_1")
    portal.fake.edit(portal.other, ent_account_id="acct_2")
    left = _merged(portal)
    api = portal.hubspot.crm.companies.basic_api
    assert api.get_by_id("acct_1", id_property="ent_account_id").id == left.id
    assert api.create({"properties": {"ent_account_id": "acct_2"}}).id != left.id


def test_a_merged_record_merges_again(portal: Portal) -> None:
    left = _merged(portal)
    third = portal.fake.add("companies", name="Third")
    given = PublicMergeInput(primary_object_id=third.id, object_id_to_merge=portal.other.id)
    again = portal.hubspot.crm.companies.basic_api.merge(given)
    assert portal.hubspot.crm.companies.basic_api.get_by_id(portal.company.id).id == again.id
    assert set(again.properties["hs_merged_object_ids"].split(";")) == {
        portal.company.id, portal.other.id, third.id, left.id,
    }  # fmt: skip


def test_deals_merge_and_products_do_not(portal: Portal) -> None:
    other = portal.fake.add("deals", (portal.other,), dealname="Twin", dealstage="closedwon", amount="5")
    given = {"primaryObjectId": portal.deal.id, "objectIdToMerge": other.id}
    left = portal.hubspot.crm.deals.basic_api.merge(given)
    assert (left.properties["amount"], left.properties["hs_is_closed_won"]) == ("9900", "false")
    lines = portal.hubspot.crm.associations.v4.basic_api.get_page("deals", left.id, "line_items").results
    assert [one.to_object_id for one in lines] == [portal.line.id]


def test_nobody_merges_with_itself(portal: Portal) -> None:
    given = PublicMergeInput(primary_object_id=portal.company.id, object_id_to_merge=portal.company.id)
    with pytest.raises(ApiException, match="with itself"):
        portal.hubspot.crm.companies.basic_api.merge(given)
