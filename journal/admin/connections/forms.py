"""What is asked about a connection: its name, its mode, and what the vendor's own description names."""

import re
from datetime import timedelta
from typing import Any

from django import forms

from journal.actions.connection_inputs import SECRET, SETTING
from journal.domain.connection import Mode
from journal.models import Connection
from journal.vendors import SecretKind, Setting, Vendor, inside

KEY = re.compile(r"[a-z][a-z0-9-]*-(live|test)-[0-9a-f]{10}")
AT_ONCE, USUAL = "now", "usual"


class SecretInput(forms.PasswordInput):
    """What is typed is not shown, not remembered by the browser, and never sent back to it."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"}, render_value=False)


class SecretText(forms.Textarea):
    """The same for what has several lines: it comes back empty."""

    def __init__(self) -> None:
        super().__init__(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})

    def format_value(self, value: Any) -> str:
        return ""


class ConnectionForm(forms.Form):
    """For editing: the name, and the vendor's settings. The action says what of them can't be right."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="What it is called here, such as “Billing” or “Billing, trying out”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, data: Any = None, *, vendor: Vendor, connection: Connection | None = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.vendor = vendor
        for one in vendor.fields:
            value = connection.settings.get(one.name, "") if connection else ""
            self.fields[SETTING + one.name] = _setting(one, initial=value)

    def settings(self) -> dict[str, str]:
        return {one.name: self.cleaned_data[SETTING + one.name] for one in self.vendor.fields}


class SetUpForm(ConnectionForm):
    """`key` and `vendor` stand in the form, so that pressed twice it sets up one connection of what it showed."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    mode = forms.ChoiceField(
        label="Mode",
        widget=forms.RadioSelect,
        choices=[(Mode.TEST.value, "For trying out"), (Mode.LIVE.value, "Live: real customers")],
    )

    def __init__(self, data: Any = None, *, vendor: Vendor, **options: Any) -> None:
        super().__init__(data, vendor=vendor, **options)
        self.fields["mode"].help_text = vendor.mode_words
        for kind in vendor.secrets:
            self.fields[SECRET + kind.purpose] = secret_field(kind)
        self.order_fields(["key", "name", "mode"])

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        return key if KEY.fullmatch(key) else ""

    def secrets(self) -> dict[str, str]:
        return {kind.purpose: self.cleaned_data[SECRET + kind.purpose] for kind in self.vendor.secrets}


class RenewForm(forms.Form):
    former = forms.ChoiceField(label="The former one", widget=forms.RadioSelect, initial=USUAL)

    def __init__(self, data: Any = None, *, kind: SecretKind, has_former: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.kind = kind
        self.fields["secret"] = secret_field(kind, words=f"The new {inside(kind.words)}")
        if not has_former:
            del self.fields["former"]
            return
        chooser = self.fields["former"]
        assert isinstance(chooser, forms.ChoiceField)
        hours = int(kind.overlap.total_seconds() // 3600)
        chooser.choices = [
            (USUAL, f"Is good for {hours} more hours, so that nothing is refused meanwhile"),
            (AT_ONCE, "Ends at once, because somebody else may know it"),
        ]
        self.order_fields(["secret", "former"])

    def overlap(self) -> timedelta | None:
        return timedelta(0) if self.cleaned_data.get("former") == AT_ONCE else None


def secret_field(kind: SecretKind, *, words: str = "") -> forms.CharField:
    """Whether it is needed is the action's to say, in the vendor's words."""
    widget = SecretText() if kind.is_long else SecretInput()
    optional = "" if kind.required else " It may be left empty."
    return forms.CharField(label=words or kind.words, required=False, widget=widget, help_text=kind.help + optional)


def _setting(one: Setting, *, initial: str) -> forms.Field:
    if one.choices:
        return forms.ChoiceField(
            label=one.words,
            required=False,
            initial=initial or one.choices[0][0],
            help_text=one.help,
            choices=one.choices,
        )
    such_as = f" Such as {one.such_as}." if one.such_as else ""
    optional = "" if one.required else " It may be left empty."
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(
        label=one.words, required=False, initial=initial, widget=widget, help_text=one.help + such_as + optional
    )
