"""Taking a version off sale and calling off a publication: what happens and for whom, before the button."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.retiring import cancel_rollout, retire
from catalog.admin.pages import PUBLISH, FormPage
from catalog.holders import count_holders
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant
from catalog.queries.publishing import scheduled_rollouts
from catalog.queries.versions import on_sale
from journal.admin.base import Button


class WhyForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands in the audit beside your name.",
        error_messages={"required": "Give a reason: whoever looks at this later will ask."},
    )


def plan_url(plan: Plan) -> str:
    """The page of the plan, with all its versions."""
    return reverse("admin:catalog_plan_change", args=[plan.pk])


class RetirePage(FormPage[WhyForm]):
    """Nobody new gets the version from now on; whoever has it keeps it."""

    permission = PUBLISH
    template_name = "catalog/retire.html"
    title = "Take a version off sale"

    @cached_property
    def version(self) -> PlanVersion:
        published = PlanVersion.objects.select_related("plan").exclude(state=VersionState.DRAFT)
        return get_object_or_404(published, pk=self.kwargs["version_id"])

    def form(self, *, data: Any = None) -> WhyForm:
        return WhyForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        return {
            **super().get_context_data(**kwargs),
            "version": version,
            "retired": version.state == VersionState.RETIRED,
            "sold": on_sale(plan=version.plan, at=self.at) == version,
            "accounts": count_holders(version_ids=[version.pk], at=self.at).get(version.pk, 0),
            "back": plan_url(version.plan),
        }

    def act(self, form: WhyForm) -> HttpResponse:
        version = retire(version=self.version, by=self.by, at=self.at, reason=form.cleaned_data["reason"])
        self.tell(f"{version} is off sale. Whoever has it keeps it.")
        return HttpResponseRedirect(plan_url(version.plan))


class CallOffPage(FormPage[WhyForm]):
    """What was scheduled doesn't happen; nobody has lost or gained anything by it yet."""

    permission = PUBLISH
    template_name = "catalog/call_off.html"
    title = "Call off a publication"

    @cached_property
    def rollout(self) -> Rollout:
        return get_object_or_404(Rollout.objects.select_related("version__plan"), pk=self.kwargs["rollout_id"])

    def form(self, *, data: Any = None) -> WhyForm:
        return WhyForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rollout, plan = self.rollout, self.rollout.version.plan
        moved = count_holders(version_ids=rollout.moves_from, at=self.at) if rollout.moves_from else {}
        return {
            **super().get_context_data(**kwargs),
            "rollout": rollout,
            "version": rollout.version,
            "starts": say_instant(rollout.effective_at, zone=self.zone),
            "open": rollout.cancelled_at is None and rollout.effective_at > self.at,
            "sold": on_sale(plan=plan, at=self.at),
            "accounts": sum(moved.values()),
            "back": plan_url(plan),
        }

    def act(self, form: WhyForm) -> HttpResponse:
        rollout = cancel_rollout(rollout=self.rollout, by=self.by, at=self.at, reason=form.cleaned_data["reason"])
        self.tell(f"The publication of {rollout.version} is called off. Everybody keeps what they have.")
        return HttpResponseRedirect(plan_url(rollout.version.plan))


def plan_buttons(request: HttpRequest, plan: Plan, *, at: datetime) -> list[Button]:
    """Who has which version; and, for whoever publishes, calling off what is still to come."""
    buttons = []
    if request.user.has_perm("entitlements.view_account"):
        buttons.append(Button("Who has which version", reverse("admin:entitlements_grandfathering", args=[plan.pk])))
    if request.user.has_perm(PUBLISH):
        for rollout in scheduled_rollouts(plan=plan, at=at):
            address = reverse("admin:catalog_call_off", args=[rollout.pk])
            buttons.append(Button(f"Call off v{rollout.version.number}", address, "danger"))
    return buttons


def version_buttons(request: HttpRequest, version: PlanVersion) -> list[Button]:
    """What can be done with a version that was published."""
    if version.state != VersionState.PUBLISHED or not request.user.has_perm(PUBLISH):
        return []
    return [
        Button("Give it to more customers", reverse("admin:entitlements_rollout", args=[version.pk])),
        Button("Take it off sale", reverse("admin:catalog_retire", args=[version.pk]), "danger"),
    ]
