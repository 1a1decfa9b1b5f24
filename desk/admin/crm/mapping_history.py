"""The versions of a mapping: what each changed, who switched it on and why, and taking a former one up again."""

from functools import cached_property
from itertools import pairwise
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_instant
from desk.actions.crm.mappings import take_up
from desk.admin.crm.mapping_pages import EDIT, MappingPage, NamingPage, mapping_url
from desk.admin.crm.mapping_show import MOVED, SORTS
from desk.models import DealMapping, MappingState
from desk.queries.crm.mapping_versions import difference, versions_of, worded
from entitlements.admin.fields import ReasonField
from entitlements.queries.contracts.wording import say_day
from journal.admin.pages import AskPage
from journal.models import AuditEvent

COLOURS = {MappingState.DRAFT: "draft", MappingState.IN_FORCE: "on_sale", MappingState.FORMER: ""}


class VersionsPage(NamingPage):
    title = "Versions"
    template_name = "desk/crm/mapping/versions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = versions_of(self.connection)
        said = {row.pk: worded(row, self.names) for row in versions}
        before = dict(pairwise(versions))
        lines = [self._line(row, said, before.get(row)) for row in versions]
        return {**super().get_context_data(**kwargs), "lines": lines}

    def _line(self, row: DealMapping, said: dict[int, Any], before: DealMapping | None) -> dict[str, Any]:
        state = MappingState(row.state)
        compared = difference(said[before.pk] if before else None, said[row.pk])
        takes_up = state is MappingState.FORMER and self.draft is None and self.request.user.has_perm(EDIT)
        return {
            "row": row,
            "state": state.words,
            "colour": COLOURS[state],
            "drafted": say_instant(row.drafted_at, zone=self.zone),
            "since": say_instant(row.in_force_at, zone=self.zone) if row.in_force_at else "",
            "taken": say_day(row.since) if row.since else "",
            "reason": self.reasons.get(str(row.pk), ""),
            "summary": row.tried.get("summary", ""),
            "before": before,
            "rules": [self._rule(one) for one in compared.rules if one.sort != "same" or one.moved],
            "terms": compared.terms,
            "take_up": mapping_url(self.connection, "take_up", row.number) if takes_up else "",
        }

    def _rule(self, one: Any) -> dict[str, Any]:
        word, colour = SORTS.get(one.sort, MOVED)
        return {"word": word, "colour": colour, "before": one.before, "after": one.after, "sort": one.sort}

    @cached_property
    def reasons(self) -> dict[str, str]:
        """Why each was switched on."""
        keys = [str(row.pk) for row in versions_of(self.connection)]
        told = AuditEvent.objects.filter(
            subject_type="dealmapping", subject_key__in=keys, verb="deal_mapping:switch_on"
        )
        return dict(told.values_list("subject_key", "reason"))


class ReasonForm(forms.Form):
    reason = ReasonField()


class TakeUpPage(MappingPage, AskPage):
    permission = EDIT
    template_name = "desk/crm/mapping/ask.html"
    form_class = ReasonForm
    button = "Draft it anew"

    @cached_property
    def version(self) -> DealMapping:
        return get_object_or_404(DealMapping, connection=self.connection, number=self.kwargs["number"])

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Take version {self.version.number} up again"

    def lead(self) -> str:
        return (
            f"A draft is written that says what version {self.version.number} said. It changes nothing until it is tried "
            "and switched on."
        )

    def act(self, form: forms.Form) -> HttpResponse:
        given = form.cleaned_data
        mapping = take_up(version=self.version, reason=given["reason"], by=self.by, at=self.at)
        return self.done(f"Version {mapping.number} is drafted: it says what version {self.version.number} said.")
