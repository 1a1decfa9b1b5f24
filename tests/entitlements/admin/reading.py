"""What a person reads on a page, and where the pages are."""

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.urls import reverse


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:entitlements_{name}", args=args)


def text_of(response: HttpResponse) -> str:
    """The words of the page's own part, without its marks."""
    page = response.content.decode()
    body = page[page.find('id="main"') :]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
    return re.sub(r" ([:,.;])", r"\1", words)


def complaints(response: HttpResponse) -> dict[str, list[str]]:
    """What the form says beside its fields; what belongs to none stands under the empty name."""
    form = response.context["form"]
    return {"" if name == "__all__" else name: list(told) for name, told in form.errors.items()}
