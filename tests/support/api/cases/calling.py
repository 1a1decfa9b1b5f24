"""A program that calls the desk with a key of its own."""

from typing import Any

from django.test import Client
from django.utils import timezone

from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM

CASES = "/api/v1/cases"


class Caller:
    def __init__(self, *scopes: str) -> None:
        _row, plain = issue(name="Help desk", scopes=scopes, expires_at=None, by=SYSTEM, at=timezone.now())
        self.client, self.headers = Client(), {"Authorization": f"Bearer {plain}"}

    def get(self, url: str = CASES, **query: Any) -> Any:
        return self.client.get(url, query, headers=self.headers)

    def post(self, url: str, body: Any, method: str = "post", **headers: str) -> Any:
        send = getattr(self.client, method)
        return send(url, body, content_type="application/json", headers={**self.headers, **headers})
