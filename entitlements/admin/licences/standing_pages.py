"""Suspending a licence, letting it go on, revoking it for good."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse

from catalog.queries.instants import say_instant
from entitlements.actions.licences.standing import resume, revoke, suspend
from entitlements.admin.fields import ReasonField
from entitlements.admin.licences.pages import REVOKE, SUSPEND, LicenceAsk
from entitlements.admin.licences.words import counted
from entitlements.models import Licence
from entitlements.queries.licences.lists import files_out


class ReasonForm(forms.Form):
    reason = ReasonField()


class NoteForm(forms.Form):
    reason = ReasonField(required=False)


def in_use(licence: Licence, *, zone: str, at: datetime) -> list[tuple[str, str]]:
    """Where it runs, and until when by files whatever happens."""
    running = licence.activations.filter(released_at__isnull=True).count()
    last = max((one.expires_at for one in files_out(licence, at=at)), default=None)
    facts = [("Runs on", counted(licence.policy, running) if running else "nothing yet")]
    if last is not None:
        facts.append(("By file", f"until {say_instant(last, zone=zone)}, without asking"))
    return facts


class SuspendPage(LicenceAsk):
    permission: ClassVar[str] = SUSPEND
    form_class = ReasonForm
    title = "Suspend a licence"
    button = "Suspend it"
    lead = "Every question with this key is refused from now on, until somebody lets it go on."

    def facts(self) -> list[tuple[str, str]]:
        return in_use(self.licence, zone=self.zone, at=self.at)

    def warning(self) -> str:
        return file_warning(self.licence, at=self.at)

    def act(self, form: Any) -> HttpResponse:
        suspend(licence=self.licence, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The licence is suspended.")


class ResumePage(LicenceAsk):
    permission: ClassVar[str] = SUSPEND
    form_class = NoteForm
    title = "Let a licence go on"
    button = "Let it go on"
    lead = "It works again from now on, where its account and its dates let it."

    def facts(self) -> list[tuple[str, str]]:
        licence = self.licence
        if licence.suspended_at is None:
            return []
        since = say_instant(licence.suspended_at, zone=self.zone)
        return [("Suspended", since), ("Why", licence.suspend_reason or "not said")]

    def act(self, form: Any) -> HttpResponse:
        resume(licence=self.licence, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The licence goes on.")


class RevokePage(LicenceAsk):
    permission: ClassVar[str] = REVOKE
    form_class = ReasonForm
    title = "Revoke a licence"
    button = "Revoke it for good"
    lead = "Every question with this key is refused from now on. A revoked licence can’t be brought back."
    danger = True

    def facts(self) -> list[tuple[str, str]]:
        return in_use(self.licence, zone=self.zone, at=self.at)

    def warning(self) -> str:
        return file_warning(self.licence, at=self.at)

    def act(self, form: Any) -> HttpResponse:
        revoke(licence=self.licence, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The licence is revoked.")


def file_warning(licence: Licence, *, at: datetime) -> str:
    """A file can't be called back: what runs by one learns of it when it asks again."""
    files = files_out(licence, at=at)
    if not files:
        return ""
    number = "A file is" if len(files) == 1 else f"{len(files)} files are"
    return f"{number} out. What runs by a file goes on until the file ends, or until it asks."
