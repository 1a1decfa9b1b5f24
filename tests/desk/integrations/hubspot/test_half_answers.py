"""Half an answer is none: pages that are promised and don't come, errors in the midst of a batch, what is gone meanwhile."""

from datetime import timedelta

import pytest

from desk.domain.crm.told import DealState
from desk.integrations.crm.port import Declined, FieldsRead
from desk.integrations.hubspot import portal as portal_asked
from desk.integrations.hubspot.fetching import links
from desk.integrations.hubspot.names import COMPANIES, DEALS, LINES
from journal.domain.receiving import Later
from tests.desk.integrations.hubspot.conftest import NO_FIELDS
from tests.entitlements.world import AT

SEATS = {
    "name": "seats_sold", "label": "Seats", "type": "number", "fieldType": "number", "groupName": "dealinformation",
}  # fmt: skip
READS_SEATS = FieldsRead(deal=("seats_sold",))


@pytest.fixture
def crm(portal):
    with portal.open() as opened:
        yield opened


def changed(crm, monkeypatch, change):
    """Each answer that says who belongs to whom is changed on its way here."""
    ask = crm.line._asked

    def asked(call, told, more):
        answer = ask(call, told, more)
        return change(answer, told[2]["inputs"]) if call == crm.line.parts.links.get_page else answer

    monkeypatch.setattr(crm.line, "_asked", asked)


def one_by_one(answer, inputs):
    """As HubSpot does it by the hundreds: each page holds one, and says where the next begins."""
    begins = {one["id"]: int(one.get("after") or 0) for one in inputs}
    for result in answer["results"]:
        begin, whole = begins[result["from"]["id"]], result["to"]
        result["to"] = whole[begin : begin + 1]
        result |= {"paging": {"next": {"after": str(begin + 1)}}} if begin + 1 < len(whole) else {}
    return answer


def without_second_pages(answer, inputs):
    later = {one["id"] for one in inputs if "after" in one}
    answer = one_by_one(answer, inputs)
    return answer | {"results": [one for one in answer["results"] if one["from"]["id"] not in later]}


def failing(key, **error):
    """The answer about this one is an error."""

    def change(answer, inputs):
        if {"id": key} not in inputs:
            return answer
        rest = [one for one in answer["results"] if one["from"]["id"] != key]
        return answer | {
            "results": rest,
            "errors": [error | {"message": "Try later.", "context": {"fromObjectId": [key]}}],
        }

    return change


def test_all_pages_of_lines_are_read(portal, crm, monkeypatch):
    few = portal.sold({"name": "Only", "quantity": 1})
    many = portal.sold(*({"name": f"L{place}", "quantity": 1} for place in range(5)))
    changed(crm, monkeypatch, one_by_one)
    found = crm.deals([few.id, many.id], fields=NO_FIELDS)
    assert [line.name for line in found[many.id].lines] == ["L0", "L1", "L2", "L3", "L4"]
    assert [line.name for line in found[few.id].lines] == ["Only"]


def test_a_page_of_lines_that_was_promised_and_does_not_come_is_later(portal, crm, monkeypatch):
    deal = portal.sold({"name": "Team", "quantity": 1}, {"name": "Setup", "quantity": 1})
    changed(crm, monkeypatch, without_second_pages)
    with pytest.raises(Later, match="can’t be read"):
        crm.deals([deal.id], fields=NO_FIELDS)


@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "RATE_LIMITS", "OBJECT_LOCKED"])
def test_lines_that_cannot_be_told_just_now_are_not_none(portal, crm, monkeypatch, category):
    deal, other = portal.sold({"name": "Team", "quantity": 1}), portal.sold({"name": "Team", "quantity": 1})
    changed(crm, monkeypatch, failing(deal.id, category=category))
    with pytest.raises(Later):
        crm.deals([deal.id, other.id], fields=NO_FIELDS)


def test_lines_that_cannot_be_told_at_all_are_that_deals_trouble(portal, crm, monkeypatch):
    deal, other = portal.sold({"name": "Team", "quantity": 1}), portal.sold({"name": "Team", "quantity": 1})
    changed(crm, monkeypatch, failing(deal.id, category="VALIDATION_ERROR"))
    with pytest.raises(LookupError, match=f"whom {deal.id} belongs to: Try later"):
        crm.deals([deal.id], fields=NO_FIELDS)
    assert len(crm.deals([other.id], fields=NO_FIELDS)[other.id].lines) == 1
    assert links(crm.line, DEALS, LINES, [deal.id]) == {}, "who only asks what to look at is not kept from it"


def test_an_error_about_nobody_in_particular_is_not_passed_over(portal, crm, monkeypatch):
    deal = portal.sold({"name": "Team", "quantity": 1})
    changed(crm, monkeypatch, lambda answer, _: answer | {"results": [], "errors": [{"category": "INTERNAL_ERROR"}]})
    with pytest.raises(Later):
        crm.deals([deal.id], fields=NO_FIELDS)


