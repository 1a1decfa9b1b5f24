"""How much may be asked, what is left, and who owns what."""

import json
from typing import Any

import pytest
from hubspot.crm.companies.exceptions import ApiException
from hubspot.crm.owners.exceptions import NotFoundException

from tests.fakes.hubspot import Counterpart


def _headers(hubspot: Any) -> Any:
    return hubspot.crm.companies.basic_api.get_page_with_http_info()[2]


def _policy(hubspot: Any) -> str:
    with pytest.raises(ApiException) as refused:
        hubspot.crm.companies.basic_api.get_page()
    assert refused.value.status == 429
    return str(json.loads(refused.value.body)["policyName"])


def test_answers_say_what_is_left(hubspot: Any) -> None:
    headers = _headers(hubspot)
    assert headers["X-HubSpot-RateLimit-Daily"] == "650000"
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "649999"
    assert headers["X-HubSpot-RateLimit-Max"] == "190"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-Correlation-Id"]


def test_searches_say_nothing_of_it(hubspot: Any) -> None:
    headers = hubspot.crm.companies.search_api.do_search_with_http_info({"filterGroups": []})[2]
    assert not [name for name in headers if "RateLimit" in name]


def test_the_day_ends(fake: Counterpart, hubspot: Any) -> None:
    fake.settings.daily_limit = 1000
    fake.spend(999)
    assert _headers(hubspot)["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    assert _policy(hubspot) == "DAILY"
    fake.advance(days=1)
    assert _headers(hubspot)["X-HubSpot-RateLimit-Daily-Remaining"] == "999"


def test_ten_seconds_and_searches_are_paced_where_asked_for(fake: Counterpart, hubspot: Any) -> None:
    fake.settings.paced, fake.settings.ten_second_limit, fake.settings.search_limit = True, 3, 1
    for left in ("2", "1", "0"):
        assert _headers(hubspot)["X-HubSpot-RateLimit-Remaining"] == left
    assert _policy(hubspot) == "TEN_SECONDLY_ROLLING"
    fake.advance(seconds=10)
    _headers(hubspot)
    hubspot.crm.companies.search_api.do_search({"filterGroups": []})
    with pytest.raises(ApiException, match="SECONDLY"):
        hubspot.crm.companies.search_api.do_search({"filterGroups": []})


def test_the_days_use_is_told(fake: Counterpart, hubspot: Any) -> None:
    """The client has no method for these addresses; its `call_api` reaches them at the same host."""
    fake.spend(41)
    api = hubspot.crm.companies.basic_api.api_client

    def said(path: str) -> Any:
        return api.call_api(path, "GET", response_types_map={200: "object"}, auth_settings=["oauth2"])[0]

    (one,) = said("/account-info/v3/api-usage/daily/private-apps")["results"]
    assert (one["currentUsage"], one["usageLimit"], one["resetsAt"]) == (42, 650_000, "2026-03-03T00:00:00Z")
    assert said("/account-info/v3/details")["portalId"] == fake.settings.portal


def test_owners_are_listed_and_found(fake: Counterpart, hubspot: Any) -> None:
    nora, ola = fake.employ("Nora", "Quist", "nora@portal.example"), fake.employ("Ola", "Berg", "ola@portal.example")
    api = hubspot.crm.owners.owners_api
    first = api.get_page(limit=1)
    assert [one.id for one in first.results] == [nora["id"]]
    assert [one.id for one in api.get_page(limit=1, after=first.paging.next.after).results] == [ola["id"]]
    assert [one.first_name for one in api.get_page(email="OLA@portal.example").results] == ["Ola"]
    assert api.get_by_id(nora["id"]).email == "nora@portal.example"
    assert api.get_by_id(nora["userId"], id_property="userId").id == nora["id"]
    with pytest.raises(NotFoundException):
        api.get_by_id(5)


def test_answers_bear_the_portals_own_time(fake: Counterpart, hubspot: Any) -> None:
    assert _headers(hubspot)["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    fake.skew(90)
    fake.advance(hours=1)
    assert _headers(hubspot)["Date"] == "Mon, 02 Mar 2026 10:01:30 GMT"
