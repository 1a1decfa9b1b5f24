"""Products tell what was used in a trial."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account, TrialUse
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.trying import END, trying
from tests.entitlements.world import AT, DAY, account, value

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def acme(db: None) -> Account:
    return trying().account


def tell(feature: str = "sso", *, key: str = "acme", scope: str = "usage:write") -> Any:
    _row, plain = issue(name="Product", scopes=[scope], by=SYSTEM, at=AT - DAY, expires_at=None)
    return Client().post(
        f"/api/v1/accounts/{key}/trial-uses",
        data={"feature": feature},
        content_type="application/json",
        headers={"Authorization": f"Bearer {plain}"},
    )


def test_a_use_is_noted_and_the_feature_stays(acme: Account) -> None:
    response = tell()
    assert (response.status_code, response.json()) == (
        200,
        {"account": "acme", "feature": "sso", "noted": [{"subscription": 1, "used_at": "2026-03-02T09:00:00Z"}]},
    )
    assert value(acme, "sso", END) is True


def test_told_again_it_answers_the_same(acme: Account) -> None:
    assert tell().json() == tell().json()
    assert TrialUse.objects.count() == 1


def test_where_no_trial_runs_it_says_that_nothing_is_noted(acme: Account) -> None:
    account("stranger")
    assert tell(key="stranger").json()["noted"] == []


def test_an_account_or_feature_that_is_not_there_is_not_found(acme: Account) -> None:
    assert tell("telepathy").status_code == 404
    assert tell(key="nobody").status_code == 404


def test_another_scope_does_not_open_it(acme: Account) -> None:
    assert tell(scope="entitlements:read").status_code == 403
    assert not TrialUse.objects.exists()
