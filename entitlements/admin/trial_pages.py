"""Extending and converting trials: the old end, the new end and what follows, before the button."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from catalog.domain.window import add_days
from catalog.queries.instants import say_instant
from entitlements.actions.trials import LONGEST_EXTENSION, convert, end_of, extend, judge_extension, running_trial
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.wording import say_after_trial, say_end, say_left
from entitlements.domain.policy import Verdict
from entitlements.models import SubscriptionPhase
from journal.domain.refusal import Refusal
from journal.models import Approval

PRESETS = (3, 7, 14)
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Extension:
    """One way to extend the trial: where it leads, and whether the role may go there alone."""

    days: int
    end: str
    judged: Verdict

    @property
    def words(self) -> str:
        who = "within what you may grant" if self.judged.within else "someone else has to approve it"
        return f"+{self.days} days: {self.end} · {who}"


class ExtensionForm(forms.Form):
    """`seen_end` is the end the form was opened with; `shown` is the other number whose end it has shown."""

    seen_end = forms.CharField(widget=forms.HiddenInput)
    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)
    choice = forms.ChoiceField(
        label="How much longer", widget=forms.RadioSelect, error_messages={"required": "Choose how much longer."}
    )
    days = forms.IntegerField(label="Another number of days", required=False, min_value=1, max_value=LONGEST_EXTENSION)
    reason = ReasonField()

    def __init__(self, data: Any = None, *, presets: list[Extension], **options: Any) -> None:
        super().__init__(data, **options)
        known = [(str(preset.days), preset.words) for preset in presets]
        offer(self, "choice", [*known, (OTHER, "Another number of days, given below")])
        self.fields["days"].help_text = f"From 1 to {LONGEST_EXTENSION}; you see the new end before anything changes."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("choice") == OTHER and not given.get("days") and "days" not in self.errors:
            self.add_error("days", "Say how many days.")
        return given

    def wanted(self) -> int:
        choice = self.cleaned_data["choice"]
        return int(self.cleaned_data["days"] if choice == OTHER else choice)

    def seen(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen_end"])
        except ValueError:
            raise Refusal("This form is not as we made it. Open it again from the account.") from None


class TrialPage(AccountFormPage):
    """A page about a trial that is still running; where none is, there is nothing to offer."""

    @cached_property
    def trial(self) -> SubscriptionPhase:
        return running_trial(self.subscription, at=self.at)

    @property
    def end(self) -> datetime:
        return end_of(self.trial)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "subscription": self.subscription,
            "held": self.held,
            "plans": ", ".join(item.version for item in self.held.plans),
            "old_end": say_end(self.end, zone=self.zone),
            "left": say_left(self.end, at=self.at),
            "after": say_after_trial(self.held),
        }


class ExtendTrialPage(TrialPage):
    permission = "entitlements.extend_trial"
    template_name = "entitlements/extend_trial.html"
    title = "Extend a trial"

    def form(self, *, data: Any = None) -> ExtensionForm:
        presets = [self._extension(days) for days in PRESETS]
        return ExtensionForm(data, presets=presets, initial={"seen_end": self.end.isoformat()})

    def _extension(self, days: int) -> Extension:
        end = add_days(self.end, days, self.zone)
        judged = judge_extension(trial=self.trial, days=days, by=self.by)
        return Extension(days, say_end(end, zone=self.zone), judged)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "extended_times": self.trial.extended_times}

    def act(self, form: ExtensionForm) -> HttpResponse:
        days = form.wanted()
        if days not in PRESETS and form.cleaned_data["shown"] != days:
            return self._show(days)
        made = extend(
            subscription=self.subscription,
            days=days,
            reason=form.cleaned_data["reason"],
            by=self.by,
            at=self.at,
            seen_end=form.seen(),
        )
        if isinstance(made, Approval):
            return self.done(f"The extension by {days} days waits for approval; until then the trial ends as it did.")
        return self.done(f"The trial now runs {say_end(end_of(made), zone=self.zone)}.")

    def _show(self, days: int) -> HttpResponse:
        given = self.request.POST.copy()
        given["shown"] = str(days)
        return self.render_to_response(self.get_context_data(form=self.form(data=given), shown=self._extension(days)))


class ConversionForm(forms.Form):
    """There is nothing to say: the button is the answer."""


class ConvertTrialPage(TrialPage):
    permission = "entitlements.convert_trial"
    template_name = "entitlements/convert_trial.html"
    title = "Convert a trial"

    def form(self, *, data: Any = None) -> ConversionForm:
        return ConversionForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        end = self.held.window.end
        runs_on = f"It runs {say_end(end, zone=self.zone)}." if end else "It runs on until somebody ends it."
        now = say_instant(self.at, zone=self.zone)
        return {**super().get_context_data(**kwargs), "runs_on": runs_on, "now": now}

    def act(self, form: forms.Form) -> HttpResponse:
        convert(subscription=self.subscription, by=self.by, at=self.at)
        return self.done("The trial is a sale now.")
