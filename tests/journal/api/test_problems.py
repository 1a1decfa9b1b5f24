import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.http import Http404
from django.utils.timezone import now
from ninja import NinjaAPI, Schema
from ninja.testing import TestClient

from journal.actions.api_keys import issue
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS, install
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, Stale


class TrialOver(Refusal):
    code = "trial_over"


class Asked(Schema):
    days: int


RAISED = {
    "refused": Refusal("Not now."),
    "own": TrialOver("The trial is over.", field="days"),
    "not_allowed": NotAllowed("You may not."),
    "not_found": NotFound("No account has this key."),
    "stale": Stale(),
    "invalid": Invalid("Choose a day.", errors={"days": ("Choose a day.",), "": ("Hm.",)}),
    "404": Http404("secret"),
    "broken": ZeroDivisionError("secret"),
}

api = NinjaAPI(urls_namespace="problems-under-test")
install(api)


@api.get("/raise/{name}", response={200: Asked, **PROBLEMS})
def raise_it(request, name: str):
    raise RAISED[name]


@api.post("/ask")
def ask(request, told: Asked):
    return {"days": told.days}


@api.get("/mine", auth=KeyAuth("things:read"))
def mine(request):
    return {"who": request.auth.key}


client = TestClient(api)


def told(response):
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    assert body["type"] == f"{settings.DESK_URL}/problems/{body['code']}"
    return body


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refused", 409, "refused"),
        ("own", 409, "trial_over"),
        ("not_allowed", 403, "not_allowed"),
        ("not_found", 404, "not_found"),
        ("stale", 409, "stale"),
        ("invalid", 422, "invalid"),
        ("404", 404, "not_found"),
        ("broken", 500, "broken"),
    ],
)
def test_each_failure_is_a_problem_document(name, status, code, caplog):
    body = told(client.get(f"/raise/{name}"))
    assert (body["status"], body["code"]) == (status, code)
    assert "secret" not in str(body)


def test_a_field_at_fault_is_named():
    assert told(client.get("/raise/own"))["errors"] == [{"field": "days", "detail": "The trial is over."}]
    assert told(client.get("/raise/invalid"))["errors"] == [{"field": "days", "detail": "Choose a day."}]


def test_inputs_that_cannot_be_read_are_named():
    body = told(client.post("/ask", json={"days": "many"}))
    assert (body["status"], body["code"]) == (422, "invalid")
    assert "days" in body["detail"]
    assert "integer" in body["errors"][0]["detail"]


def test_a_body_that_is_no_json_is_a_problem_too():
    assert told(client.post("/ask", data="{", content_type="application/json"))["status"] in {400, 422}


def test_the_openapi_document_declares_problems_as_such():
    responses = api.get_openapi_schema(path_prefix="/api/")["paths"]["/api/raise/{name}"]["get"]["responses"]
    assert list(responses[200]["content"]) == ["application/json"]
    assert list(responses[404]["content"]) == ["application/problem+json"]


def ask_with(header):
    return client.get("/mine", headers={"Authorization": header} if header else {})


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic ed_x_y", "Bearer ed_a_b"])
def test_without_a_valid_key_nobody_comes_in(header):
    response = ask_with(header)
    assert told(response)["code"] == "not_authenticated"
    assert response["WWW-Authenticate"] == "Bearer"


def key_for(*scopes, **told):
    return issue(name="Shop", scopes=scopes, by=SYSTEM, **{"expires_at": None, "at": now()} | told)[1]


@pytest.mark.django_db
def test_a_key_comes_in_as_its_actor():
    assert ask_with(f"Bearer {key_for('things:read')}").json()["who"].startswith("key:")


@pytest.mark.django_db
def test_a_key_for_something_else_is_told_so():
    body = told(ask_with(f"Bearer {key_for('other:read')}"))
    assert (body["status"], body["detail"][:41]) == (403, "This key was not issued for things:read. "[:41])


@pytest.mark.django_db
def test_an_expired_key_is_nobody():
    past = {"at": now() - timedelta(days=2), "expires_at": now() - timedelta(days=1)}
    assert told(ask_with(f"Bearer {key_for('things:read', **past)}"))["status"] == 401
