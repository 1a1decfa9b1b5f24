"""What every page about one licence has in common, and the page that asks before something is done with it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.admin.licences.words import place_words, shown_key
from entitlements.models import Licence
from entitlements.queries.licences import standing_now
from journal.admin.pages import FormPage, Page

VIEW = "entitlements.view_licence"
ISSUE = "entitlements.issue_licence"
SUSPEND = "entitlements.suspend_licence"
REVOKE = "entitlements.revoke_licence"
ACTIVATE = "entitlements.manage_activation"
RELATED = ("account__owner", "policy__plan", "policy__activation_feature", "subscription__account")


def licence_url(licence: Licence, page: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:entitlements_licence_{page}", args=[licence.pk, *arguments])


class LicencePage(Page):
    """A page about one licence. Who may not look at licences is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def licence(self) -> Licence:
        return get_object_or_404(Licence.objects.select_related(*RELATED), pk=self.kwargs["licence"])

    @property
    def zone(self) -> str:
        return self.licence.account.zone

    @property
    def back(self) -> str:
        return licence_url(self.licence)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ruling = standing_now(self.licence, self.at)
        return {
            **super().get_context_data(**kwargs),
            "licence": self.licence,
            "account": self.licence.account,
            "key_shown": shown_key(self.licence.prefix),
            "place": place_words(ruling),
            "ruling": ruling,
            "back": self.back,
            "back_words": str(self.licence),
        }


class LicenceAsk(LicencePage, FormPage[forms.Form]):
    """A page that says what will happen and to what, and asks; afterwards the reader is back on the licence."""

    template_name = "entitlements/licences/ask.html"
    form_class: ClassVar[type[forms.Form]]
    button: ClassVar[str]
    lead: ClassVar[str] = ""
    danger: ClassVar[bool] = False

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "facts": self.facts(),
            "lead": self.lead,
            "warning": self.warning(),
            "button": self.button,
            "danger": self.danger,
        }

    def facts(self) -> list[tuple[str, str]]:
        """What the reader should have before their eyes, beside the licence and its customer."""
        return []

    def warning(self) -> str:
        return ""

    def done(self, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(self.back)