@pytest.mark.parametrize(
    "error", [{"category": "OBJECT_NOT_FOUND"}, {"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}]
)
def test_who_has_nobody_has_nobody(portal, crm, monkeypatch, error):
    deal = portal.sold({"name": "Team", "quantity": 1})
    changed(crm, monkeypatch, failing(deal.id, **error))
    assert links(crm.line, DEALS, LINES, [deal.id], whole=True) == {}


def test_who_belongs_to_whom_is_asked_for_a_thousand_at_once(portal, crm):
    found = links(crm.line, DEALS, COMPANIES, [str(place) for place in range(10, 1110)])
    sizes = [len(one.body["inputs"]) for one in portal.asked("/associations/deals/companies/batch/read")]
    assert (found, sizes) == ({}, [1000, 100] * 2)


def test_a_field_that_is_deleted_meanwhile_is_not_read_as_empty(portal):
    portal.fake.client().crm.properties.core_api.create("deals", SEATS)
    deal = portal.sold(seats_sold=40)
    with portal.open() as crm:
        assert crm.deals([deal.id], fields=READS_SEATS)[deal.id].fields == {"seats_sold": "40"}
        portal.fake.client().crm.properties.core_api.archive("deals", "seats_sold")
        with pytest.raises(Declined, match="no property “seats_sold” of deals"):
            crm.deals([deal.id], fields=READS_SEATS)


def test_an_empty_field_costs_no_question(portal):
    portal.fake.client().crm.properties.core_api.create("deals", SEATS)
    deal = portal.sold({"name": "Team", "quantity": 1})
    with portal.open() as crm:
        for _ in range(3):
            assert crm.deals([deal.id], fields=READS_SEATS)[deal.id].fields == {"seats_sold": ""}
    assert len(portal.asked("/properties/deals", "GET")) == 1


def test_who_has_left_is_asked_for_once(portal):
    """Of many who left a page is read with one or the other, over and over."""
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    gone = [portal.fake.employ(name, "Left", f"{name}@portal.example") for name in ("ada", "ben")]
    rows = [portal.fake.add("companies", name="C", hubspot_owner_id=one["id"]) for one in (*gone, nora)]
    for one in gone:
        one["archived"] = True
    with portal.open() as crm:
        for row in rows * 3:
            crm.companies([row.id])
        assert crm.companies([rows[-1].id])[rows[-1].id].owner == "nora@portal.example"
    assert len(portal.asked("/owners")) == 3


def test_who_is_new_is_known_at_once(portal):
    with portal.open() as crm:
        for name in ("ada", "ben"):
            one = portal.fake.employ(name, "New", f"{name}@portal.example")
            row = portal.fake.add("companies", name="C", hubspot_owner_id=one["id"])
            assert crm.companies([row.id])[row.id].owner == f"{name}@portal.example"


def test_what_the_portal_would_not_say_of_itself_is_asked_again_soon(portal):
    portal.fake.inject("403", path="/account-info/v3/details", scopes=["oauth"])
    for minutes in (0, 5, 11, 20):
        with portal.open(AT + timedelta(minutes=minutes)):
            pass
    asked = [one.status for one in portal.asked("/account-info/v3/details")]
    assert asked == [403, 200]


def test_a_field_of_lines_that_is_deleted_meanwhile_is_not_read_as_empty(portal):
    properties = portal.fake.client().crm.properties.core_api
    properties.create("line_items", SEATS | {"groupName": "lineiteminformation"})
    deal, fields = portal.sold({"name": "Team", "seats_sold": 40}), FieldsRead(line=("seats_sold",))
    with portal.open() as crm:
        assert crm.deals([deal.id], fields=fields)[deal.id].lines[0].fields == {"seats_sold": "40"}
        properties.archive("line_items", "seats_sold")
        with pytest.raises(Declined, match="no property “seats_sold” of line items"):
            crm.deals([deal.id], fields=fields)


@pytest.mark.parametrize("kind", ["companies", "deals"])
def test_a_merged_record_is_led_from_though_the_batch_says_nothing_of_it(portal, crm, kind):
    one, other = portal.fake.add(kind), portal.fake.add(kind)
    left = portal.fake.merge(one, other)
    left.values["hs_merged_object_ids"] = ""
    found = crm.companies([other.id]) if kind == "companies" else crm.deals([other.id], fields=NO_FIELDS)
    assert found[other.id].unsure == ""
    assert found[other.id].into == left.id if kind == "companies" else found[other.id].state is DealState.GONE


def test_a_deleted_line_that_is_still_listed_is_no_riddle(portal, crm, monkeypatch):
    deal = portal.sold({"name": "Team", "quantity": 1}, {"name": "Setup", "quantity": 1})
    gone = portal.fake.state.alive("0-8")[0]
    portal.fake.delete(gone)
    listed = {"toObjectId": int(gone.id), "associationTypes": []}

    def with_the_deleted(answer, inputs):
        for result in answer["results"]:
            result["to"] += [listed]
        return answer

    changed(crm, monkeypatch, with_the_deleted)
    found = crm.deals([deal.id], fields=NO_FIELDS)[deal.id]
    assert ([line.name for line in found.lines], found.unsure) == (["Setup"], "")


def test_all_pages_of_people_are_read(portal, monkeypatch):
    monkeypatch.setattr(portal_asked, "OWNERS_LISTED", 2)
    people = [portal.fake.employ("N", str(place), f"n{place}@portal.example") for place in range(5)]
    rows = [portal.fake.add("companies", name="C", hubspot_owner_id=one["id"]) for one in people]
    with portal.open() as crm:
        found = crm.companies([row.id for row in rows])
    assert [found[row.id].owner for row in rows] == [one["email"] for one in people]
    assert len(portal.asked("/owners")) == 3


def test_the_client_neither_waits_nor_asks_again_by_itself(portal):
    """Where it reads it would, for as long as it is told, asleep."""
    nora = portal.fake.employ("Nora", "Quist", "nora@portal.example")
    company = portal.fake.add("companies", name="Halden", hubspot_owner_id=nora["id"])
    portal.fake.inject("429", path="/owners", policy="SECONDLY", retry_after=1)
    with pytest.raises(Later, match="less often"), portal.open() as crm:
        crm.companies([company.id])
    assert len(portal.asked("/owners")) == 1
