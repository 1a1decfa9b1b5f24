"""One record at a time, and the list of all."""

from typing import Any

import pytest
from hubspot.crm.companies.exceptions import ApiException, NotFoundException
from hubspot.crm.deals.exceptions import NotFoundException as NoDeal

from tests.fakes.hubspot import Counterpart
from tests.fakes.hubspot_tests.conftest import Portal, external_id


def test_a_record_is_made_read_and_changed(hubspot: Any) -> None:
    api = hubspot.crm.companies.basic_api
    made = api.create({"properties": {"name": "Halden", "numberofemployees": 120}})
    assert (made.properties["name"], made.archived) == ("Halden", False)
    api.update(made.id, {"properties": {"domain": "halden.example"}})
    read = api.get_by_id(made.id, properties=["domain", "numberofemployees", "city"])
    assert read.properties["domain"] == "halden.example"
    assert (read.properties["numberofemployees"], read.properties["city"]) == ("120", None)


def test_only_what_is_asked_for_is_shown_and_always_the_times(portal: Portal) -> None:
    read = portal.hubspot.crm.companies.basic_api.get_by_id(portal.company.id, properties=["city"])
    assert set(read.properties) == {"city", "createdate", "hs_lastmodifieddate", "hs_object_id"}
    unasked = portal.hubspot.crm.companies.basic_api.get_by_id(portal.company.id)
    assert {"name", "domain"} < set(unasked.properties)


def test_properties_that_do_not_exist_are_left_out_and_noted(portal: Portal) -> None:
    read = portal.hubspot.crm.companies.basic_api.get_by_id(portal.company.id, properties=["nonsense"])
    assert "nonsense" not in read.properties
    assert portal.fake.ignored == [(f"/crm/v3/objects/companies/{portal.company.id}", "nonsense")]
    portal.fake.requests.clear()


def test_an_empty_value_takes_it_away(portal: Portal) -> None:
    api = portal.hubspot.crm.companies.basic_api
    api.update(portal.company.id, {"properties": {"domain": ""}})
    assert api.get_by_id(portal.company.id).properties["domain"] is None


def test_the_stamp_is_the_portals_own_and_moves_though_nothing_differs(portal: Portal) -> None:
    portal.fake.skew(90)
    portal.fake.advance(seconds=10)
    portal.hubspot.crm.companies.basic_api.update(portal.company.id, {"properties": {"name": "Halden Robotics"}})
    read = portal.hubspot.crm.companies.basic_api.get_by_id(portal.company.id)
    assert read.properties["hs_lastmodifieddate"] == "2026-03-02T09:01:40Z"
    assert read.properties["createdate"] == "2026-03-02T09:00:00Z"


def test_contacts_call_their_stamp_otherwise(hubspot: Any) -> None:
    made = hubspot.crm.contacts.basic_api.create({"properties": {"email": "Ada@Example.com"}})
    assert made.properties["lastmodifieddate"] == "2026-03-02T09:00:00Z"
    assert made.properties["email"] == "ada@example.com"
    assert "hs_lastmodifieddate" not in made.properties


def test_an_archived_record_is_gone_unless_asked_for(portal: Portal) -> None:
    api = portal.hubspot.crm.companies.basic_api
    portal.fake.advance(seconds=5)
    api.archive(portal.company.id)
    with pytest.raises(NotFoundException, match="resource not found"):
        api.get_by_id(portal.company.id)
    gone = api.get_by_id(portal.company.id, archived=True)
    assert (gone.archived, gone.archived_at.timestamp()) == (True, 1772442005)
    assert [one.id for one in api.get_page(archived=True).results] == [portal.company.id]
    assert [one.id for one in api.get_page().results] == [portal.other.id]


def test_archiving_what_is_not_there_is_no_error(hubspot: Any) -> None:
    assert hubspot.crm.companies.basic_api.archive("404404") is None


def test_only_a_person_brings_it_back(portal: Portal) -> None:
    portal.fake.delete(portal.deal)
    with pytest.raises(NoDeal):
        portal.hubspot.crm.deals.basic_api.update(portal.deal.id, {"properties": {"amount": "1"}})
    portal.fake.restore(portal.deal)
    assert portal.props("amount")["amount"] == "9900"


def test_history_is_shown_newest_first(portal: Portal) -> None:
    portal.fake.advance(seconds=60)
    portal.stage("closedwon")
    read = portal.hubspot.crm.deals.basic_api.get_by_id(portal.deal.id, properties_with_history=["dealstage"])
    past = read.properties_with_history["dealstage"]
    assert [one.value for one in past] == ["closedwon", "contractsent"]
    assert [one.source_type for one in past] == ["INTEGRATION", "CRM_UI"]
    assert (past[0].timestamp - past[1].timestamp).seconds == 60


def test_a_record_is_found_by_a_unique_property(hubspot: Any) -> None:
    external_id(hubspot)
    api = hubspot.crm.companies.basic_api
    made = api.create({"properties": {"name": "Halden", "ent_account_id": "acct_1"}})
    assert api.get_by_id("acct_1", id_property="ent_account_id").id == made.id
    assert api.update("acct_1", {"properties": {"city": "Oslo"}}, id_property="ent_account_id").id == made.id
    with pytest.raises(ApiException, match="non-unique 0-2 property name"):
        api.get_by_id("Halden", id_property="name")


def test_lists_come_in_pages_by_id(fake: Counterpart, hubspot: Any) -> None:
    made = [fake.add("companies", name=f"Company {number}").id for number in range(7)]
    api, seen, after = hubspot.crm.companies.basic_api, [], None
    while True:
        page = api.get_page(limit=3, after=after)
        seen += [one.id for one in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert seen == made
    assert [one.id for one in hubspot.crm.companies.get_all()] == made


def test_a_page_holds_a_hundred_at_most(hubspot: Any) -> None:
    with pytest.raises(ApiException, match="between 1 and 100") as refused:
        hubspot.crm.companies.basic_api.get_page(limit=101)
    assert refused.value.status == 400


def test_the_same_seed_gives_the_same_ids(fake: Counterpart) -> None:
    first = fake.add("companies", name="Halden").id
    fake.add("deals", dealname="Another kind moves no company's id", dealstage="contractsent")
    twin = Counterpart(seed=7)
    twin.add("deals", dealname="Earlier", dealstage="contractsent")
    assert twin.add("companies", name="Halden").id == first
    twin._serving._server.server_close()


def test_objects_of_any_kind_are_reached_by_their_number(portal: Portal) -> None:
    assert portal.hubspot.crm.objects.basic_api.get_by_id("0-2", portal.company.id).id == portal.company.id
    assert portal.hubspot.crm.objects.basic_api.get_by_id("company", portal.company.id).id == portal.company.id
