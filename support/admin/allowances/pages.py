"""Prepaid help set up, changed, retired and brought back. What a change does is shown before it is asked for again."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from journal.admin.pages import FormPage, Page
from journal.domain.refusal import Refusal
from support.actions.allowances.rules import (
    bring_allowance_back,
    edit_allowance,
    retire_allowance,
    set_up_allowance,
)
from support.admin.allowances.forms import RuleForm, SetUpForm
from support.admin.allowances.words import differences, effects, rule_of, say_concerned
from support.models import Allowance
from support.queries.allowances.concerned import allowance_token, concerned_by
from support.queries.policy_history import tier_choices

VIEW, EDIT = "support.view_allowance", "support.edit_allowance"
LIST = "admin:support_allowance_changelist"


def allowance_url(row: Allowance, page: str = "") -> str:
    return reverse(f"admin:support_allowance{f'_{page}' if page else '_edit'}", args=[row.pk])


class AllowancePage(Page):
    """Who may not look at allowances is turned away before learning which there are."""

    permission: ClassVar[str] = EDIT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": reverse(LIST)}


class RulePage(AllowancePage, FormPage[RuleForm]):
    template_name = "support/allowances/edit.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(data=request.POST)
        if form.is_valid() and not form.cleaned_data["sure"]:
            return self._shown_first(form)
        return super().post(request, *args, **kwargs)

    def _shown_first(self, form: RuleForm) -> HttpResponse:
        """The same form, with what it would do, and a button that does it. What can't be is refused already here."""
        asked = self.request.POST.copy()
        asked["sure"] = "on"
        form.data = asked
        context = self.get_context_data(form=form)
        return self.render_to_response({**context, **self.foreseen(form)})

    def foreseen(self, form: RuleForm) -> dict[str, Any]:
        raise NotImplementedError


class SetUpPage(RulePage):
    title = "Set up prepaid help"

    def form(self, *, data: Any = None) -> SetUpForm:
        return SetUpForm(data)

    def foreseen(self, form: RuleForm) -> dict[str, Any]:
        found = concerned_by(form.cleaned_data["feature"], at=self.at)
        return {"foreseen": True, "effects": list(effects(None, form.rule(), found))}

    def act(self, form: RuleForm) -> HttpResponse:
        row = set_up_allowance(feature=form.cleaned_data["feature"], rule=form.rule(), by=self.by, at=self.at)
        self.tell(f"{row} is prepaid help from now on.")
        return HttpResponseRedirect(reverse(LIST))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = "Cases or time use up credits that a plan gives or that were granted: incidents, hours."
        return {**super().get_context_data(**kwargs), "lead": lead, "button": "Set it up"}


class EditPage(RulePage):
    @cached_property
    def row(self) -> Allowance:
        return get_object_or_404(Allowance.objects.select_related("feature"), pk=self.kwargs["allowance"])

    def form(self, *, data: Any = None) -> RuleForm:
        row = self.row
        columns = ("counts", "counted_on", "unit_minutes", "at_zero", "default_tier")
        initial = {name: getattr(row, name) for name in columns}
        return RuleForm(data, initial={**initial, "seen": allowance_token(row)})

    def foreseen(self, form: RuleForm) -> dict[str, Any]:
        before, after = rule_of(self.row), form.rule()
        changes = list(differences(before, after, tiers=tier_choices()))
        found = concerned_by(self.row.feature, at=self.at)
        return {"foreseen": True, "changes": changes, "effects": list(effects(before, after, found))}

    def act(self, form: RuleForm) -> HttpResponse:
        seen = form.cleaned_data["seen"] or None
        row = edit_allowance(allowance=self.row, rule=form.rule(), seen=seen, by=self.by, at=self.at)
        self.tell(f"{row} is saved.")
        return HttpResponseRedirect(allowance_url(row))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        retired = row.retired_at is not None
        return {
            **super().get_context_data(**kwargs),
            "title": f"{row}: how it is used up",
            "lead": say_concerned(concerned_by(row.feature, at=self.at)),
            "button": "Save it",
            "row": row,
            "retired": retired,
            "other": allowance_url(row, "bring_back" if retired else "retire"),
            "history": reverse("admin:support_allowance_history", args=[row.pk]),
        }


class TurnPage(AllowancePage):
    """Retiring, and bringing back: both are asked for once more, with what follows."""

    template_name = "support/allowances/turn.html"
    retires: ClassVar[bool] = True

    @cached_property
    def row(self) -> Allowance:
        return get_object_or_404(Allowance.objects.select_related("feature"), pk=self.kwargs["allowance"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        act = retire_allowance if self.retires else bring_allowance_back
        try:
            row = act(allowance=self.row, seen=request.POST.get("seen") or None, by=self.by, at=self.at)
        except Refusal as refusal:
            self.refuse(refusal)
            return self.render_to_response(self.get_context_data(), status=422)
        self.tell(f"{row} is {'retired' if self.retires else 'used up again'}.")
        return HttpResponseRedirect(reverse(LIST))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        return {
            **super().get_context_data(**kwargs),
            "title": f"{'Retire' if self.retires else 'Bring back'} {row}",
            "row": row,
            "retires": self.retires,
            "concerned": say_concerned(concerned_by(row.feature, at=self.at)),
            "seen": allowance_token(row),
            "edit": allowance_url(row),
        }


class BringBackPage(TurnPage):
    retires: ClassVar[bool] = False


PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("set-up/", SetUpPage, "support_allowance_set_up"),
    ("<int:allowance>/edit/", EditPage, "support_allowance_edit"),
    ("<int:allowance>/retire/", TurnPage, "support_allowance_retire"),
    ("<int:allowance>/bring-back/", BringBackPage, "support_allowance_bring_back"),
)
