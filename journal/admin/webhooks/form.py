"""What is asked about an endpoint: where it is, of whom it is told, and of which events."""

import re
from typing import Any

from django import forms

from journal.account_names import named
from journal.actions.webhooks.endpoints import usable
from journal.admin.webhooks.words import grouped
from journal.domain.refusal import Refusal
from journal.models import WebhookEndpoint
from journal.webhook_events import PING, events

ALL, SOME = "all", "some"
KEY = re.compile(r"we_[0-9a-f]{24}")


class EndpointForm(forms.Form):
    """`key`: made when the form is opened, so that pressed twice it sets up one endpoint."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text="Where messages are posted to, such as https://shop.example/webhooks. A public server, by https.",
    )
    description = forms.CharField(
        label="What it is for", max_length=200, required=False, help_text="Such as “Provisioning of the shop”."
    )
    account = forms.CharField(
        label="Of which account",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="The account’s key, as on its page: then it hears of this one alone. Empty: of all accounts.",
    )
    which = forms.ChoiceField(
        label="What it is told of",
        widget=forms.RadioSelect,
        initial=ALL,
        choices=[(ALL, "Every event, and whatever is added to the list later"), (SOME, "Only these events")],
    )
    events = forms.MultipleChoiceField(label="Events", required=False)

    def __init__(self, data: Any = None, *, endpoint: WebhookEndpoint | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.endpoint = endpoint
        self.offered = {event: words for event, words in events().items() if event != PING}
        chooser = self.fields["events"]
        assert isinstance(chooser, forms.MultipleChoiceField)
        chooser.choices = [*self.offered.items(), *((event, event) for event in self._gone())]

    def _gone(self) -> list[str]:
        """What it was told of once, and what the list no longer has: it can be taken out, never put in."""
        return [event for event in (self.endpoint.events if self.endpoint else []) if event not in self.offered]

    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Every event with its words and whether it is ticked, by what it is about."""
        ticked = set(self["events"].value() or [])
        return [
            (heading, [(event, words, event in ticked) for event, words in found.items()])
            for heading, found in grouped(self.offered).items()
        ]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        return key if KEY.fullmatch(key) else ""

    def clean_url(self) -> str:
        """Said with all else that is wrong, instead of after it."""
        try:
            return usable(self.cleaned_data["url"])
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal

    def clean_account(self) -> str:
        key: str = self.cleaned_data["account"].strip()
        if not key or (self.endpoint is not None and key == self.endpoint.account_key):
            return key
        found = named([key]).get(key)
        if found is None:
            raise forms.ValidationError(f"There is no account with the key “{key}”. Leave it empty for all accounts.")
        if found.went_to:
            raise forms.ValidationError(f"{found.name} was merged into another account: write “{found.went_to}”.")
        return key

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("which") == SOME and not told.get("events") and "events" not in self.errors:
            self.add_error("events", "Tick at least one event, or choose every event.")
        return told

    def asked(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {
            "url": told["url"],
            "description": told["description"],
            "account_key": told["account"],
            "events": [] if told["which"] == ALL else told["events"],
        }
