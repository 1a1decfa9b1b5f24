"""May this account do this, and why: over HTTP, with a key, in the same words as on the screens."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.actions.cells import CellWrite, write_cells
from catalog.models import Feature
from entitlements.actions.accounts import open_account
from entitlements.actions.overrides import grant, revoke
from entitlements.api.render import render_entitlement
from entitlements.domain.explain import replay
from entitlements.domain.facts import Mode
from entitlements.domain.safeguards import safeguards
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM, Actor
from tests.catalog.calls import api_calls
from tests.catalog.factories import FeatureRevisionFactory, PlanFactory, PlanVersionFactory, publish_now
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
NOW = AT.isoformat()


@pytest.fixture
def acme(sales: Actor) -> Account:
    """Team, and 20 GB more through 31 March."""
    world = catalog()
    acme = account("acme", external_ids=[("own", "C-1")])
    subscribed(acme, world.team)
    policy()
    grant(
        account=acme,
        feature=world.storage,
        mode=Mode.ADD,
        value=20 * GB,
        through_on=date(2026, 3, 31),
        reason="Migration",
        by=sales,
        at=AT,
    )
    return acme


def key(*scopes: str, **more: Any) -> str:
    _row, plain = issue(name="Shop", scopes=list(scopes), by=SYSTEM, at=AT - DAY, **({"expires_at": None} | more))
    return plain


def get(path: str, plain: str | None = None, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {plain or key('entitlements:read')}"}
    return Client().get(f"/api/v1/accounts/{path}", query, headers=headers)


def test_one_feature_with_its_amount_in_the_smallest_unit_and_in_words(acme: Account) -> None:
    body = get("acme/entitlements/storage", at=NOW).json()["entitlement"]
    assert (body["granted"], body["value"], body["unit"], body["value_text"]) == (True, 120 * 10**9, "B", "120 GB")
    assert body["valid_until"] == "2026-03-31T22:00:00Z"


def test_the_whole_set_is_what_the_resolver_says(acme: Account) -> None:
    body = get("acme/entitlements", at=NOW).json()
    features = [row["feature"] for row in body["entitlements"]]
    assert features == ["storage", "seats", "sso", "tier"]
    kept_safe = safeguards(facts_of(account=acme), at=AT)
    for row in body["entitlements"]:
        safeguard = kept_safe[row["feature"]]
        expected = render_entitlement(answer(acme, row["feature"], AT), safeguard=safeguard).model_dump(mode="json")
        assert {**row, "valid_until": expected["valid_until"]} == expected


def test_the_explanation_has_every_reason_and_the_screen_s_words(acme: Account) -> None:
    body = get("acme/entitlements/storage/explain", at=NOW).json()["explanation"]
    assert [(reason["source_kind"], reason["kept"]) for reason in body["because"]] == [
        ("plan", True),
        ("override", True),
    ]
    assert any("Team v1" in line and "100 GB" in line for line in body["in_words"])
    resolution = answer(acme, "storage", AT)
    assert replay(resolution.because, shape=resolution.shape) == resolution.value


def test_all_explanations_at_once(acme: Account) -> None:
    body = get("acme/explain", at=NOW).json()
    assert {row["feature"] for row in body["explanations"]} == {"storage", "seats", "sso", "tier"}


def test_by_another_systems_id(acme: Account) -> None:
    assert get("own:C-1/entitlements/sso", at=NOW).json()["account"] == "acme"


def test_was_true_and_was_believed_are_two_questions(acme: Account, sales: Actor) -> None:
    revoke(override=acme.overrides.get(), reason="Fell through", by=sales, at=AT + DAY)
    later = (AT + 5 * DAY).isoformat()
    true = get("acme/entitlements/storage", at=later).json()
    believed = get("acme/entitlements/storage", at=later, known_at=NOW).json()
    assert true["entitlement"]["value_text"] == "100 GB"
    assert believed["entitlement"]["value_text"] == "120 GB"


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert (body["status"], body["code"]) == (status, code)
    return body


def test_without_a_key_nothing_is_told(acme: Account) -> None:
    problem(Client().get("/api/v1/accounts/acme/entitlements"), 401, "not_authenticated")


def test_with_an_expired_key_neither(acme: Account) -> None:
    plain = key("entitlements:read", expires_at=AT - DAY + timedelta(hours=1))
    problem(get("acme/entitlements", plain), 401, "not_authenticated")


def test_with_a_key_for_something_else_neither(acme: Account) -> None:
    problem(get("acme/entitlements", key("coverage:read")), 403, "not_allowed")


@pytest.mark.parametrize(
    "path", ["nobody/entitlements", "acme/entitlements/nothing", "acme/entitlements/nothing/explain"]
)
def test_what_doesnt_exist_is_not_found(acme: Account, path: str) -> None:
    assert "key" in problem(get(path), 404, "not_found")["detail"]


def test_an_account_that_wasnt_known_yet_is_not_found(sales: Actor) -> None:
    catalog()
    open_account(key="new", name="New", zone="UTC", by=sales, at=AT)
    problem(get("new/entitlements", known_at=(AT - DAY).isoformat()), 404, "not_found")


@pytest.mark.parametrize("moment", ["yesterday", "2026-03-02", "2026-03-02T09:00:00"])
def test_a_moment_without_a_zone_is_refused_by_name(acme: Account, moment: str) -> None:
    body = problem(get("acme/entitlements", at=moment), 422, "invalid")
    assert body["errors"][0]["field"].endswith("at")


def test_it_only_reads(acme: Account) -> None:
    response = Client().post("/api/v1/accounts/acme/entitlements", headers={"Authorization": f"Bearer {key('x')}"})
    problem(response, 405, "method_not_allowed")
    assert "GET" in response.headers["Allow"]


def test_an_unknown_address_is_a_problem_too() -> None:
    problem(Client().get("/api/v1/nothing"), 404, "not_found")


def test_what_will_be_known_later_is_refused(acme: Account) -> None:
    problem(get("acme/entitlements", known_at="2099-01-01T00:00:00Z"), 422, "invalid")


def test_a_denied_feature_says_so_with_its_author(acme: Account, sales: Actor) -> None:
    from catalog.models import Feature

    grant(
        account=acme,
        feature=Feature.objects.get(key="sso"),
        mode=Mode.DENY,
        through_on=date(2026, 3, 31),
        reason="Disputed",
        by=sales,
        at=AT,
    )
    body = get("acme/entitlements/sso/explain", at=NOW).json()["explanation"]
    assert (body["granted"], body["state"], body["value_text"]) == (False, "denied", "denied")
    assert (body["because"][-1]["by"], body["because"][-1]["reason"]) == ("Sales Person", "Disputed")


def test_the_answer_says_what_to_do_when_the_desk_is_away(acme: Account) -> None:
    body = get("acme/entitlements/storage", at=NOW).json()["entitlement"]
    assert body["fallback"] == {"on_unreachable": "last_known", "max_age_seconds": 3600}
    assert body["thresholds"][0] == {"percent": 80, "told": "customer"}
    assert body["buffer_percent"] == 0


def test_the_explanation_carries_the_fallback_too_and_a_gate_no_thresholds(acme: Account) -> None:
    body = get("acme/entitlements/sso/explain", at=NOW).json()["explanation"]
    assert (body["fallback"]["on_unreachable"], body["thresholds"]) == ("last_known", [])


def test_the_fallback_follows_the_rules_of_the_feature_at_the_instant(acme: Account) -> None:
    storage = Feature.objects.get(key="storage")
    FeatureRevisionFactory(feature=storage)
    FeatureRevisionFactory(feature=storage, effective_at=AT, effect="irreversible", buffer_percent=5)
    before, after = (
        get("acme/entitlements/storage", at=when.isoformat()).json()["entitlement"] for when in (AT - DAY, AT)
    )
    assert (before["fallback"]["on_unreachable"], before["buffer_percent"]) == ("last_known", 0)
    assert (after["fallback"], after["buffer_percent"]) == ({"on_unreachable": "deny", "max_age_seconds": None}, 5)


def test_parts_of_an_amount_and_for_each_seat_are_told(acme: Account) -> None:
    calls, seats = api_calls(), Feature.objects.get(key="seats")
    draft = PlanVersionFactory(plan=PlanFactory())
    words = "100 for each seat of seats; of which Large model: 10, Small model: Unlimited"
    write_cells(writes=[CellWrite(draft, calls, words)], tokens={draft.pk: 0}, by=SYSTEM, at=AT - DAY)
    subscribed(acme, publish_now(draft, at=AT - DAY).plan, at=AT)

    body = get("acme/entitlements/calls/explain", at=NOW).json()["explanation"]
    assert body["each_seat_of"] == seats.key
    assert body["sub_limits"] == {
        "model.large": {"value": 10, "unlimited": False},
        "model.small": {"value": None, "unlimited": True},
    }
    assert body["value_text"].startswith("100 for each seat of Seats; of which large (model): 10")
    assert "Each seat of Seats has this by itself, and none can use another's." in body["in_words"]
    assert get("acme/entitlements/storage", at=NOW).json()["entitlement"]["sub_limits"] == {}
