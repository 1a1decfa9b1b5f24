"""The tabs of an account's page as a person reads them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.entitlements.admin.reading import text_of


def address(tab: str = "overview", key: str = "acme") -> str:
    return reverse("admin:desk_account" if tab == "overview" else f"admin:desk_account_{tab}", args=[key])


def read(desk: Client, tab: str = "overview", key: str = "acme", **asked: Any) -> str:
    return text_of(desk.get(address(tab, key), asked))
