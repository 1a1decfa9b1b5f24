"""How tests ask the runtime over HTTP: with a key, and by the clock of the world."""

import json
from datetime import datetime
from typing import Any

import time_machine
from django.test import Client

from entitlements.api.runtime.refusals import forget_offers
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.entitlements.world import AT, DAY

BOTH = ("entitlements:read", "usage:write")


def key(*scopes: str) -> str:
    _row, plain = issue(name="Shop", scopes=list(scopes or BOTH), expires_at=None, by=SYSTEM, at=AT - DAY)
    forget_offers()
    return plain


def post(path: str, body: Any = None, *, plain: str = "", at: datetime = AT, **headers: str) -> Any:
    """`body` is sent as it is where it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    sent = {"Authorization": f"Bearer {plain or key()}", **headers}
    kind = sent.pop("Content-Type", "application/json")
    with time_machine.travel(at, tick=False):
        return Client().post(path if path.startswith("/") else f"/api/v1/{path}", data, content_type=kind, headers=sent)


def get(path: str, *, plain: str = "", at: datetime = AT, **headers: str) -> Any:
    with time_machine.travel(at, tick=False):
        return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {plain or key()}", **headers})


def told(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return response.json()


def problem(response: Any, status: int, code: str, field: str | None = None) -> Any:
    assert response.headers["Content-Type"].startswith("application/problem+json"), response.content
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    if field is not None:
        assert [fault["field"] for fault in body["errors"]] == [field]
    return body
