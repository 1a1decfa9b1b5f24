"""Setting up an endpoint, editing it, and renewing its secret, which is shown once."""

import secrets
from typing import Any, ClassVar

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from journal.actions.webhooks import endpoints as acts
from journal.admin.pages import FormPage
from journal.admin.webhooks.form import ALL, SOME, EndpointForm
from journal.admin.webhooks.pages import LIST, MANAGE, EndpointAsk, EndpointPage, endpoint_url
from journal.admin.webhooks.words import say_moment
from journal.models import WebhookEndpoint
from journal.queries.webhooks import live_secrets


class SetUpPage(FormPage[EndpointForm]):
    permission: ClassVar[str] = MANAGE
    template_name = "journal/webhooks/form.html"
    title = "Set up a webhook"

    def form(self, *, data: Any = None) -> EndpointForm:
        asked = {"key": f"we_{secrets.token_hex(12)}", "account": self.request.GET.get("account", "")}
        return EndpointForm(data, initial=asked)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": reverse(LIST), "button": "Set it up"}

    def act(self, form: EndpointForm) -> HttpResponse:
        key = form.cleaned_data["key"]
        endpoint, plain = acts.set_up(**form.asked(), key=key, by=self.by, at=self.at)
        return self.shown_once(endpoint, plain)

    def shown_once(self, endpoint: WebhookEndpoint, plain: str) -> HttpResponse:
        context = {
            **super().get_context_data(),
            "title": "The webhook was set up",
            "endpoint": endpoint,
            "plain": plain,
            "back": endpoint_url(endpoint),
        }
        return _once(self, context)


class EditPage(EndpointPage, FormPage[EndpointForm]):
    permission: ClassVar[str] = MANAGE
    template_name = "journal/webhooks/form.html"
    title = "Edit the webhook"

    def form(self, *, data: Any = None) -> EndpointForm:
        row = self.endpoint
        asked = {
            "url": row.url,
            "description": row.description,
            "account": row.account_key,
            "which": SOME if row.events else ALL,
            "events": row.events,
        }
        return EndpointForm(data, endpoint=row, initial=asked)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "button": "Save it", "waiting": self.doing.waiting}

    def act(self, form: EndpointForm) -> HttpResponse:
        acts.edit(endpoint=self.endpoint, **form.asked(), by=self.by, at=self.at)
        self.tell("The webhook was saved. Messages that wait go by it too.")
        return HttpResponseRedirect(self.back)


class RenewPage(EndpointAsk):
    title = "Renew the secret"
    button: ClassVar[str] = "Renew it"

    def lead(self) -> str:
        signing = len(live_secrets(self.endpoint, at=self.at))
        most = " Of several renewals within a day the newest three sign." if signing > 1 else ""
        return (
            "The new secret is shown once. Messages are signed with the former one too, until "
            f"{say_moment(self.at + acts.OVERLAP)}: the receiver has until then to learn the new one.{most}"
        )

    def warning(self) -> str:
        return "If the secret leaked, whoever has it can sign until then as well: tell the receiver to drop it at once."

    def act(self, form: Any) -> HttpResponse:
        plain = acts.rotate_secret(endpoint=self.endpoint, by=self.by, at=self.at)
        context = {
            **EndpointPage.get_context_data(self),
            "title": "The secret was renewed",
            "plain": plain,
            "former_until": self.at + acts.OVERLAP,
        }
        return _once(self, context)


def _once(page: Any, context: dict[str, Any]) -> HttpResponse:
    """The one page that ever shows the secret; no browser keeps it."""
    response = page.response_class(
        request=page.request, template=["journal/webhooks/secret.html"], context=context, using=page.template_engine
    )
    response["Cache-Control"] = "no-store"
    return response
