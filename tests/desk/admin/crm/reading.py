"""The pages about a mapping as a person reads and fills them."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from journal.models import Connection


def url(connection: Connection, page: str = "of", *arguments: Any) -> str:
    return reverse(f"admin:desk_crm_mapping_{page}", args=[connection.pk, *arguments])


def opened(desk: Client, where: str) -> dict[str, Any]:
    """What the form holds when it is opened."""
    form = desk.get(where).context["form"]
    values = {field.name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def send(desk: Client, where: str, **given: Any) -> HttpResponse:
    """Open the form, fill in what is given, and press its button."""
    return desk.post(where, {**opened(desk, where), **given})
