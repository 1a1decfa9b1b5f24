"""Loans over HTTP: what was lent, lending by a program, and taking it back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from entitlements.domain.facts import Mode
from entitlements.models import Account, Loan
from entitlements.models.loan import LoanState
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.entitlements.lending import borrowing, lent, may_lend, on_free
from tests.entitlements.world import AT, GB, Catalog, catalog, value

pytestmark = pytest.mark.django_db
LOANS = "/api/v1/accounts/acme/loans"
BOTH = ["entitlements:read", "overrides:write"]


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def sold(db: None) -> Catalog:
    may_lend()
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    return on_free(sold, "acme")[0]


def program(*scopes: str) -> Client:
    until = timezone.now() + timedelta(days=30)
    _row, plain = issue(name="Shop", scopes=list(scopes or BOTH), expires_at=until, by=SYSTEM, at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {plain}"})


def post(where: str = LOANS, *, by: Client | None = None, **told: Any) -> Any:
    return (by or program()).post(where, told, content_type="application/json")


TEAM = {"name": "Try Team", "plan": "team", "through_on": "2026-03-31", "reason": "They asked"}


def test_it_lists_what_was_lent_to_it_and_to_its_cohorts(sold: Catalog, acme: Account) -> None:
    lent(sold.team, account=acme)
    lent(feature=sold.sso, cohort=borrowing(acme))
    listed = program().get(LOANS).json()["loans"]
    assert [(one["plan"], one["feature"], one["cohort"], one["state"]) for one in listed] == [
        (None, "sso", "beta", "running"),
        ("team", None, None, "running"),
    ]
    assert listed[1]["words"] == "Team through 31 March 2026 (Amsterdam)"


def test_what_a_program_asks_for_waits_for_a_person(sold: Catalog, acme: Account) -> None:
    response = post(**TEAM)
    assert (response.status_code, response.json()["loan"]["state"]) == (202, "waiting")
    assert response.json()["approval"] == Approval.objects.get(kind="loan").pk
    assert value(acme, "storage", AT) == 1 * GB


def test_the_same_is_not_asked_for_twice(acme: Account) -> None:
    post(**TEAM)
    again = post(**TEAM)
    assert (again.status_code, "waits for approval already" in again.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"plan": "nope"}, "plan"),
        ({"plan": None, "feature": "nope", "mode": "add"}, "feature"),
        ({"plan": None, "feature": "storage", "mode": "add", "value": "much"}, "value"),
        ({"plan": None, "feature": "storage", "value": "20 GB"}, "mode"),
        ({"through_on": "2026-03-01"}, "through_on"),
        ({"plan": None}, "what"),
        ({"reason_code": "nope"}, "reason_code"),
    ],
)
def test_what_cannot_be_right_names_its_field(acme: Account, told: dict[str, Any], field: str) -> None:
    response = post(**(TEAM | told))
    assert (response.status_code, field in str(response.json()["errors"])) == (422, True)
    assert not Loan.objects.exists()


def test_a_recall_ends_it_with_the_answer(sold: Catalog, acme: Account) -> None:
    loan = lent(sold.team, account=acme, at=AT - timedelta(days=1))
    seen = program().get(LOANS).json()["loans"][0]["version"]
    told = post(f"{LOANS}/{loan.pk}/recall", reason="Over", seen=seen)
    assert (told.status_code, told.json()["state"]) == (200, "recalled")
    assert value(acme, "storage", AT) == 1 * GB
    assert post(f"{LOANS}/{loan.pk}/recall", reason="Over").status_code == 409


def test_a_cap_is_not_lifted_by_a_program(sold: Catalog, acme: Account) -> None:
    loan = lent(feature=sold.storage, mode=Mode.AT_MOST, value=1 * GB, account=acme)
    assert post(f"{LOANS}/{loan.pk}/recall", reason="Lift").status_code == 403


def test_a_cohorts_loan_or_another_customers_is_not_found(sold: Catalog, acme: Account) -> None:
    other = on_free(sold, "other")[0]
    for loan in (lent(feature=sold.sso, cohort=borrowing(acme)), lent(sold.team, account=other)):
        assert post(f"{LOANS}/{loan.pk}/recall", reason="Over").status_code == 404
    assert set(Loan.objects.values_list("state", "recalled_at")) == {(LoanState.APPROVED, None)}


def test_reading_is_not_lending(acme: Account) -> None:
    assert post(by=program("entitlements:read"), **TEAM).status_code == 403
