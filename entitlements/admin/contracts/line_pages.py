"""Lines of a draft: adding what it gives, changing it, taking it out. Nothing of it holds before it is signed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.domain.values import PlanKind
from catalog.models import Feature, Plan
from catalog.queries.prices import say_plan_prices
from entitlements.actions.contract_drafts import add_line, edit_line, remove_line
from entitlements.admin.contracts.forms import DraftForm, FeatureLineForm, LineForm, PlanLineForm, line_typed
from entitlements.admin.contracts.pages import DraftFormPage
from entitlements.admin.overrides.form import FeatureChoiceForm
from entitlements.models import ContractLine
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.contracts.wording import say_line
from entitlements.queries.selling.for_account import versions_on_sale

Offered = Sequence[tuple[str, list[tuple[Plan, str]]]]


class LinePage(DraftFormPage):
    """What adding and changing a line have in common: a form of its own for each of the two things it can give."""

    @property
    def opened_with(self) -> dict[str, Any]:
        return {"seen": draft_token(self.version)}

    def plan_form(self, data: Any, **initial: Any) -> PlanLineForm:
        return PlanLineForm(data, plans=self.offered, initial={**self.opened_with, **initial})

    def feature_form(self, data: Any, feature: Feature, **initial: Any) -> FeatureLineForm:
        return FeatureLineForm(data, feature=feature, initial={**self.opened_with, **initial})

    @cached_property
    def offered(self) -> Offered:
        """What is on sale in the customer's market, each with its price."""
        sold = [(row.plan, row) for row in versions_on_sale(account=self.account, at=self.at)]
        return [
            (name, [(plan, f"{plan}: {say_plan_prices(row.prices.all())}") for plan, row in sold if plan.kind == kind])
            for name, kind in (("Plans", PlanKind.PLAN), ("Add-ons", PlanKind.ADD_ON))
        ]


class PlanLineAddPage(LinePage):
    title = "Add a plan or an add-on"
    button = "Add the line"

    def form(self, *, data: Any = None) -> PlanLineForm:
        return self.plan_form(data)

    def act(self, form: PlanLineForm) -> HttpResponse:
        line = add_line(version=self.version, **form.asked(), by=self.by, at=self.at)
        return self.done(f"Line {line.number} was added: {say_line(line)}.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sold = any(plans for _name, plans in self.offered)
        nothing = "" if sold else "Nothing is on sale in this customer’s market. Finance publishes a plan first."
        return {**super().get_context_data(**kwargs), "nothing": nothing}


class FeatureLineAddPage(LinePage):
    """Which feature first, then what to promise of it."""

    title = "Add a change to a feature"
    button = "Add the line"

    @cached_property
    def chosen(self) -> Feature | None:
        key = self.request.POST.get("feature") or self.request.GET.get("feature")
        return self.feature(key) if key else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            form = FeatureChoiceForm(features=Feature.objects.select_related("group"))
            return self.render_to_response(self.get_context_data(form=form, choosing=True))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.chosen is not None else self.get(request)

    def form(self, *, data: Any = None) -> FeatureLineForm:
        assert self.chosen is not None  # both ways here ask for the feature first
        return self.feature_form(data, self.chosen)

    def act(self, form: FeatureLineForm) -> HttpResponse:
        line = add_line(version=self.version, **form.asked(), by=self.by, at=self.at)
        return self.done(f"Line {line.number} was added: {say_line(line)}.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = {"title": f"{self.chosen.name}: add a change", "feature": self.chosen} if self.chosen else {}
        return {**super().get_context_data(**kwargs), **about}


class OneLinePage(LinePage):
    """A page about one line of the draft; another version's is not found."""

    @cached_property
    def line(self) -> ContractLine:
        rows = ContractLine.objects.select_related("plan", "feature__group")
        return get_object_or_404(rows, version=self.version, number=self.kwargs["line"])


class LineEditPage(OneLinePage):
    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Line {self.line.number}: {self.line.plan or self.line.feature}"

    def form(self, *, data: Any = None) -> LineForm:
        line, typed = self.line, line_typed(self.line)
        if line.feature is not None:
            return self.feature_form(data, line.feature, **typed)
        return self.plan_form(data, **typed)

    @cached_property
    def offered(self) -> Offered:
        """With the line's own plan, also where that isn't sold any more: the other columns can still be changed."""
        found, own = super().offered, self.line.plan
        if own is None or any(plan == own for _name, plans in found for plan, _words in plans):
            return found
        return [("As it is", [(own, f"{own}: not on sale any more")]), *found]

    def act(self, form: Any) -> HttpResponse:
        line = edit_line(line=self.line, **form.asked(), by=self.by, at=self.at)
        return self.done(f"Line {line.number} is now: {say_line(line)}.")


class LineRemovePage(OneLinePage):
    button = "Take it out"
    leave = "Keep it"
    danger = True

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Take line {self.line.number} out?"

    def form(self, *, data: Any = None) -> DraftForm:
        return DraftForm(data, initial=self.opened_with)

    def act(self, form: forms.Form) -> HttpResponse:
        seen, words = form.cleaned_data["seen"], say_line(self.line)
        remove_line(line=self.line, seen=seen, by=self.by, at=self.at)
        return self.done(f"Taken out: {words}.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = self.line.carried_from is not None
        intro = f"{say_line(self.line)}."
        if kept:
            intro += " The version in force has it; it ends for the customer when the amendment begins."
        return {**super().get_context_data(**kwargs), "intro": intro}
