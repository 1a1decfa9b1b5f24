"""The door stands before every operation of the desk's own API."""

import inspect
import json

import pytest
from django.test import Client
from django.utils.timezone import now

from config.api import api
from journal.actions.api_keys import issue
from journal.api import idempotency
from journal.api.idempotency import WRITES
from journal.domain.actor import SYSTEM
from tests.entitlements.world import catalog

OPERATIONS = [
    operation
    for bound in api._get_bound_routers()
    for view in bound.path_operations.values()
    for operation in view.operations
]


def layers(view):
    """The names of the functions around a view, the outermost first."""
    while hasattr(view, "__wrapped__"):
        yield view.__code__.co_name
        view = view.__wrapped__


def test_every_writing_operation_takes_a_key_once_and_no_reading_one_does():
    assert len(OPERATIONS) > 30
    for operation in OPERATIONS:
        writes, itself = bool(WRITES & set(operation.methods)), inspect.unwrap(operation.view_func)
        marked = hasattr(itself, idempotency._MARK)
        assert list(layers(operation.view_func)).count("act_once") == (writes and not marked), operation.path
        assert list(layers(operation.run)).count("enter") == 1, operation.path


@pytest.fixture
def headers(db):
    _key, plain = issue(name="Shop", scopes=["accounts:write"], expires_at=None, by=SYSTEM, at=now())
    return {"Authorization": f"Bearer {plain}", "Idempotency-Key": '"one"'}


def open_account(headers, **told):
    body = {"key": "initech", "name": "Initech", **told}
    return Client().post("/api/v1/accounts", body, content_type="application/json", headers=headers)


def test_an_account_is_opened_once_however_often_it_is_asked_for(headers):
    catalog()
    first, again = open_account(headers), open_account(headers)
    assert first.status_code == again.status_code == 201, first.content
    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert "RateLimit" in again
    assert open_account(headers, name="Other").json()["code"] == "idempotency_key_reused"


def test_a_body_beyond_what_is_read_at_once_is_told_so(headers, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
    response = open_account(headers, name="x" * 1_000_001)
    assert (response.status_code, json.loads(response.content)["code"]) == (413, "body_too_large")
