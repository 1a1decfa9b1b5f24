from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from config.api import api
from journal.actions.api_keys import issue, revoke
from journal.domain.actor import SYSTEM
from support.queries.answers import CoverAnswer
from support.queries.lookup import lookup
from tests.support.factories import AssetFactory, ProductFactory
from tests.support.world import customer, the_plans, the_promise

pytestmark = pytest.mark.django_db

URL = "/api/v1/coverage"
MONDAY = "2026-03-02T09:00:00Z"


@pytest.fixture
def plans(db):
    the_promise()
    return the_plans()


def key_for(*scopes):
    return issue(name="Help desk", scopes=scopes, expires_at=None, by=SYSTEM, at=timezone.now())


@pytest.fixture
def ask(client, db):
    plain = key_for("coverage:read")[1]

    def asked(**query):
        return client.get(URL, query, headers={"Authorization": f"Bearer {plain}"})

    return asked


def test_a_covered_customer_comes_with_targets_and_due_times(plans, ask):
    customer("acme", plan=plans["team"])
    answer = ask(q="acme.example", at=MONDAY).json()["answer"]
    assert (answer["state"], answer["tier"]) == ("with_targets", "standard")
    high = next(line for line in answer["targets"] if line["severity"] == "high")
    assert (high["promise"], high["due_at"]) == ("within 4 business hours", "2026-03-02T13:00:00Z")


def test_the_api_says_what_the_screen_says(plans, ask):
    customer("acme", plan=plans["free"])
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    said, shown = ask(q="acme", at=MONDAY).json()["answer"], lookup(text="acme", at=at).answer
    assert (said["headline"], said["why"]) == (shown.headline, shown.why)
    assert said["because"] == list(shown.because)
    assert [offer["name"] for offer in said["offers"]] == [offer.name for offer in shown.offers]


def test_several_matches_are_listed_and_one_is_chosen_by_its_key(plans, ask):
    customer("acme-one", plan=plans["pro"])
    customer("acme-two", plan=plans["team"])
    found = ask(q="acme").json()
    assert found["answer"] is None
    assert [match["account"] for match in found["matches"]] == ["acme-one", "acme-two"]
    assert ask(q="acme", account="acme-two").json()["answer"]["tier"] == "standard"


def test_nobody_found_is_an_answer(ask):
    response = ask(q="nobody@nowhere.example")
    assert response.status_code == 200
    said = response.json()
    assert said.pop("looked_in")
    assert said == {"searched": "nobody@nowhere.example", "answer": None, "matches": [], "note": ""}


def test_without_a_moment_the_answer_is_for_now(plans, ask):
    customer("acme", plan=plans["team"])
    at = datetime.fromisoformat(ask(q="acme").json()["answer"]["at"])
    assert timezone.now() - at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "query", [{}, {"q": ""}, {"q": "x" * 321}, {"q": "a", "at": "yesterday"}, {"q": "a", "at": "2026-03-02T09:00:00"}]
)
def test_a_question_that_cannot_be_read_is_a_problem(query, ask):
    response = ask(**query)
    assert response.status_code == 422
    assert response["Content-Type"].startswith("application/problem+json")


def test_characters_no_database_holds_find_nobody(ask):
    assert ask(q="a\x00b").json()["answer"] is None


def test_no_key_no_answer(client, db):
    response = client.get(URL, {"q": "acme"})
    assert response.status_code == 401
    assert response["Content-Type"].startswith("application/problem+json")


def test_a_key_for_something_else_is_refused(client, db):
    plain = key_for("entitlements:read")[1]
    assert client.get(URL, {"q": "acme"}, headers={"Authorization": f"Bearer {plain}"}).status_code == 403


def test_a_revoked_key_is_no_key(client, db):
    key, plain = key_for("coverage:read")
    revoke(key=key, reason="Lost.", by=SYSTEM, at=timezone.now())
    assert client.get(URL, {"q": "acme"}, headers={"Authorization": f"Bearer {plain}"}).status_code == 401


def test_the_endpoint_is_documented():
    operation = api.get_openapi_schema()["paths"]["/api/v1/coverage"]["get"]
    assert operation["summary"] == "Is this customer covered?"
    assert {each["name"] for each in operation["parameters"]} == {"q", "account", "device", "channel", "at"}


@pytest.fixture
def acme(plans):
    account = customer("acme", plan=plans["team"])
    AssetFactory(account=account, serial="SN-1", product=ProductFactory(name="Press"))
    AssetFactory(account=account, serial="SN-12", product=ProductFactory(name="Chiller"))
    return account


def test_by_device_and_channel(acme, ask):
    answer = ask(q="acme", device="sn 1", channel="phone", at=MONDAY).json()["answer"]
    assert answer["verdict"] == "Covered for phone support on Press SN-1"
    assert answer["device"] == {"serial": "SN-1", "product": "Press", "name": "", "location": "", "retired": False}
    assert [line["channel"] for line in answer["channels"] if line["asked"]] == ["phone"]


def test_the_account_or_the_device_alone_says_who_is_meant(acme, ask):
    assert ask(account="acme").json()["answer"]["account"] == "acme"
    assert ask(device="SN-12").json()["answer"]["device"]["serial"] == "SN-12"
    assert ask(q="SN-12").json()["answer"]["device"]["serial"] == "SN-12"


def test_as_of_another_instant(acme, ask):
    assert ask(q="SN-1", at="2025-12-01T00:00:00Z").json()["answer"]["state"] == "not_covered"


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("X-9", "Acme has no device with “X-9” in its serial number or name."),
        ("SN", "Choose one of the devices that “SN” may mean. Its devices like it: SN-12, SN-1."),
    ],
)
def test_a_device_that_is_not_the_customers_is_refused_beside_its_field(device, words, acme, ask):
    response = ask(q="acme", device=device)
    assert response.status_code == 422
    assert words in str(response.json())


@pytest.mark.parametrize("query", [{"q": "acme", "channel": "fax"}, {"at": MONDAY}, {"account": "", "device": ""}])
def test_who_or_how_that_cannot_be_meant_is_a_problem(query, acme, ask):
    assert ask(**query).status_code == 422


def test_a_typo_is_offered_and_marked(acme, ask):
    customer("northwind", plan=None)
    found = ask(q="Nortwind").json()
    assert found["answer"] is None
    assert [(match["account"], match["near"]) for match in found["matches"]] == [("northwind", True)]


def test_every_part_of_the_answer_is_documented():
    schema = api.get_openapi_schema()["components"]["schemas"]
    assert {"channels", "prepaid", "shares", "candidates", "history", "manager", "left"} <= set(
        schema["CoverageOut"]["properties"]
    )
    assert {each.name for each in fields(CoverAnswer)} <= set(schema["CoverageOut"]["properties"])
