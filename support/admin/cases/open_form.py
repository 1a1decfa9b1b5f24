"""What is asked about a case before it is opened by hand."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from entitlements.admin.moments import read_moment
from journal.admin.fields import MomentInput
from support.admin.cases.note_forms import NO_MOMENT
from support.domain.case_events import Channel, Opener
from support.models import Product, Severity, Team

OFF = {"autocomplete": "off", "spellcheck": "false"}
HERE = "desk"


class SeverityField(forms.ModelChoiceField):
    """Each with what it means: whoever chooses has to know."""

    def label_from_instance(self, obj: Any) -> SafeString | str:
        return format_html("<strong>{}</strong> {}", obj.name, obj.meaning) if obj.meaning else str(obj.name)


class OpenCaseForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=60)
    subject = forms.CharField(label="Subject", max_length=300, error_messages={"required": "Say in a line what it is about."})  # fmt: skip
    severity = SeverityField(
        Severity.objects.all(), label="How bad is it?", to_field_name="key", empty_label=None,
        widget=forms.RadioSelect, error_messages={"required": "Choose how bad it is: the promise depends on it."},
    )  # fmt: skip
    channel = forms.ChoiceField(
        label="Came in by", choices=[(one.value, one.words) for one in Channel], initial=Channel.PHONE.value
    )
    asset = forms.CharField(
        label="Device", required=False, max_length=200, widget=forms.TextInput(attrs={**OFF, "list": "devices"}),
        help_text="Its serial number, if it is about one; of several with one number with the product’s key before it.",
    )  # fmt: skip
    product = forms.ModelChoiceField(
        Product.objects.filter(retired_at__isnull=True), label="Product", required=False, to_field_name="key",
        empty_label="Not about a product, or as the device says",
    )  # fmt: skip
    requester = forms.EmailField(label="Asked by", required=False, max_length=254)
    opener = forms.ChoiceField(
        label="Who began it", widget=forms.RadioSelect, initial=Opener.CUSTOMER.value,
        choices=[(Opener.CUSTOMER.value, "The customer asked"), (Opener.AGENT.value, "We did: no first response is owed")],
    )  # fmt: skip
    opened_at = forms.CharField(label="When it came in", required=False, max_length=40, widget=MomentInput)
    team = forms.ModelChoiceField(
        Team.objects.all(), label="Team", required=False, empty_label="No team yet", to_field_name="key"
    )
    assignee = forms.EmailField(label="Assigned to", required=False, max_length=254, help_text="Empty: nobody yet.")
    source = forms.CharField(
        label="Help desk", max_length=40, initial=HERE, widget=forms.TextInput(attrs=OFF),
        help_text="Where the ticket itself is kept; desk: nowhere but here.",
    )  # fmt: skip
    external_id = forms.CharField(
        label="Number in the help desk", required=False, max_length=200, widget=forms.TextInput(attrs=OFF)
    )
    url = forms.URLField(label="Address in the help desk", required=False, max_length=500, assume_scheme="https")
    note = forms.CharField(label="Note", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}))
    cover = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)  # offered with what it promises

    def __init__(self, data: Any = None, *, zone: str, requester: str = "", asset: str = "") -> None:
        super().__init__(data, initial={"token": f"desk:{uuid4()}", "requester": requester, "asset": asset})
        self.zone = zone
        self.fields["opened_at"].help_text = f"Empty: now. Else as a clock in {zone.replace('_', ' ')} shows it."

    def clean_opened_at(self) -> datetime | None:
        typed = self.cleaned_data["opened_at"].strip()
        found = read_moment(typed, zone=self.zone) if typed else None
        if typed and found is None:
            raise forms.ValidationError(NO_MOMENT)
        return found

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        said = dict(self.cleaned_data)
        team: Team | None = said["team"]
        token, product = said.pop("token"), said["product"]
        return {
            **said,
            "name": token,
            "severity": said["severity"].key,
            "team": team.key if team else "",
            "product": product.key if product else "",
            "channel": Channel(said["channel"]),
            "opener": Opener(said["opener"]),
        }
