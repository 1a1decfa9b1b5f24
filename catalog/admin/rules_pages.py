"""A feature's rules: what they are by date, what would change and for whom, and only then the button."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.actions.features import check_feature
from catalog.actions.rules import pending_request, request_rules, request_striking, set_rules, strike_rules
from catalog.admin.feature_pages import EDIT, feature_url
from catalog.admin.pages import FormPage
from catalog.admin.rows import refuse_stale, token_of
from catalog.admin.rules_form import RulesForm, initial_of
from catalog.domain.rules import FeatureRules, lowers, say_rules
from catalog.domain.values import GivenBy
from catalog.holders import named_by_billing
from catalog.models import Feature, FeatureRevision
from catalog.queries.instants import say_instant
from catalog.queries.rules import losses_of_striking, rule_lines, rules_at
from catalog.queries.uses import sold
from journal.admin.base import refusals_shown
from journal.domain.refusal import NeedsSecondPerson, Refusal

CHECK, LOOK, DO = "check", "look", "do"


class RulesPage(FormPage[RulesForm]):
    """Two steps on one address: what is wanted, and what that does; `look` is the second one's text alone."""

    permission = EDIT
    template_name = "catalog/features/rules.html"

    @cached_property
    def feature(self) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), pk=self.kwargs["feature_id"])

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the feature, not by the page
        return f"Rules of {self.feature}"

    @cached_property
    def token(self) -> str:
        return token_of(*self.feature.revisions.order_by("effective_at"))

    @cached_property
    def current(self) -> FeatureRules:
        return rules_at(feature=self.feature, at=self.at)

    def form(self, *, data: Any = None) -> RulesForm:
        initial = initial_of(self.current, seen=self.token)
        return RulesForm(data, shape=self.feature.shape, zone=self.zone, initial=initial)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = request.POST.get("step", CHECK)
        if step == DO:
            return super().post(request, *args, **kwargs)
        form = self.form(data=request.POST)
        outlook = self._outlook(form) if form.is_valid() else None
        if step == LOOK:
            return HttpResponse(render_to_string("catalog/features/_outlook.html", {"outlook": outlook, "form": form}))
        status = 200 if outlook and not form.errors else 422
        return self.render_to_response(self.get_context_data(form=form, outlook=outlook), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "feature": self.feature,
            "lines": rule_lines(feature=self.feature, at=self.at),
            "sentences": say_rules(self.current, shape=self.feature.shape),
            "waiting": pending_request(feature=self.feature),
            "back": feature_url(self.feature),
        }

    def _outlook(self, form: RulesForm) -> dict[str, Any] | None:
        """What the chosen rules would do, in words; None where they can't be, with the reason in the form."""
        assert form.rules is not None  # a valid form has them
        try:
            effective_at = form.effective_at(self.at)
            check_feature(shape=self.feature.shape, group=self.feature.group, rules=form.rules)
        except Refusal as refusal:
            refusals_shown(form, refusal)
            return None
        before = rules_at(feature=self.feature, at=effective_at)
        then, now = (say_rules(rules, shape=self.feature.shape) for rules in (form.rules, before))
        losses = lowers(before, form.rules) if sold(feature=self.feature) else ()
        later = self.feature.revisions.filter(effective_at__gt=effective_at).order_by("effective_at").first()
        return {
            "sentences": [(sentence, sentence not in now) for sentence in then],
            "nothing": form.rules == before,
            "losses": losses,
            "billed": self._billed(before, form.rules),
            "when": self._when(effective_at),
            "until": say_instant(later.effective_at, zone=self.zone) if later else "",
        }

    def _billed(self, before: FeatureRules, after: FeatureRules) -> str:
        """Whom it concerns that somebody else decides from then on who has the feature."""
        if before.given_by is after.given_by:
            return ""
        named = named_by_billing(feature_id=self.feature.pk, at=self.at)
        whom = f"{named:,} customer{'' if named == 1 else 's'}"
        if after.given_by is GivenBy.BILLING:
            return f"The billing system names {whom} for it at the moment. Everybody else goes without from then on."
        return f"The billing system names {whom} for it at the moment. From then on that gives them nothing."

    def _when(self, effective_at: datetime) -> str:
        return "now" if effective_at == self.at else say_instant(effective_at, zone=self.zone)

    @transaction.atomic
    def act(self, form: RulesForm) -> HttpResponse:
        assert form.rules is not None  # a valid form has them
        feature = Feature.objects.select_for_update().get(pk=self.feature.pk)
        refuse_stale(form.cleaned_data["seen"], *feature.revisions.order_by("effective_at"))
        wanted: dict[str, Any] = {
            "feature": feature,
            "rules": form.rules,
            "effective_at": form.effective_at(self.at),
            "reason": form.cleaned_data["reason"],
            "by": self.by,
            "at": self.at,
        }
        try:
            set_rules(**wanted)
        except NeedsSecondPerson:
            request_rules(**wanted)
            self.tell("It takes something away, so it waits for a second person under Approvals. Nothing changed yet.")
        else:
            self.tell(f"These rules of {feature} hold from {self._when(wanted['effective_at'])} on.")
        return HttpResponseRedirect(reverse("admin:catalog_feature_rules", args=[feature.pk]))


class StrikeForm(forms.Form):
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 2}))


class RulesStrikePage(FormPage[StrikeForm]):
    permission = EDIT
    template_name = "catalog/features/strike.html"
    title = "Strike rules to come"

    @cached_property
    def revision(self) -> FeatureRevision:
        revisions = FeatureRevision.objects.select_related("feature__group")
        return get_object_or_404(revisions, pk=self.kwargs["revision_id"], feature=self.kwargs["feature_id"])

    def form(self, *, data: Any = None) -> StrikeForm:
        return StrikeForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feature, lines = self.revision.feature, rule_lines(feature=self.revision.feature, at=self.at)
        struck = next(line for line in lines if line.revision == self.revision)
        return {
            **super().get_context_data(**kwargs),
            "feature": feature,
            "struck": struck,
            "losses": losses_of_striking(revision=self.revision),
            "waiting": pending_request(feature=feature),
            "back": reverse("admin:catalog_feature_rules", args=[feature.pk]),
        }

    def act(self, form: StrikeForm) -> HttpResponse:
        feature = self.revision.feature
        asked: dict[str, Any] = {"revision": self.revision, "by": self.by, "at": self.at, **form.cleaned_data}
        try:
            strike_rules(**asked)
        except NeedsSecondPerson:
            request_striking(**asked)
            self.tell("It takes something away, so it waits for a second person under Approvals. Nothing changed yet.")
        else:
            self.tell(f"These rules of {feature} were struck; those before them go on.")
        return HttpResponseRedirect(reverse("admin:catalog_feature_rules", args=[feature.pk]))
