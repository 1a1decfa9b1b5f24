"""Where a licence runs: activated by hand, released, moved to another device, and put into a file for it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify

from catalog.queries.instants import say_instant
from entitlements.actions.licences.activating import activate, deactivate, move_activation
from entitlements.actions.licences.files import issue_file
from entitlements.admin.fields import ReasonField
from entitlements.admin.licences.pages import ACTIVATE, LicenceAsk
from entitlements.admin.licences.words import bound_one, plural
from entitlements.models import LicenceActivation
from entitlements.queries.licences.lists import files_out

OFF = {"autocomplete": "off", "spellcheck": "false"}
FILE_TYPE = "application/octet-stream"


class FingerprintForm(forms.Form):
    fingerprint = forms.CharField(
        label="Fingerprint", max_length=200, widget=forms.TextInput(attrs=OFF),
        error_messages={"required": "Say where it runs."},
        help_text="As the software shows it. A domain as it is typed, such as shop.example.com.",
    )  # fmt: skip
    name = forms.CharField(label="Name", max_length=200, required=False, help_text="By which people know it, such as “Line 3”.")  # fmt: skip


class ReleaseForm(forms.Form):
    reason = ReasonField(required=False)


class ActivatePage(LicenceAsk):
    permission: ClassVar[str] = ACTIVATE
    form_class = FingerprintForm
    title = "Activate a licence by hand"
    button = "Activate it"
    lead = "Software does this by itself. By hand it is done for what can’t ask, before it gets a file."

    def act(self, form: Any) -> HttpResponse:
        made = activate(licence=self.licence, **form.cleaned_data, by=self.by, at=self.at)
        where = made.activation.name or made.activation.fingerprint
        if made.again:
            return self.done(f"It was active on {where} already; no second place was taken.")
        return self.done(f"It is active on {where}{', beyond its limit' if made.over else ''}.")


class PlaceAsk(LicenceAsk):
    """About one place where the licence is active."""

    permission: ClassVar[str] = ACTIVATE

    @cached_property
    def row(self) -> LicenceActivation:
        rows = LicenceActivation.objects.filter(licence=self.licence, released_at__isnull=True)
        return get_object_or_404(rows.select_related("heartbeat"), pk=self.kwargs["activation"])

    def facts(self) -> list[tuple[str, str]]:
        row = self.row
        told = [(bound_one(self.licence.policy).capitalize(), row.fingerprint)]
        if row.name:
            told.append(("Name", row.name))
        told.append(("Active since", say_instant(row.activated_at, zone=self.zone)))
        if hasattr(row, "heartbeat"):
            told.append(("Last heard of", say_instant(row.heartbeat.at, zone=self.zone)))
        return told

    def warning(self) -> str:
        ends = [one.expires_at for one in files_out(self.licence, at=self.at) if one.activation_id == self.row.pk]
        if not ends:
            return ""
        return f"It has a file and runs by it until {say_instant(max(ends), zone=self.zone)}, unless it asks before."


class ReleasePage(PlaceAsk):
    form_class = ReleaseForm
    title = "Release a place"
    button = "Release it"
    lead = "The software there is refused from now on, and its place is free for another."

    def act(self, form: Any) -> HttpResponse:
        row, reason = self.row, form.cleaned_data["reason"]
        deactivate(licence=self.licence, fingerprint=row.fingerprint, reason=reason, by=self.by, at=self.at)
        return self.done(f"{row.name or row.fingerprint} is released.")


class MovePage(PlaceAsk):
    form_class = FingerprintForm
    title = "Move an activation"
    button = "Move it"
    lead = "The place it has now is released, and the new one active, in one act: the limit can’t get between."

    def act(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        moved = move_activation(
            licence=self.licence, fingerprint=self.row.fingerprint, to=given["fingerprint"], name=given["name"],
            by=self.by, at=self.at,
        )  # fmt: skip
        return self.done(f"It is active on {moved.activation.name or moved.activation.fingerprint} now.")


class FileForm(forms.Form):
    fingerprint = forms.CharField(
        label="For which place", max_length=200, required=False, widget=forms.TextInput(attrs=OFF)
    )


class FilePage(LicenceAsk):
    """The answer to the button is the file itself."""

    permission: ClassVar[str] = ACTIVATE
    title = "A file to run by"
    button = "Sign and download it"

    @property
    def lead(self) -> str:  # type: ignore[override]
        days = self.licence.policy.offline_days
        lasts = f"for {plural(days, 'day')}, or until the licence ends," if days else "for a time"
        return (
            f"A signed file lets the software there run {lasts} without asking, with all that the customer has today. "
            "Until its end it can’t be called back, whatever happens to the licence."
        )

    def form(self, *, data: Any = None) -> FileForm:
        asked = self.request.GET.get("fingerprint", "").replace("\x00", "")
        form = FileForm(data, initial={"fingerprint": asked})
        one = bound_one(self.licence.policy)
        form.fields[
            "fingerprint"
        ].help_text = f"The fingerprint of a {one} where it is active. Empty: any, where the policy counts none."
        return form

    def act(self, form: Any) -> HttpResponse:
        fingerprint = form.cleaned_data["fingerprint"]
        text = issue_file(licence=self.licence, fingerprint=fingerprint, by=self.by, at=self.at)
        name = slugify(fingerprint)[:40] or "any"
        response = HttpResponse(text, content_type=FILE_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{self.licence.prefix}-{name}.licence"'
        response["Cache-Control"] = "no-store"
        return response
