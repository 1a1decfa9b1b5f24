"""What is refused, address by address: nothing that is unknown or out of bounds passes in silence."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.hubspot_tests.conftest import Portal, external_id

PLAIN = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}
Deed = Callable[[Portal], Any]
PROPERTY = {"name": "own", "label": "Own", "type": "number", "fieldType": "number", "groupName": "companyinformation"}

REFUSED: dict[str, tuple[str, Deed]] = {
    "an empty batch": ("must not be empty", lambda it: it.hubspot.crm.companies.batch_api.archive({"inputs": []})),
    "inputs that are no list": ("must be a list", lambda it: it.hubspot.crm.companies.batch_api.archive({"inputs": {"id": "1"}})),
    "an id that is a number": (
        "must be of type str",
        lambda it: it.hubspot.crm.companies.batch_api.archive({"inputs": [{"id": 1}]}),
    ),
    "an input that is no object": (
        "must be an object",
        lambda it: it.hubspot.crm.companies.batch_api.archive({"inputs": ["1"]}),
    ),
    "an upsert by nothing": (
        "idProperty is required",
        lambda it: it.hubspot.crm.companies.batch_api.upsert({"inputs": [{"id": "1", "properties": {}}]}),
    ),
    "types that are no list": (
        "a list is expected",
        lambda it: it.hubspot.crm.associations.v4.basic_api.create("deals", it.deal.id, "companies", it.other.id, PLAIN),
    ),
    "a cursor of a list": ("Invalid cursor", lambda it: it.hubspot.crm.companies.basic_api.get_page(after="soon")),
    "a cursor of associations": (
        "Invalid cursor",
        lambda it: it.hubspot.crm.associations.v4.basic_api.get_page("deals", it.deal.id, "companies", after="soon"),
    ),
    "a cursor of owners": ("Invalid cursor", lambda it: it.hubspot.crm.owners.owners_api.get_page(after="soon")),
    "an owner by something else": (
        "Invalid idProperty",
        lambda it: it.hubspot.crm.owners.owners_api.get_by_id(1, id_property="email"),
    ),
    "too long a page with histories": (
        "50 or less",
        lambda it: it.hubspot.crm.companies.basic_api.get_page(limit=51, properties_with_history=["name"]),
    ),
    "a birth into something that is not there": (
        "does not exist",
        lambda it: it.hubspot.crm.deals.basic_api.create(
            {"properties": {}, "associations": [{"to": {"id": "404"}, "types": [PLAIN]}]}
        ),
    ),
    "a birth by a type of another kind": (
        "not valid for 0-2",
        lambda it: it.hubspot.crm.companies.basic_api.create(
            {"properties": {}, "associations": [{"to": {"id": it.deal.id}, "types": [PLAIN]}]}
        ),
    ),
    "pipelines of contacts": (
        "does not simulate pipelines",
        lambda it: it.hubspot.crm.pipelines.pipelines_api.get_all("contacts"),
    ),
    "a pipeline that is none": ("does not exist", lambda it: it.hubspot.crm.pipelines.pipelines_api.get_by_id("deals", "x")),
    "a stage that is none": (
        "does not exist",
        lambda it: it.hubspot.crm.pipelines.pipeline_stages_api.get_by_id("deals", "default", "x"),
    ),
    "a stage put away": (
        "does not simulate",
        lambda it: it.hubspot.crm.pipelines.pipeline_stages_api.update("deals", "default", "closedwon", {"archived": True}),
    ),
    "a group that is none": ("does not exist", lambda it: it.hubspot.crm.properties.groups_api.get_by_name("deals", "x")),
    "a formula": (
        "does not simulate calculationFormula",
        lambda it: it.hubspot.crm.properties.core_api.create("companies", PROPERTY | {"calculationFormula": "1 + 1"}),
    ),
    "a schema that is none": ("Unable to infer", lambda it: it.hubspot.crm.schemas.core_api.get_by_id("companies")),
    "a label of HubSpot's": (
        "defined by HubSpot",
        lambda it: it.hubspot.crm.associations.v4.schema.definitions_api.remove("deals", "companies", 5),
    ),
    "a label twice": (
        "exists already",
        lambda it: it.hubspot.crm.associations.v4.schema.definitions_api.create(
            "deals", "companies", {"name": "primary", "label": "Primary"}
        ),
    ),
    "an order by nothing": (
        "Cannot sort by nonsense",
        lambda it: it.hubspot.crm.deals.search_api.do_search({"sorts": ["nonsense"]}),
    ),
    "an order in another form": (
        "Invalid sort",
        lambda it: it.hubspot.crm.deals.search_api.do_search({"sorts": [{"property": "amount"}]}),
    ),
    "a direction of another name": (
        "Invalid direction",
        lambda it: it.hubspot.crm.deals.search_api.do_search({"sorts": [{"propertyName": "amount", "direction": "DOWN"}]}),
    ),
    "associations by another operator": (
        "not supported for associations",
        lambda it: it.hubspot.crm.deals.search_api.do_search(
            {"filterGroups": [{"filters": [{"propertyName": "associations.company", "operator": "NEQ", "value": "1"}]}]}
        ),
    ),
    "webhooks of an app that is none": ("does not exist", lambda it: it.fake.developer().webhooks.settings_api.get_all(5)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(portal: Portal, name: str) -> None:
    words, deed = REFUSED[name]
    with pytest.raises(Exception, match=words) as refused:
        deed(portal)
    assert refused.value.status in (400, 404, 409)  # type: ignore[attr-defined]


def test_a_value_that_somebody_took_meanwhile_stays_theirs(portal: Portal) -> None:
    external_id(portal.hubspot)
    portal.fake.edit(portal.company, ent_account_id="acct_1")
    portal.fake.delete(portal.company)
    portal.fake.edit(portal.other, ent_account_id="acct_1")
    portal.fake.restore(portal.company)
    api = portal.hubspot.crm.companies.basic_api
    assert api.get_by_id("acct_1", id_property="ent_account_id").id == portal.other.id


def test_labels_are_renamed_both_ways(portal: Portal) -> None:
    schema = portal.hubspot.crm.associations.v4.schema.definitions_api
    there, _ = schema.create("deals", "companies", {"name": "reseller", "label": "Reseller"}).results
    schema.update(
        "deals", "companies", {"associationTypeId": there.type_id, "label": "Sold by", "inverseLabel": "Sold"}
    )
    assert "Sold by" in {one.label for one in schema.get_all("deals", "companies").results}
    assert "Sold" in {one.label for one in schema.get_all("companies", "deals").results}


def test_whether_being_associated_moves_the_stamps_is_a_setting(portal: Portal) -> None:
    portal.fake.advance(seconds=60)
    portal.fake.relate(portal.deal, portal.other)
    assert portal.props("hs_lastmodifieddate")["hs_lastmodifieddate"] == "2026-03-02T09:00:00Z"
    portal.fake.settings.links_touch = True
    portal.fake.relate(portal.deal, portal.other, 5)
    assert portal.props("hs_lastmodifieddate")["hs_lastmodifieddate"] == "2026-03-02T09:01:00Z"


def test_days_are_searched_for_as_days_or_milliseconds(portal: Portal) -> None:
    portal.fake.edit(portal.line, hs_recurring_billing_start_date="2026-03-31")
    search = portal.hubspot.crm.line_items.search_api

    def found(operator: str, value: str) -> int:
        one = {"propertyName": "hs_recurring_billing_start_date", "operator": operator, "value": value}
        return int(search.do_search({"filterGroups": [{"filters": [one]}]}).total)

    assert [found("EQ", "2026-03-31"), found("GTE", "1774915200000"), found("GT", "2026-03-31")] == [1, 1, 0]
