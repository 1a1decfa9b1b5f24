"""The dispute pack: asked for with a period and a reason, shown with its sum, downloaded."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.actions.dispute_packs import MOST_MOMENTS, PERMISSION, make_pack
from entitlements.admin.fields import ReasonField
from entitlements.admin.moments import read_moment
from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.evidence.drawing import VERB, drawn_again, noted
from journal.admin.fields import DayInput
from journal.domain.refusal import Refusal
from journal.models import AuditEvent

LATEST = 20


class PackForm(forms.Form):
    from_on = forms.DateField(label="First day", widget=DayInput, error_messages={"required": "Choose the first day."})
    through_on = forms.DateField(label="Last day", widget=DayInput, error_messages={"required": "Choose the last day."})
    moments = forms.CharField(
        label="Moments to answer three ways",
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "2026-03-14 09:00"}),
    )
    reason = ReasonField()

    def __init__(self, data: Any = None, *, zone: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.zone = zone
        self.fields["from_on"].help_text = f"Days begin and end at midnight in {zone}."
        self.fields["moments"].help_text = (
            f"One a line, at most {MOST_MOMENTS}, by a clock in {zone}: what was true, what we believed, what programs had "
            "been told. Empty: the beginning and the end of the period."
        )

    def clean_moments(self) -> list[datetime]:
        lines = [line.strip() for line in self.cleaned_data["moments"].splitlines() if line.strip()]
        read = [(line, read_moment(line, zone=self.zone)) for line in lines]
        for line, moment in read:
            if moment is None:
                raise forms.ValidationError(f"“{line}” is no moment; write a day and a time, such as 2026-03-14 09:00.")
        return [moment for _, moment in read if moment is not None]


class PackPage(AccountFormPage):
    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/pack_make.html"
    title = "Dispute pack"

    def form(self, *, data: Any = None) -> PackForm:
        first, last = (say_day(moment, zone=self.zone) for moment in (self.account.created_at, self.at))
        return PackForm(data, zone=self.zone, initial={"from_on": first, "through_on": last})

    def act(self, form: Any) -> HttpResponse:
        made = make_pack(account=self.account, **form.cleaned_data, by=self.by, at=self.at)
        return HttpResponseRedirect(made_url(self.account.key, made.event))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        acts = AuditEvent.objects.filter(account_key=self.account.key, verb=VERB).order_by("-seq")[:LATEST]
        made = [
            (act, say_instant(act.at, zone=self.zone), say_period(act), made_url(self.account.key, act)) for act in acts
        ]
        return {**super().get_context_data(**kwargs), "made": made}


class PackMade(AccountPage):
    """What all that is about one pack has in common."""

    permission: ClassVar[str] = PERMISSION

    @cached_property
    def event(self) -> AuditEvent:
        return get_object_or_404(AuditEvent, pk=self.kwargs["event"], account_key=self.account.key, verb=VERB)


class PackMadePage(PackMade):
    template_name = "entitlements/pack_made.html"
    title = "Dispute pack"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "event": self.event,
            "noted": noted(self.event),
            "period": say_period(self.event),
            "when": say_instant(self.event.at, zone=self.zone),
            "moments": [say_instant(datetime.fromisoformat(m), zone=self.zone) for m in noted(self.event)["moments"]],
            "file": reverse("admin:entitlements_account_pack_file", args=[self.account.key, self.event.pk]),
            "again": reverse("admin:entitlements_account_pack", args=[self.account.key]),
            "back": account_url(self.account),
        }


class PackFile(PackMade):
    """The file itself, drawn up anew and held against the sum in the audit: nothing of it is kept on a disk."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            pack = drawn_again(self.event)
        except Refusal as refusal:
            self.refuse(refusal)
            return HttpResponseRedirect(made_url(self.account.key, self.event))
        response = HttpResponse(pack.data, content_type="application/zip")
        name = quote(f"dispute-pack-{self.account.key}-{self.event.seq}.zip")
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def made_url(key: str, event: AuditEvent) -> str:
    return reverse("admin:entitlements_account_pack_made", args=[key, event.pk])


def say_period(event: AuditEvent) -> str:
    """ "1 February 2026 through 31 March 2026"."""
    days = (date.fromisoformat(noted(event)[name]) for name in ("from", "through"))
    return " through ".join(f"{day.day} {day:%B %Y}" for day in days)


def say_day(moment: datetime, *, zone: str) -> str:
    """The day of the moment in the zone, as a field for days takes it."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
