"""Search: filters, order, pages, the end at ten thousand, and an index that lags."""

from typing import Any

import pytest
from hubspot.crm.companies import PublicObjectSearchRequest
from hubspot.crm.companies.exceptions import ApiException

from tests.fakes.hubspot import Counterpart
from tests.fakes.hubspot_tests.conftest import Portal

PEOPLE = (
    ("Halden Robotics", "120", "Oslo"),
    ("Marisol Foods", "40", "Valencia"),
    ("Quill & Sons", "8", ""),
    ("Nordwind", "", "Kiel"),
)


@pytest.fixture
def four(fake: Counterpart) -> None:
    for name, staff, city in PEOPLE:
        fake.add("companies", name=name, numberofemployees=staff, city=city)
        fake.advance(seconds=60)


def _asked(hubspot: Any, *groups: list[dict[str, Any]], **more: Any) -> Any:
    given = {"filterGroups": [{"filters": list(group)} for group in groups], "properties": ["name"], **more}
    return hubspot.crm.companies.search_api.do_search(given)


def _names(hubspot: Any, *groups: list[dict[str, Any]], **more: Any) -> list[str]:
    return [one.properties["name"].split()[0] for one in _asked(hubspot, *groups, **more).results]


def _where(name: str, operator: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({"value": values[0]} if values else {}), **more}


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("one", "found"),
    [
        (_where("name", "EQ", "halden robotics"), ["Halden"]),
        (_where("city", "NEQ", "Oslo"), ["Marisol", "Nordwind"]),
        (_where("numberofemployees", "GT", "40"), ["Halden"]),
        (_where("numberofemployees", "GTE", "40"), ["Halden", "Marisol"]),
        (_where("numberofemployees", "LT", "40"), ["Quill"]),
        (_where("numberofemployees", "LTE", "40"), ["Marisol", "Quill"]),
        (_where("numberofemployees", "BETWEEN", "8", highValue="100"), ["Marisol", "Quill"]),
        (_where("city", "IN", values=["oslo", "kiel"]), ["Halden", "Nordwind"]),
        (_where("city", "IN", values=["Oslo"]), []),
        (_where("city", "NOT_IN", values=["oslo"]), ["Marisol", "Nordwind"]),
        (_where("city", "HAS_PROPERTY"), ["Halden", "Marisol", "Nordwind"]),
        (_where("city", "NOT_HAS_PROPERTY"), ["Quill"]),
        (_where("name", "CONTAINS_TOKEN", "robotics"), ["Halden"]),
        (_where("name", "CONTAINS_TOKEN", "nord*"), ["Nordwind"]),
        (_where("name", "CONTAINS_TOKEN", "robot"), []),
        (_where("name", "NOT_CONTAINS_TOKEN", "foods"), ["Halden", "Quill", "Nordwind"]),
        (_where("createdate", "GTE", "1772442120000"), ["Quill", "Nordwind"]),
        (_where("createdate", "LT", "2026-03-02T09:01:00Z"), ["Halden"]),
    ],
)
def test_operators(hubspot: Any, one: dict[str, Any], found: list[str]) -> None:
    assert _names(hubspot, [one]) == found


@pytest.mark.usefixtures("four")
def test_filters_of_a_group_hold_together_and_groups_are_alternatives(hubspot: Any) -> None:
    big, oslo = _where("numberofemployees", "GT", "10"), _where("city", "EQ", "Oslo")
    assert _names(hubspot, [big, oslo]) == ["Halden"]
    assert _names(hubspot, [big, oslo], [_where("city", "NOT_HAS_PROPERTY")]) == ["Halden", "Quill"]


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("numberofemployees", ["Quill", "Marisol", "Halden", "Nordwind"]),
        ("-numberofemployees", ["Halden", "Marisol", "Quill", "Nordwind"]),
        ({"propertyName": "createdate", "direction": "DESCENDING"}, ["Nordwind", "Quill", "Marisol", "Halden"]),
        ({"propertyName": "name", "direction": "ASCENDING"}, ["Halden", "Marisol", "Nordwind", "Quill"]),
    ],
)
def test_orders(hubspot: Any, sort: Any, found: list[str]) -> None:
    assert _names(hubspot, sorts=[sort]) == found


