"""What each role may concede alone: a small table that finance keeps."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from entitlements.actions.policies import set_policy
from entitlements.admin.fields import offer
from entitlements.domain.policy import Concession
from entitlements.models import ConcessionPolicy
from journal.admin.base import DeskForm, DeskModelAdmin
from journal.domain.actor import Actor

CONCESSION_WORDS = {
    Concession.OVERRIDE: "Grant an override",
    Concession.DENIAL: "Deny a feature",
    Concession.TRIAL_EXTENSION: "Extend a trial",
}
LABELS = {
    "role": "Role",
    "concession": "What it may do alone",
    "max_days": "At most so many days",
    "max_percent": "At most so much more, in percent",
    "max_times": "At most so many times for a subscription",
}


class PolicyForm(DeskForm):
    class Meta:
        model = ConcessionPolicy
        fields = ("role", "concession", "max_days", "max_percent", "max_times")
        labels = LABELS
        help_texts = {
            "max_days": "Empty: without a limit, also without an end.",
            "max_percent": "Of what the customer has without it: 50 lets 100 GB become 150 GB. Empty: without a limit.",
            "max_times": "Only counted for trials. Empty: without a limit.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles = [
                (name, name.capitalize()) for name in Group.objects.order_by("name").values_list("name", flat=True)
            ]
            self.fields["role"] = forms.ChoiceField(label="Role", choices=roles, widget=UnfoldAdminSelectWidget)
            offer(self, "concession", CONCESSION_WORDS.items())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        pair = {"role": given.get("role"), "concession": given.get("concession")}
        if self.instance._state.adding and ConcessionPolicy.objects.filter(**pair).exists():
            self.add_error("role", "There is a line for this role and this concession already. Change that one.")
        return given

    def validate_constraints(self) -> None:
        """The same rule again, in the database's words; clean() says it in the reader's."""


@admin.register(ConcessionPolicy)
class ConcessionPolicyAdmin(DeskModelAdmin):
    form = PolicyForm
    add_permission = change_permission = "entitlements.set_policy"
    list_display = ("role_words", "concession_words", "days", "percent", "times")
    list_filter = ("role",)
    fields = ("role", "concession", "max_days", "max_percent", "max_times")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A line keeps its role and what it is about; another pair is another line."""
        if obj is None:
            return ()
        return ("role_words", "concession_words")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        limits = ("max_days", "max_percent", "max_times")
        return (*(("role", "concession") if obj is None else ("role_words", "concession_words")), *limits)

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> ConcessionPolicy:
        given = form.cleaned_data
        return self._set(form, role=given["role"], concession=given["concession"], by=by, at=at)

    def saves_through(self, *, row: ConcessionPolicy, form: Any, by: Actor, at: datetime) -> ConcessionPolicy:
        return self._set(form, role=row.role, concession=row.concession, by=by, at=at)

    def _set(self, form: Any, *, role: str, concession: str, by: Actor, at: datetime) -> ConcessionPolicy:
        limits = {name: form.cleaned_data[name] for name in ("max_days", "max_percent", "max_times")}
        return set_policy(role=role, concession=Concession(concession), **limits, by=by, at=at)

    @display(description="Role", ordering="role")
    def role_words(self, row: ConcessionPolicy) -> str:
        return row.role.capitalize()

    @display(description=LABELS["concession"], ordering="concession")
    def concession_words(self, row: ConcessionPolicy) -> str:
        return CONCESSION_WORDS[Concession(row.concession)]

    @display(description="For at most", ordering="max_days")
    def days(self, row: ConcessionPolicy) -> str:
        return _limit(row.max_days, "day")

    @display(description="By at most", ordering="max_percent")
    def percent(self, row: ConcessionPolicy) -> str:
        return "no limit" if row.max_percent is None else f"{row.max_percent} %"

    @display(description="So often", ordering="max_times")
    def times(self, row: ConcessionPolicy) -> str:
        return _limit(row.max_times, "time")


def _limit(number: int | None, noun: str) -> str:
    return "no limit" if number is None else f"{number} {noun}{'' if number == 1 else 's'}"
