"""Faults on order, and refusals in HubSpot's form."""

import json
from typing import Any

import pytest
import urllib3
from hubspot.crm.companies.exceptions import ApiException, ForbiddenException, ServiceException, UnauthorizedException
from urllib3.util.retry import Retry

from tests.fakes.hubspot import Counterpart
from tests.fakes.hubspot_tests.conftest import external_id

PATIENT = Retry(total=3, backoff_factor=0, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)


def _listed(hubspot: Any) -> list[str]:
    return [one.properties["name"] for one in hubspot.crm.companies.basic_api.get_page().results]


def _made(hubspot: Any, **more: Any) -> Any:
    return hubspot.crm.companies.basic_api.create({"properties": {"name": "Halden"}}, **more)


def test_a_token_that_is_revoked_is_so_for_good(fake: Counterpart, hubspot: Any) -> None:
    fake.revoke_token()
    for _ in range(2):
        with pytest.raises(UnauthorizedException) as refused:
            _listed(hubspot)
    assert json.loads(refused.value.body)["category"] == "INVALID_AUTHENTICATION"


def test_another_token_and_none(fake: Counterpart) -> None:
    for token in ("pat-eu1-other", ""):
        with pytest.raises(UnauthorizedException):
            _listed(fake.client(access_token=token))


def test_a_scope_that_is_missing(fake: Counterpart, hubspot: Any) -> None:
    fake.settings.scopes = {"crm.objects.companies.read"}
    assert _listed(hubspot) == []
    with pytest.raises(ForbiddenException) as refused:
        _made(hubspot)
    said = json.loads(refused.value.body)
    assert said["category"] == "MISSING_SCOPES"
    assert said["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.companies.write"]
    assert said["links"]["scopes"].startswith("https://developers.hubspot.com")


def test_a_scope_refused_on_order_names_what_the_address_needs(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("403", path="/crm/v3/properties")
    with pytest.raises(Exception, match=r"crm\.schemas\.deals\.read"):
        hubspot.crm.properties.core_api.get_all("deals")


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit."),
        ("SECONDLY", "You have reached your secondly limit."),
        ("DAILY", "You have reached your daily limit."),
    ],
)
def test_too_many_requests_by_policy(fake: Counterpart, hubspot: Any, policy: str, words: str) -> None:
    fake.inject("429", policy=policy)
    with pytest.raises(ApiException) as refused:
        _listed(hubspot)
    said = json.loads(refused.value.body)
    assert (refused.value.status, said["policyName"], said["message"]) == (429, policy, words)
    assert (said["errorType"], "Retry-After" in refused.value.headers) == ("RATE_LIMIT", False)


def test_when_to_come_back_is_said_where_asked_for(fake: Counterpart) -> None:
    fake.inject("429", retry_after=3)
    with pytest.raises(ApiException) as refused:
        _listed(fake.client(retry=False))
    assert refused.value.headers["Retry-After"] == "3"


def test_a_client_without_retry_still_heeds_when_to_come_back(fake: Counterpart, hubspot: Any) -> None:
    """What lies below it does, for reads: it sleeps that long, unasked. Writes are left alone."""
    fake.inject("429", next=2, retry_after=0)
    assert _listed(hubspot) == []
    fake.inject("429", retry_after=0)
    with pytest.raises(ApiException):
        _made(hubspot)
    assert [asked.status for asked in fake.requests] == [429, 429, 200, 429]


@pytest.mark.parametrize("kind", ["500", "502", "503"])
def test_a_gateway_speaks_html_and_nothing_was_done(fake: Counterpart, hubspot: Any, kind: str) -> None:
    fake.inject(kind)
    with pytest.raises(ServiceException) as refused:
        _made(hubspot)
    assert refused.value.status == int(kind)
    assert refused.value.body.startswith("<html>")
    assert _listed(hubspot) == []


@pytest.mark.parametrize("kind", ["500_after", "502_after"])
def test_an_error_after_the_write(fake: Counterpart, hubspot: Any, kind: str) -> None:
    fake.inject(kind)
    with pytest.raises(ServiceException):
        _made(hubspot)
    assert _listed(hubspot) == ["Halden"]


def test_silence_after_the_write(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("timeout", seconds=0.3)
    with pytest.raises(urllib3.exceptions.HTTPError):
        _made(hubspot, _request_timeout=0.1)
    assert _listed(hubspot) == ["Halden"]


def test_a_line_that_is_cut_before_the_write(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("reset")
    with pytest.raises(urllib3.exceptions.HTTPError):
        _made(hubspot)
    assert _listed(hubspot) == []


def test_a_slow_answer_is_an_answer(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("slow", seconds=0.01)
    assert _listed(hubspot) == []


def test_the_client_tries_again_only_where_it_is_told_to(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("502", next=2, method="POST")
    assert _made(fake.client(retry=PATIENT)).properties["name"] == "Halden"
    fake.inject("502", next=9, method="POST")
    with pytest.raises(urllib3.exceptions.MaxRetryError):
        _made(fake.client(retry=PATIENT))
    assert [asked.status for asked in fake.requests] == [502, 502, 201, 502, 502, 502, 502]


def test_an_upsert_tried_again_writes_once(fake: Counterpart, hubspot: Any) -> None:
    external_id(hubspot)
    fake.inject("502_after", path="/batch/upsert")
    one = {"id": "acct_1", "idProperty": "ent_account_id", "properties": {"name": "Halden"}}
    said = fake.client(retry=PATIENT).crm.companies.batch_api.upsert({"inputs": [one]})
    assert said.results[0].new is False
    assert _listed(hubspot) == ["Halden"]


def test_faults_come_as_often_as_ordered_and_where(fake: Counterpart, hubspot: Any) -> None:
    fake.inject("500", next=None, path="/crm/v3/objects/deals")
    assert _listed(hubspot) == []
    for _ in range(2):
        with pytest.raises(Exception, match="500"):
            hubspot.crm.deals.basic_api.get_page()


def test_no_fault_of_another_name(fake: Counterpart) -> None:
    with pytest.raises(ValueError, match="is none of"):
        fake.inject("418")


def test_what_is_not_there_is_refused(hubspot: Any) -> None:
    from hubspot.crm.tickets.exceptions import ApiException as OfTickets

    with pytest.raises(OfTickets, match="Unable to infer object type from: tickets"):
        hubspot.crm.tickets.basic_api.get_page()
    with pytest.raises(Exception, match="knows no address GET /crm/v3/lists"):
        hubspot.crm.lists.lists_api.get_all(list_ids=["1"])
    with pytest.raises(Exception, match="HTTP method POST is not allowed here"):
        hubspot.crm.contacts.basic_api.purge({"objectId": "1"})


def test_a_parameter_that_is_unknown_is_refused(hubspot: Any) -> None:
    api = hubspot.crm.companies.basic_api.api_client
    with pytest.raises(ApiException, match="Unknown query parameter: offset"):
        api.call_api("/crm/v3/objects/companies", "GET", query_params=[("offset", "5")], auth_settings=["oauth2"])


def test_a_fault_of_its_own_fails_the_test(fake: Counterpart, hubspot: Any) -> None:
    fake.state.owners["broken"] = {}  # nobody could be listed any more
    with pytest.raises(Exception, match="The counterpart itself failed"):
        hubspot.crm.owners.owners_api.get_page()
    assert "KeyError" in fake.faults[0]
    fake.faults.clear()
