"""Review and publish: what changes, for whom, and what stands in the way, before the button."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.actions.publishing import publish
from catalog.admin.pages import PUBLISH, VIEW, FormPage, sheet_url
from catalog.domain.rollouts import Audience
from catalog.domain.version_diff import Change, ChangeKind, lowers
from catalog.domain.window import start_of_day
from catalog.models import Feature, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.changes import diff_of_draft
from catalog.queries.instants import say_instant
from catalog.queries.prices import say_plan_prices, say_trial
from catalog.queries.publishing import blockers
from catalog.queries.versions import newest_published

AUDIENCES = [
    (Audience.NEW_CUSTOMERS, "New customers only; whoever has the plan keeps what they have"),
    (Audience.NOW, "Everybody, now"),
    (Audience.ON_DATE, "Everybody, from a date on"),
]
_KINDS = {
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.RAISED: "Better",
    ChangeKind.LOWERED: "Worse",
    ChangeKind.CHANGED: "Different",
    ChangeKind.PRICE_CHANGED: "Price",
}


class PublishForm(forms.Form):
    edits = forms.IntegerField(widget=forms.HiddenInput)
    audience = forms.ChoiceField(label="Who gets it", choices=AUDIENCES, widget=forms.RadioSelect)
    effective_at = forms.DateField(
        label="From the start of", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label="Why", widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the audit beside your name."
    )

    def __init__(self, data: Any = None, *, zone: str, first: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.zone = zone
        self.fields[
            "effective_at"
        ].help_text = f"Needed for “from a date on”. The day begins at midnight in {zone}, your own zone."
        if first:
            self.fields["audience"] = forms.ChoiceField(
                label="Who gets it", choices=AUDIENCES[1:], widget=forms.RadioSelect
            )

    def instant(self) -> datetime | None:
        day = self.cleaned_data["effective_at"]
        return None if day is None else start_of_day(day, self.zone)


class PublishPage(FormPage[PublishForm]):
    """Whoever may see the plans may read the review; only those who may publish get the button."""

    permission = VIEW
    template_name = "catalog/publish.html"
    title = "Review and publish"

    @property
    def version(self) -> PlanVersion:
        drafts = PlanVersion.objects.select_related("plan", "after_trial", "includes").filter(state=VersionState.DRAFT)
        return get_object_or_404(drafts, pk=self.kwargs["version_id"])

    def form(self, *, data: Any = None) -> PublishForm:
        version = self.version
        first = newest_published(plan=version.plan) is None
        initial = {"edits": version.edits, "audience": Audience.NOW if first else Audience.NEW_CUSTOMERS}
        return PublishForm(data, zone=self.zone, first=first, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version
        published = newest_published(plan=version.plan)
        changes = diff_of_draft(version=version)
        return {
            **super().get_context_data(**kwargs),
            "version": version,
            "published": published,
            "changes": _lines(changes),
            "features": len({change.feature for change in changes}),
            "lowers": lowers(changes),
            "blockers": blockers(version=version, at=self.at),
            "price": say_plan_prices(version.prices.all()),
            "was_price": say_plan_prices(published.prices.all()) if published else "",
            "trial": say_trial(version),
            "was_trial": say_trial(published) if published else "",
            "back": sheet_url(version=version),
        }

    def act(self, form: PublishForm) -> HttpResponse:
        if not self.request.user.has_perm(PUBLISH):
            raise PermissionDenied
        given = form.cleaned_data
        rollout = publish(
            version=self.version,
            audience=Audience(given["audience"]),
            effective_at=form.instant(),
            edits=given["edits"],
            by=self.by,
            at=self.at,
            reason=given["reason"],
        )
        self.tell(f"{rollout.version} is published. {_who(rollout.audience, rollout.effective_at, zone=self.zone)}")
        return HttpResponseRedirect(sheet_url(version=rollout.version))


def _lines(changes: Iterable[Change]) -> list[dict[str, Any]]:
    names = dict(Feature.objects.values_list("key", "name"))
    return [{"change": c, "name": names[c.feature], "words": _KINDS[c.kind], "red": lowers([c])} for c in changes]


def _who(audience: str, effective_at: datetime, *, zone: str) -> str:
    match Audience(audience):
        case Audience.NEW_CUSTOMERS:
            return "New customers get it; everybody else keeps what they have."
        case Audience.ON_DATE:
            return f"Everybody gets it from {say_instant(effective_at, zone=zone)} on."
        case _:
            return "Everybody has it now."
