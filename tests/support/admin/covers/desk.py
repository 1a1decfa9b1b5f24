"""A desk with Acme, its plants and its contract, and somebody of each role who reads covers."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.support.admin.cases.desks import reader

__all__ = ["address", "page", "reader", "typed"]


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:support_cover{name}", args=args)


def page(client: Client, name: str, *args: Any, **asked: Any) -> str:
    answer = client.get(address(name, *args), asked)
    assert answer.status_code == 200, answer.headers.get("Location")
    return answer.content.decode()


def typed(**said: Any) -> dict[str, Any]:
    """A filled form: priority with labour in full through the year."""
    form = {"name": "Maintenance", "starts": "2026-03-01", "through": "2099-12-31", "tier": "priority", "labour": "100"}
    return {**form, **said}
