"""Faults on order, and what the official client makes of each."""

import sys
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from tests.fakes.salesforce import Counterpart, salesforce_counterpart
from tests.fakes.salesforce_tests.conftest import Org, code, said

LOGIN = "/services/oauth2/token"


def _paths(fake: Counterpart) -> list[str]:
    return [asked.path.rpartition("/v64.0")[2] for asked in fake.requests]


def test_a_session_that_ended_is_opened_again_once(fake: Counterpart, sf: Any) -> None:
    fake.inject("expired")
    assert sf.Account.create({"Name": "Acme"})["success"]
    assert _paths(fake) == ["/sobjects/Account/", LOGIN, "/sobjects/Account/"]


def test_a_lasting_401_ends_after_four_logins_where_the_client_counts(fake: Counterpart, sf: Any) -> None:
    fake.inject("401", next=None)
    with pytest.raises(SalesforceExpiredSession) as refused:
        sf.restful("limits")
    assert code(refused) == (401, "INVALID_SESSION_ID")
    assert _paths(fake) == ["/limits", LOGIN] * 4


class Enough(Exception):
    """Whoever watches has seen it go round often enough."""


def test_a_lasting_401_never_ends_where_the_client_forgets_to_count(fake: Counterpart) -> None:
    """simple-salesforce 1.12.10: `SFType` drops its count of retries. Why the desk uses `restful` and collections."""
    session, rounds = fake.session(), 60
    sf = fake.client("app", session=session)
    fake.requests.clear()
    fake.inject("401", next=None)

    def stop(response: requests.Response, **_: Any) -> None:
        if len(fake.requests) >= rounds:
            raise Enough

    session.hooks["response"].append(stop)
    with pytest.raises(Enough):
        sf.Account.create({"Name": "Acme"})
    assert len(fake.requests) == rounds  # nothing but the watcher ended it
    assert _paths(fake)[:2] * (rounds // 2) == _paths(fake)
    assert sys.getrecursionlimit() > rounds


def test_a_401_that_is_no_json(fake: Counterpart, sf: Any) -> None:
    fake.inject("401_html")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        sf.restful("limits")


@pytest.mark.parametrize(
    ("kind", "status", "wrong", "raised"),
    [
        ("limit", 403, "REQUEST_LIMIT_EXCEEDED", SalesforceRefusedRequest),
        ("lock", 400, "UNABLE_TO_LOCK_ROW", SalesforceMalformedRequest),
        ("503", 503, "SERVER_UNAVAILABLE", SalesforceGeneralError),
        ("500", 500, "UNKNOWN_EXCEPTION", SalesforceGeneralError),
    ],
)
def test_faults_before_the_write(fake: Counterpart, sf: Any, kind: str, status: int, wrong: str, raised: type) -> None:
    fake.inject(kind)
    with pytest.raises(SalesforceError) as refused:
        sf.Account.create({"Name": "Acme"})
    assert type(refused.value) is raised
    assert code(refused) == (status, wrong)
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_a_gateways_page(fake: Counterpart, sf: Any) -> None:
    fake.inject("502")
    with pytest.raises(SalesforceGeneralError) as refused:
        sf.Account.create({"Name": "Acme"})
    assert (refused.value.status, "<h1>Bad Gateway</h1>" in str(refused.value.content)) == (502, True)


def test_a_time_out_after_the_write(fake: Counterpart, sf: Any) -> None:
    fake.inject("timeout", seconds=0)
    with pytest.raises(requests.ConnectionError):
        sf.Account.create({"Name": "Acme"})
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 1


def test_an_upsert_may_be_repeated_after_it(org: Org) -> None:
    org.fake.inject("timeout", seconds=0)
    with pytest.raises(requests.ConnectionError):
        org.sf.Account.upsert("Desk_Key__c/a", {"Name": "A"})
    assert org.sf.Account.upsert("Desk_Key__c/a", {"Name": "A"}) == 200


def test_the_client_waits_as_long_as_its_session(fake: Counterpart) -> None:
    sf = fake.client(timeout=0.2)
    fake.inject("slow", seconds=1)
    with pytest.raises(requests.ReadTimeout):
        sf.limits()


def test_a_cut_line_leaves_nothing(fake: Counterpart, sf: Any) -> None:
    fake.inject("reset")
    with pytest.raises(requests.ConnectionError):
        sf.Account.create({"Name": "Acme"})
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_a_slow_answer_is_an_answer(fake: Counterpart, sf: Any) -> None:
    fake.inject("slow", seconds=0.01)
    assert sf.limits()["DailyApiRequests"]["Max"] == 15000


def test_a_refused_login(fake: Counterpart) -> None:
    fake.inject("login", path=LOGIN)
    with pytest.raises(SalesforceError, match="authentication failure"):
        fake.client()


def _created(sf: Any, count: int, whole: bool = False) -> list[list[str]]:
    records = [{"attributes": {"type": "Account"}, "Name": f"A{place}"} for place in range(count)]
    said = sf.restful("composite/sobjects", method="POST", json={"allOrNone": whole, "records": records})
    return [[error["statusCode"] for error in one["errors"]] for one in said]


def test_rows_locked_by_their_place(fake: Counterpart, sf: Any) -> None:
    fake.inject("lock_items", items=(0, 2))
    assert _created(sf, 4) == [["UNABLE_TO_LOCK_ROW"], [], ["UNABLE_TO_LOCK_ROW"], []]
    assert _created(sf, 2) == [[], []]


def test_all_or_none_with_one_locked(fake: Counterpart, sf: Any) -> None:
    fake.inject("lock_items", items=(1,))
    rolled = ["ALL_OR_NONE_OPERATION_ROLLED_BACK"]
    assert _created(sf, 3, whole=True) == [rolled, ["UNABLE_TO_LOCK_ROW"], rolled]


def test_a_field_that_a_rule_refuses(fake: Counterpart, sf: Any) -> None:
    fake.inject("validation", field="Name", message="Not this name")
    with pytest.raises(SalesforceMalformedRequest) as refused:
        sf.Account.create({"Name": "Acme"})
    assert said(refused) == {
        "message": "Not this name", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Name"],
    }  # fmt: skip


def test_failures_at_random_are_the_same_with_the_same_seed() -> None:
    told = []
    for _ in range(2):
        with salesforce_counterpart(seed=11) as fake:
            fake.inject("partial", share=0.4)
            told.append(_created(fake.client(), 30))
    assert told[0] == told[1]
    assert 3 < sum(bool(one) for one in told[0]) < 27


def test_failures_within_a_bulk_job(org: Org) -> None:
    org.fake.inject("lock_items", items=(1,), path="/jobs/ingest", method="PATCH")
    (said,) = org.sf.bulk2.Account.insert(records=[{"Name": "A"}, {"Name": "B"}], wait=0)
    assert "UNABLE_TO_LOCK_ROW" in org.sf.bulk2.Account.get_failed_records(said["job_id"])


def test_a_fault_waits_for_its_address_and_comes_as_often_as_ordered(fake: Counterpart, sf: Any) -> None:
    fake.inject("503", path="/sobjects/Account", method="POST", next=2)
    sf.limits()
    for _ in range(2):
        with pytest.raises(SalesforceGeneralError):
            sf.Account.create({"Name": "Acme"})
    assert sf.Account.create({"Name": "Acme"})["success"]


def test_healed(fake: Counterpart, sf: Any) -> None:
    fake.inject("503", next=None)
    fake.heal()
    assert sf.limits()


def test_no_fault_of_another_name(fake: Counterpart) -> None:
    with pytest.raises(ValueError, match="is none of"):
        fake.inject("418")


def test_a_fault_of_its_own_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        _broken()


def _broken() -> None:
    with salesforce_counterpart() as fake:
        fake.rule("Account", lambda row: bool(1 / 0), "")
        with pytest.raises(SalesforceGeneralError):
            fake.client("app").Account.create({"Name": "Acme"})
