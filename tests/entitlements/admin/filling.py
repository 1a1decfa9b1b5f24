"""Filling in a form that asks twice, as a person does: opened, filled in, a button pressed."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.entitlements.admin.reading import url


def opened(desk: Client, where: tuple[Any, ...], **asked: Any) -> dict[str, Any]:
    """What the form holds when it is opened."""
    form = desk.get(url(*where), asked).context["form"]
    values = {field.name: field.value() for field in form}
    return {name: "" if told is None else told for name, told in values.items()}


def send(
    desk: Client, where: tuple[Any, ...], step: str = "preview", *, asked: dict[str, Any] | None = None, **given: Any
) -> HttpResponse:
    """Open the form, fill in what is given, and press the button of that step."""
    return desk.post(url(*where), {**opened(desk, where, **(asked or {})), **given, "step": step})
