"""Making a cohort: choose accounts, look at them, then fix them for good."""

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.domain.rollouts import Audience
from catalog.models import Market, PlanVersion
from catalog.models.columns import KEY_RULE
from catalog.models.plan import VersionState
from entitlements.actions.cohorts import PERMISSION, create_cohort
from entitlements.models import Cohort
from entitlements.queries.publishing.cohorts import MOST, Picked, pick
from journal.admin.pages import FormPage

MAKE, CHANGE = "make", "change"
SHOWN = 50


class CohortForm(forms.Form):
    """Who is in it, by any of three choices; what is chosen by several must fit all of them."""

    name = forms.CharField(label="Name", max_length=120, help_text="For example “Early birds of 2024”.")
    key = forms.CharField(
        label="Key", max_length=64, required=False, validators=[KEY_RULE],
        help_text="How engineers call it; empty: made from the name.",
    )  # fmt: skip
    pasted = forms.CharField(
        label="Accounts, as a list",
        required=False,
        max_length=5_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="Keys, e-mail addresses, domains or ids of other systems: one a line, or divided by commas.",
    )
    version = forms.ModelChoiceField(
        PlanVersion.objects.none(), label="Who has this version now", required=False, empty_label="Any version"
    )
    market = forms.ModelChoiceField(
        Market.objects.none(), label="Who is in this market", required=False, empty_label="Any market"
    )
    note = forms.CharField(label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = PlanVersion.objects.exclude(state=VersionState.DRAFT).select_related("plan")
        self.fields["version"].queryset = published.order_by("plan__position", "plan", "-number")  # type: ignore[attr-defined]
        self.fields["market"].queryset = Market.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not any(given.get(name) for name in ("pasted", "version", "market")) and "pasted" not in self.errors:
            self.add_error("pasted", "Say who is in it: paste a list, or choose a version or a market.")
        if not given.get("key") and given.get("name"):
            given["key"] = key_from(given["name"])
        return given


def key_from(name: str) -> str:
    """ "Early birds of 2024" → "early_birds_of_2024"."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (words if words[:1].isalpha() else f"cohort_{words}")[:64].rstrip("_")


class MakeCohortPage(FormPage[CohortForm]):
    """Two steps on one address: choose, and see who that is before it is fixed."""

    permission = PERMISSION
    template_name = "entitlements/cohort_make.html"
    title = "Make a cohort"

    def form(self, *, data: Any = None) -> CohortForm:
        return CohortForm(data, initial={name: self.request.GET.get(name) for name in ("version", "market", "pasted")})

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        listing = reverse("admin:entitlements_cohort_changelist")
        return {**super().get_context_data(**kwargs), "back": listing, "shown": SHOWN}

    def act(self, form: CohortForm) -> HttpResponse:
        if not self.request.user.has_perm("entitlements.view_account"):
            raise PermissionDenied
        given = form.cleaned_data
        picked = pick(pasted=given["pasted"], version=given["version"], market=given["market"], at=self.at)
        problem = _problem(picked)
        if problem:
            form.add_error("pasted", problem)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if self.request.POST.get("step") != MAKE or str(len(picked.accounts)) != self.request.POST.get("count"):
            return self.render_to_response(self.get_context_data(form=form, picked=picked))
        cohort = create_cohort(
            key=given["key"], name=given["name"], accounts=picked.accounts, note=given["note"], by=self.by, at=self.at
        )
        accounts = f"{len(picked.accounts):,} account{'' if len(picked.accounts) == 1 else 's'}"
        self.tell(f"“{cohort}” is made, with {accounts}. Nobody joins or leaves it any more.")
        return HttpResponseRedirect(self._onward(cohort))

    def _onward(self, cohort: Cohort) -> str:
        """Back to the publication it was made for, or to the cohort itself."""
        wanted = self.request.GET.get("publish", "")
        if wanted.isdigit():
            address = reverse("admin:entitlements_publish_who", args=[wanted])
            return f"{address}?{urlencode({'audience': Audience.COHORT.value, 'cohort': cohort.key})}"
        return reverse("admin:entitlements_cohort_change", args=[cohort.pk])


def _problem(picked: Picked) -> str:
    if not picked.accounts:
        return "Nobody fits this choice, so there is nothing to make a cohort of."
    if len(picked.accounts) > MOST:
        return f"These are {len(picked.accounts):,} accounts; a cohort holds at most {MOST:,}. Choose fewer."
    return ""
