"""What was true, what was believed, what was answered, over HTTP; and what is asked of an explanation."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements import in_use
from entitlements.actions import answers_given
from entitlements.domain.facts import Mode
from entitlements.models import Account, AnswerGiven
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


def counted(accounts: Collection[int], *, at: datetime) -> dict[int, dict[str, Decimal]]:
    return {account: {"storage": 96 * GB} for account in accounts}


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def world() -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    acme = account("acme")
    subscribed(acme, world.team)
    return acme


@pytest.fixture
def key() -> str:
    _row, plain = issue(name="Shop", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=AT - DAY)
    return str(plain)


def get(key: str, path: str, **query: Any) -> Any:
    return Client().get(f"/api/v1/accounts/{path}", query, headers={"Authorization": f"Bearer {key}"})


def weighed(key: str, feature: str = "storage", **query: Any) -> dict[str, Any]:
    return dict(get(key, f"acme/entitlements/{feature}/explain", **query).json()["explanation"])


def test_a_quantity_is_weighed_against_what_is_in_use(key: str, acme: Account) -> None:
    body = weighed(key, quantity=5 * 10**9, used=96 * 10**9)
    assert body["decision"] == {
        "allowed": False,
        "certain": True,
        "because": "101 GB would be 1 GB over the limit of 100 GB",
        "left": 4 * 10**9,
        "left_unlimited": False,
        "over_by": 10**9,
    }
    assert body["in_words"][-3:] == [
        "96 GB in use",
        "Asks for 5 GB",
        "Refused: 101 GB would be 1 GB over the limit of 100 GB.",
    ]


def test_what_the_desk_counts_is_used_where_nothing_is_said(key: str, acme: Account) -> None:
    in_use.register(counted)
    try:
        assert weighed(key)["decision"]["left"] == 4 * 10**9
        assert weighed(key, at=(AT - DAY).isoformat())["decision"]["left"] is None
    finally:
        in_use.forget(counted)


def test_a_choice_of_no_list_and_a_negative_amount_are_refused_by_name(key: str, acme: Account) -> None:
    response = get(key, "acme/entitlements/tier/explain", choice="none")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "choice")
    response = get(key, "acme/entitlements/storage/explain", used=-1)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "used")


@pytest.mark.parametrize(
    ("path", "features"),
    [
        ("acme/entitlements", 4),
        ("acme/entitlements/storage", 1),
        ("acme/entitlements/storage/explain", 1),
        ("acme/explain", 4),
    ],
)
def test_what_was_answered_is_remembered_once(key: str, acme: Account, path: str, features: int) -> None:
    for _ in range(2):
        assert get(key, path).status_code == 200
    row = AnswerGiven.objects.get()
    assert (row.told_at, len(row.answers), row.answers["storage"]["text"]) == (AT, features, "100 GB")
    assert row.told.startswith("Shop (ed_")


@pytest.mark.parametrize("asked", ["at", "known_at"])
def test_what_was_asked_about_another_moment_is_not_remembered(key: str, acme: Account, asked: str) -> None:
    get(key, "acme/entitlements", **{asked: AT.isoformat()})
    assert not AnswerGiven.objects.exists()


def test_an_answer_that_cant_be_remembered_is_given_all_the_same(
    key: str, acme: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(answers_given, "_write", lambda *told: 1 / 0)
    with caplog.at_level(logging.ERROR, logger="entitlements.api"):
        assert get(key, "acme/entitlements").status_code == 200
    assert "What was told about acme was not remembered." in caplog.text


def past(key: str, at: datetime, **query: Any) -> dict[str, Any]:
    [answer] = get(key, "acme/past", at=at.isoformat(), feature="storage", **query).json()["answers"]
    return dict(answer)


def test_the_three_answers_side_by_side(key: str, acme: Account, world: Catalog) -> None:
    get(key, "acme/entitlements")
    with time_machine.travel(AT + 2 * DAY, tick=False):
        overridden(acme, world.storage, Mode.ADD, 20 * GB, at=AT + DAY)
        answer = past(key, AT + DAY)
    assert (answer["true"], answer["believed"], answer["differs"]) == ("120 GB", "120 GB", True)
    assert [(given["value_text"], given["told_at"]) for given in answer["answered"]] == [
        ("100 GB", "2026-03-02T09:00:00Z")
    ]


def test_all_features_where_none_is_named(key: str, acme: Account) -> None:
    body = get(key, "acme/past", at=AT.isoformat()).json()
    assert (body["account"], len(body["answers"])) == ("acme", 4)


def test_what_cant_be_asked_is_refused(key: str, acme: Account) -> None:
    assert get(key, "acme/past").status_code == 422
    assert get(key, "acme/past", at=(AT + DAY).isoformat()).json()["errors"][0]["field"] == "at"
    assert get(key, "acme/past", at=AT.isoformat(), feature="nothing").status_code == 404
    assert get(key, "nobody/past", at=AT.isoformat()).status_code == 404
