"""Review and publish: what it does to accounts is known one app above, and so the pages stand there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.admin.pages import Page


class PublishPage(Page):
    """The old address of the review; it leads on to the first step of publishing."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:entitlements_publish", args=[kwargs["version_id"]]))
