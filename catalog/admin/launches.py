"""Launching a thing in a market, withdrawing it, and where one thing is to be had: what it does to whom comes first."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.markets import launch, lift_window
from catalog.actions.withdrawals import pending_withdrawal, request_lifting, request_setting
from catalog.admin.launch_form import LaunchForm, name_of, thing_named
from catalog.admin.pages import FormPage, Page
from catalog.domain.window import Window
from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from catalog.queries.launches import EVERYWHERE, coming, of_thing, sort_of
from catalog.queries.markets import (
    Effect,
    Thing,
    effect_of_lifting,
    effect_of_setting,
    say_accounts,
    say_effect,
    say_place,
    thing_of,
    windows_token,
)
from journal.admin.base import Button

VIEW_MARKETS, CHANGE_MARKETS = "catalog.view_market", "catalog.change_market"
SPANS = (30, 90, 365)
CHANGE, CONFIRM = "change", "confirm"


def availability_url(thing: Thing) -> str:
    return reverse("admin:catalog_availability", args=[name_of(thing)])


def availability_buttons(request: HttpRequest, thing: Thing) -> list[Button]:
    """Where it is to be had, for whoever may see markets."""
    if not request.user.has_perm(VIEW_MARKETS):
        return []
    return [Button("Where it is to be had", availability_url(thing))]


class LaunchPage(FormPage[LaunchForm]):
    """Two steps on one address: what, where and when; then what it does to whom, and the button."""

    permission = CHANGE_MARKETS
    template_name = "catalog/markets/launch.html"
    title = "Launch something in a market"

    def form(self, *, data: Any = None) -> LaunchForm:
        asked = self.request.GET
        initial = {
            "thing": asked.get("thing"),
            "market": asked.get("market"),
            "uses": [use for use in MarketUse if asked.get("use", use) == use],
            "said_in": self.zone,
        }
        return LaunchForm(data, at=self.at, initial=initial)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def act(self, form: LaunchForm) -> HttpResponse:
        asked = form.asked
        effects = _effects(**asked, at=self.at)
        if self.request.POST.get("step") != CONFIRM:
            return self.render_to_response(self.get_context_data(form=form, **self._look(asked, effects)))
        told = {"reason": form.cleaned_data["reason"], "by": self.by, "at": self.at}
        if any(effect.lowers for effect in effects):
            request_setting(**asked, **told, zone=self.zone)
            self.tell(
                f"A second person has to approve what this takes away. Your request about {asked['thing']} waits."
            )
        else:
            launch(**asked, **told, seen=self.request.POST.get("seen", ""))
            self.tell(f"It is set for {asked['thing']}. Nobody has to be awake when it happens.")
        return HttpResponseRedirect(availability_url(asked["thing"]))

    def _look(self, asked: dict[str, Any], effects: list[Effect]) -> dict[str, Any]:
        return {
            "thing": asked["thing"],
            "where": say_place(asked["market"], asked["but"]),
            "uses": [use.value for use in asked["uses"]],
            "starts_at": asked["starts_at"],
            "ends_at": asked["ends_at"],
            "sentences": [s for effect in effects for s in say_effect(effect, zone=self.zone, at=self.at)],
            "accounts": say_accounts(effects, at=self.at),
            "lowers": any(effect.lowers for effect in effects),
            "waiting": pending_withdrawal(asked["thing"]),
            "seen": windows_token(asked["thing"]),
        }


def _effects(
    *,
    thing: Thing,
    market: Market | None,
    but: Market | None,
    uses: list[MarketUse],
    starts_at: Any,
    ends_at: Any,
    at: datetime,
) -> list[Effect]:
    window = Window(starts_at or at, ends_at)
    return [effect_of_setting(thing, market=market, but=but, use=use, window=window, at=at) for use in uses]


class WithdrawForm(forms.Form):
    """`seen` is how the thing's windows stood when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the audit beside your name."
    )


class WithdrawPage(FormPage[WithdrawForm]):
    permission = CHANGE_MARKETS
    template_name = "catalog/markets/withdraw.html"

    @cached_property
    def window(self) -> MarketWindow:
        rows = MarketWindow.objects.select_related("market", "plan", "feature")
        return get_object_or_404(rows, pk=self.kwargs["window_id"])

    @property
    def over(self) -> bool:
        return self.window.ends_at is not None and self.window.ends_at <= self.at

    def form(self, *, data: Any = None) -> WithdrawForm:
        return WithdrawForm(data, initial={"seen": windows_token(thing_of(self.window))})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        thing, row = thing_of(self.window), self.window
        effect = None if self.over else effect_of_lifting(row, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"Withdraw {thing}",
            "thing": thing,
            "row": row,
            "where": row.market or EVERYWHERE,
            "begun": row.starts_at is None or row.starts_at < self.at,
            "over": self.over,
            "sentences": say_effect(effect, zone=self.zone, at=self.at) if effect else [],
            "accounts": say_accounts([effect], at=self.at) if effect else "",
            "lowers": effect is not None and effect.lowers,
            "waiting": pending_withdrawal(thing),
            "back": availability_url(thing),
        }

    @transaction.atomic
    def act(self, form: WithdrawForm) -> HttpResponse:
        thing, reason = thing_of(self.window), form.cleaned_data["reason"]
        if not self.over and effect_of_lifting(self.window, at=self.at).lowers:
            request_lifting(window=self.window, reason=reason, by=self.by, at=self.at, zone=self.zone)
            self.tell(f"A second person has to approve what this takes away. Your request about {thing} waits.")
        else:
            seen = form.cleaned_data["seen"]
            lift_window(window=self.window, reason=reason, by=self.by, at=self.at, seen=seen)
            self.tell(f"{thing} is withdrawn there.")
        return HttpResponseRedirect(availability_url(thing))


class AvailabilityPage(Page):
    """Where one plan, add-on or feature is to be had, and when."""

    permission = VIEW_MARKETS
    template_name = "catalog/markets/thing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        thing = thing_named(self.kwargs["thing"])
        view = of_thing(thing, zone=self.zone, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"Where {thing} is to be had",
            "thing": thing,
            "name": name_of(thing),
            "sort": sort_of(thing),
            "view": view,
            "lines": [(line, "") for line in view.lines],
            "waiting": pending_withdrawal(thing),
            "may_change": self.request.user.has_perm(CHANGE_MARKETS),
            "record": reverse(f"admin:catalog_{thing._meta.model_name}_change", args=[thing.pk]),
        }


class ComingPage(Page):
    """What starts or ends by itself, so that nobody has to be awake and nobody is surprised."""

    permission = VIEW_MARKETS
    template_name = "catalog/markets/coming.html"
    title = "What starts or ends soon"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("days", "")
        days = int(asked) if asked in {str(span) for span in SPANS} else 90
        events = [
            {"event": event, "sort": sort_of(event.thing), "url": availability_url(event.thing)}
            for event in coming(days=days, at=self.at)
        ]
        return {
            **super().get_context_data(**kwargs),
            "events": events,
            "days": days,
            "spans": SPANS,
            "may_change": self.request.user.has_perm(CHANGE_MARKETS),
        }
