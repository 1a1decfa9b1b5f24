"""What an account could upgrade to, over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.models import Account
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.catalog.factories import MarketWindowFactory
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, subscribed

pytestmark = pytest.mark.django_db
NOW = AT.isoformat()


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    """On Free; an add-on of 50 GB is on sale beside the plans."""
    add_on("storage_pack", {world.storage: 50 * GB})
    acme = account("acme")
    subscribed(acme, world.free)
    return acme


def ask(path: str, **asked: str) -> Any:
    _row, plain = issue(name="Shop", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=AT - DAY)
    return Client().get(f"/api/v1/accounts/{path}", asked, headers={"Authorization": f"Bearer {plain}"})


def test_each_offer_says_what_it_gives_and_in_whose_place(acme: Account) -> None:
    answer = ask("acme/offers", at=NOW).json()
    assert (answer["account"], answer["standing"], answer["feature"]) == ("acme", "open", None)
    team, pack = answer["offers"]
    assert (team["plan"], team["kind"], team["version"], team["instead_of"]) == ("team", "plan", 1, "Free v1")
    assert team["gains"][0] == {"feature": "storage", "name": "Storage", "before": "1 GB", "after": "100 GB"}
    assert (pack["kind"], pack["instead_of"], pack["held"], pack["entitlement"]) == ("add_on", "", 0, None)


def test_for_one_feature_only_what_gives_more_of_it_is_told_with_the_answer(acme: Account) -> None:
    answer = ask("acme/offers", at=NOW, feature="storage").json()
    assert [offer["plan"] for offer in answer["offers"]] == ["team", "storage_pack"]
    assert answer["offers"][1]["entitlement"]["value"] == int(51 * GB)
    assert ask("acme/offers", at=NOW, feature="sso").json()["offers"][0]["plan"] == "team"


def test_what_is_not_sold_there_is_not_offered(acme: Account, world: Catalog) -> None:
    MarketWindowFactory(plan=world.team)
    assert [offer["plan"] for offer in ask("acme/offers", at=NOW).json()["offers"]] == ["storage_pack"]


def test_an_account_that_is_closed_is_offered_nothing(acme: Account) -> None:
    set_standing(account=acme, standing=Standing.CLOSED, reason="x", by=SYSTEM, at=AT - DAY)
    answer = ask("acme/offers", at=NOW).json()
    assert (answer["standing"], answer["offers"]) == ("closed", [])


@pytest.mark.parametrize(("path", "asked"), [("nobody/offers", {}), ("acme/offers", {"feature": "nothing"})])
def test_what_is_unknown_is_not_found(acme: Account, path: str, asked: dict[str, str]) -> None:
    response = ask(path, at=NOW, **asked)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("application/problem+json")


def test_an_instant_out_of_reach_is_refused(acme: Account) -> None:
    assert ask("acme/offers", at="1066-10-14T00:00:00Z").status_code == 422


def test_a_key_without_the_scope_is_turned_away(acme: Account) -> None:
    _row, plain = issue(name="Shop", scopes=["coverage:read"], expires_at=None, by=SYSTEM, at=AT - DAY)
    response = Client().get("/api/v1/accounts/acme/offers", headers={"Authorization": f"Bearer {plain}"})
    assert response.status_code == 403


def test_the_number_of_reads_doesnt_grow_with_the_offers(acme: Account, world: Catalog) -> None:
    with CaptureQueriesContext(connection) as few:
        ask("acme/offers", at=NOW)
    for number in range(4):
        add_on(f"pack_{number}", {world.storage: 50 * GB})
    with CaptureQueriesContext(connection) as many:
        assert len(ask("acme/offers", at=NOW).json()["offers"]) == 6
    assert len(many) == len(few)