@pytest.mark.usefixtures("four")
def test_words_are_looked_for_in_names_and_domains(hubspot: Any) -> None:
    assert _names(hubspot, query="foods") == ["Marisol"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"filterGroups": [{"filters": [_where("name", "HAS_PROPERTY")]}] * 6}, "Too many filterGroups"),
        ({"filterGroups": [{"filters": [_where("name", "HAS_PROPERTY")] * 7}]}, "Too many filters in a group"),
        ({"filterGroups": [{"filters": [_where("name", "HAS_PROPERTY")] * 5}] * 4}, "Too many filters: 20"),
        ({"limit": 201}, "maximum number of objects per page is 200"),
        ({"sorts": ["name", "city"]}, "Only one sorting rule"),
        ({"after": "soon"}, "not a number"),
        ({"query": "x" * 3001}, "longer than 3000"),
        ({"offset": 5}, "unknown field offset"),
    ],
)
def test_what_no_search_may_be(hubspot: Any, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiException, match=words) as refused:
        hubspot.crm.companies.search_api.do_search(given)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (_where("nonsense", "EQ", "1"), "does not exist"),
        (_where("name", "GT", "a"), "not supported"),
        (_where("name", "EQ"), "needs value"),
        (_where("name", "IN", "a"), "needs values"),
        (_where("numberofemployees", "BETWEEN", "1"), "needs highValue"),
        (_where("name", "HAS_PROPERTY", "a"), "takes no value"),
        (_where("createdate", "GT", "yesterday"), "not a valid datetime"),
    ],
)
def test_what_no_filter_may_be(hubspot: Any, one: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiException, match=words):
        _asked(hubspot, [one])


def test_pages_to_the_end(fake: Counterpart, hubspot: Any) -> None:
    made = {fake.add("companies", name=f"Company {number}").id for number in range(7)}
    seen: list[str] = []
    after: str | None = None
    while True:
        request = PublicObjectSearchRequest(
            filter_groups=[], properties=["name"], limit=3, after=after, sorts=["createdate"]
        )
        page = hubspot.crm.companies.search_api.do_search(request)
        assert page.total == 7
        seen += [one.id for one in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert len(seen) == 7
    assert set(seen) == made
    assert seen != sorted(seen, key=int)  # equal stamps promise no order


def test_beyond_the_cap_nothing_is_told(fake: Counterpart, hubspot: Any) -> None:
    assert fake.settings.search_cap == 10_000
    fake.settings.search_cap = 4
    for number in range(6):
        fake.add("companies", name=f"Company {number}")
    page = _asked(hubspot, limit=2, after="2")
    assert (page.total, len(page.results), page.paging.next.after) == (6, 2, "4")
    with pytest.raises(ApiException, match="limited to 4") as refused:
        _asked(hubspot, limit=2, after=page.paging.next.after)
    assert refused.value.status == 400


def test_the_index_lags(portal: Portal) -> None:
    portal.fake.settings.index_lag = 8
    portal.fake.advance(seconds=60)
    portal.hubspot.crm.companies.basic_api.update(portal.company.id, {"properties": {"name": "Halden AS"}})
    assert _names(portal.hubspot, [_where("name", "CONTAINS_TOKEN", "as")]) == []
    stale = _asked(portal.hubspot, [_where("name", "CONTAINS_TOKEN", "robotics")]).results[0]
    assert stale.properties["hs_lastmodifieddate"] == "2026-03-02T09:00:00Z"
    portal.fake.advance(seconds=8)
    assert _names(portal.hubspot, [_where("name", "CONTAINS_TOKEN", "as")]) == ["Halden"]


def test_what_is_new_or_gone_is_so_once_the_index_knows(portal: Portal) -> None:
    portal.fake.settings.index_lag = 8
    portal.fake.advance(seconds=60)
    portal.fake.add("companies", name="Quill")
    portal.fake.delete(portal.other)
    assert sorted(_names(portal.hubspot)) == ["Halden", "Marisol"]
    portal.fake.advance(seconds=8)
    assert sorted(_names(portal.hubspot)) == ["Halden", "Quill"]


def test_closed_won_deals_since_a_stamp(portal: Portal) -> None:
    portal.fake.advance(seconds=60)
    portal.stage("closedwon")
    won = [_where("hs_is_closed_won", "EQ", "true"), _where("hs_lastmodifieddate", "GTE", "1772442060000")]
    given = {"filterGroups": [{"filters": won}], "sorts": ["hs_lastmodifieddate"], "properties": ["dealname"]}
    found = portal.hubspot.crm.deals.search_api.do_search(given)
    assert [one.id for one in found.results] == [portal.deal.id]
    portal.stage("contractsent")
    assert portal.hubspot.crm.deals.search_api.do_search(given).total == 0


def test_deals_of_a_company(portal: Portal) -> None:
    def found(key: str) -> int:
        given = {"filterGroups": [{"filters": [_where("associations.company", "EQ", key)]}]}
        return int(portal.hubspot.crm.deals.search_api.do_search(given).total)

    assert (found(portal.company.id), found(portal.other.id)) == (1, 0)
