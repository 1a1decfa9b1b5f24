"""What is asked about API keys, and how their list is narrowed down."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)

from journal import scopes
from journal.admin.base import DeskForm
from journal.admin.fields import WholeNumberField
from journal.domain.rate import MOST
from journal.models import ApiKey
from journal.queries.api_keys import KeyPlace, key_in

PLACES = {
    KeyPlace.LIVE: "Live",
    KeyPlace.UNUSED: "Live, unused for 90 days",
    KeyPlace.EXPIRED: "Expired",
    KeyPlace.REVOKED: "Revoked",
}


def usual_limit() -> str:
    return f"{settings.DESK_API_RATE:,}"


def limit_field() -> WholeNumberField:
    return WholeNumberField(
        label="Requests a minute",
        min_value=1,
        max_value=MOST,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"Leave it empty for what every key may: {usual_limit()}. Beyond it, the key is told to wait.",
    )


class ApiKeyForm(DeskForm):
    scopes = forms.MultipleChoiceField(label="What it may be used for", widget=UnfoldAdminCheckboxSelectMultipleWidget)

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at", "rate_limit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "scopes" in self.fields:
            self.fields["rate_limit"] = limit_field()
            chooser = self.fields["scopes"]
            assert isinstance(chooser, forms.MultipleChoiceField)
            chooser.choices = [(group, list(named.items())) for group, named in scopes.grouped().items()]


class LimitForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rate_limit"] = limit_field()


class RevocationForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Kept in the audit: whoever looks after the program will ask.",
    )


class KeyPlaceFilter(SimpleListFilter):
    title = "where it stands"
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(place.value, words) for place, words in PLACES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        wanted = self.value()
        return queryset.filter(key_in(KeyPlace(wanted), at=now())) if wanted in list(KeyPlace) else queryset
