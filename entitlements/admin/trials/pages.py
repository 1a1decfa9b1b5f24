"""Extending and converting trials: the old end, the new end and what follows, before the button."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from catalog.queries.instants import say_instant
from entitlements.actions.trials import convert, end_of, extend, running_trial
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.trials.forms import PRESETS, ExtensionForm, Length, extension, parse_end
from entitlements.admin.wording import say_after_trial, say_end, say_left
from entitlements.domain.lifecycle import Move
from entitlements.models import SubscriptionPhase
from entitlements.queries.life.after_trial import after_trial
from entitlements.queries.life.trials import undo_open
from journal.domain.refusal import Refusal
from journal.models import Approval


class TrialPage(AccountFormPage):
    """A page about a trial that is still running; where none is, there is nothing to offer."""

    move: Move

    @cached_property
    def trial(self) -> SubscriptionPhase:
        return running_trial(self.subscription, at=self.at, move=self.move)

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
        after = after_trial(self.subscription, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "subscription": self.subscription,
            "held": self.held,
            "plans": ", ".join(item.version for item in self.held.plans),
            "old_end": say_end(self.end, zone=self.zone),
            "left": say_left(self.end, at=self.at),
            "after": say_after_trial(self.held, after, zone=self.zone),
            "after_lines": after.lines(zone=self.zone) if after else (),
            "billed": bool(self.subscription.billed_by),
        }


class ExtendTrialPage(TrialPage):
    permission = "entitlements.extend_trial"
    template_name = "entitlements/extend_trial.html"
    title = "Extend a trial"
    move = Move.EXTEND_TRIAL

    def form(self, *, data: Any = None) -> ExtensionForm:
        presets = [extension(self.trial, Length(days=days), zone=self.zone, by=self.by) for days in PRESETS]
        return ExtensionForm(
            data,
            presets=[(days, found.words) for days, found in zip(PRESETS, presets, strict=True)],
            where=f"in {self.zone}",
            initial={"seen": self.end.isoformat()},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        undo = undo_open(self.trial, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "extended_times": self.trial.extended_times,
            "undo_left": say_left(undo, at=self.at) if undo else "",
        }

    def act(self, form: ExtensionForm) -> HttpResponse:
        wanted = form.wanted()
        if form.must_be_shown():
            return self._show(wanted, form)
        made = extend(
            subscription=self.subscription,
            days=wanted.days,
            until=wanted.until,
            reason=form.cleaned_data["reason"],
            by=self.by,
            at=self.at,
            seen_end=parse_end(form.cleaned_data["seen"]),
        )
        if isinstance(made, Approval):
            return self.done("The extension waits for approval; until then the trial ends as it did.")
        return self.done(self._say_done(made))

    def _say_done(self, trial: SubscriptionPhase) -> str:
        """What the reader is told, with the way back while it is open."""
        told = f"The trial now runs {say_end(end_of(trial), zone=self.zone)}."
        until = undo_open(trial, at=self.at)
        if until is None:
            return told
        undo = reverse("admin:entitlements_trial_undo", args=[self.account.key, self.subscription.number])
        link = format_html('<a class="font-semibold underline" href="{}">Undo</a>', undo)
        return format_html("{} {} ({})", told, link, say_left(until, at=self.at))

    def _show(self, wanted: Length, form: ExtensionForm) -> HttpResponse:
        """Where another length leads, before it is done; one that leads nowhere is refused beside its field."""
        shown = extension(self.trial, wanted, zone=self.zone, by=self.by)
        if shown.refused:
            raise Refusal(shown.refused, field="days" if wanted.until is None else "until")
        given = self.request.POST.copy()
        given["shown"] = wanted.said
        return self.render_to_response(self.get_context_data(form=self.form(data=given), shown=shown))


class ConversionForm(forms.Form):
    """There is nothing to say: the button is the answer."""


class ConvertTrialPage(TrialPage):
    permission = "entitlements.convert_trial"
    template_name = "entitlements/convert_trial.html"
    title = "Convert a trial"
    move = Move.CONVERT_TRIAL

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
