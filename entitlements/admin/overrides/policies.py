"""What each role may concede alone, and who approves beyond: a small table that finance keeps."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from entitlements.actions.policies import PERMISSION, remove_policy, set_policy
from entitlements.admin.fields import ReasonField, offer
from entitlements.domain.policy import Concession, say_limits
from entitlements.models import ConcessionPolicy, ReasonCode
from entitlements.queries.policies import deciding_roles, rule_of
from entitlements.queries.reasons import reason_codes
from journal.admin.base import Button, DeskForm, RecordedModelAdmin
from journal.admin.question import Question, ask
from journal.domain.actor import Actor

CONCESSION_WORDS = {
    Concession.OVERRIDE: "Grant an override",
    Concession.DENIAL: "Deny a feature",
    Concession.TRIAL_EXTENSION: "Extend a trial",
    Concession.PLAN_LOAN: "Lend a plan",
    Concession.COHORT_LOAN: "Lend to a cohort",
}
LABELS = {
    "role": "Role",
    "concession": "What it may do alone",
    "reason_code": "For which reason",
    "max_days": "At most so many days",
    "max_percent": "At most so much more, in percent",
    "max_times": "At most so many times",
    "approver_role": "Who approves beyond it",
}
EVERY_REASON = "Every reason without a line of its own"
ANYBODY = "Whoever may approve concessions"
LIMITS = ("max_days", "max_percent", "max_times", "approver_role")


class PolicyForm(DeskForm):
    reason = ReasonField()
    reason.widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})

    class Meta:
        model = ConcessionPolicy
        fields = ("role", "concession", "reason_code", *LIMITS)
        labels = LABELS
        help_texts = {
            "max_days": "Empty: without a limit, also without an end.",
            "max_percent": "Of what the customer has without it: 50 lets 100 GB become 150 GB. Empty: without a limit.",
            "max_times": "Trials: for one subscription. Overrides: in force or to come on one feature of a customer, "
            "each one that follows within a day counted. A cohort: accounts at once. Empty: without a limit.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            roles = [
                (name, name.capitalize()) for name in Group.objects.order_by("name").values_list("name", flat=True)
            ]
            self.fields["role"] = forms.ChoiceField(label="Role", choices=roles, widget=UnfoldAdminSelectWidget)
            offer(self, "concession", CONCESSION_WORDS.items())
            self._offer_reasons()
        if "approver_role" in self.fields:
            self._offer_approvers()

    def _offer_reasons(self) -> None:
        self.fields["reason_code"] = forms.ModelChoiceField(
            reason_codes(),
            label=LABELS["reason_code"],
            required=False,
            empty_label=EVERY_REASON,
            widget=UnfoldAdminSelectWidget,
            help_text="Where a role has a line for the reason, its line for every other reason isn't heard.",
        )

    def _offer_approvers(self) -> None:
        roles = sorted({*deciding_roles(), self.instance.approver_role} - {""})
        self.fields["approver_role"] = forms.ChoiceField(
            label=LABELS["approver_role"],
            required=False,
            choices=[("", ANYBODY), *((name, name.capitalize()) for name in roles)],
            widget=UnfoldAdminSelectWidget,
            help_text="Never the one who asked.",
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        line = {name: given.get(name) for name in ("role", "concession", "reason_code")}
        if self.instance._state.adding and ConcessionPolicy.objects.filter(**line).exists():
            self.add_error(
                "role", "There is a line for this role, this concession and this reason already. Change that one."
            )
        return given

    def validate_constraints(self) -> None:
        """The same rule again, in the database's words; clean() says it in the reader's."""


class RemovalForm(forms.Form):
    reason = ReasonField()
    reason.widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})


@admin.register(ConcessionPolicy)
class ConcessionPolicyAdmin(RecordedModelAdmin):
    form = PolicyForm
    add_permission = change_permission = PERMISSION
    row_pages = ("remove",)
    list_display = ("role_words", "concession_words", "reason_words", "limits", "approver")
    list_filter = ("role", "reason_code")
    list_select_related = ("reason_code",)
    ordering = ("role", "concession", "reason_code__name")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A line keeps its role and what it is about; another pair is another line."""
        if obj is None:
            return ()
        told = ("told", "role_words", "concession_words", "reason_words")
        return told if self.has_change_permission(request, obj) else (*told, "limits", "approver")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("role", "concession", "reason_code", *LIMITS, "reason")
        about = ("told", "role_words", "concession_words", "reason_words")
        if not self.has_change_permission(request, obj):
            return (*about, "limits", "approver")
        return (*about, *LIMITS, "reason")

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> ConcessionPolicy:
        given = form.cleaned_data
        line = {name: given[name] for name in ("role", "reason_code")}
        return self._set(form, **line, concession=given["concession"], by=by, at=at)

    def saves_through(self, *, row: ConcessionPolicy, form: Any, by: Actor, at: datetime) -> ConcessionPolicy:
        line = {"role": row.role, "concession": row.concession, "reason_code": row.reason_code}
        return self._set(form, **line, by=by, at=at)

    def buttons(self, request: HttpRequest, row: ConcessionPolicy) -> list[Button]:
        if not self.has_change_permission(request, row):
            return []
        return [Button("Remove this line", self.address("remove", row.pk), "danger")]

    def remove_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: ConcessionPolicy = self.found(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        general = "Then its line for every other reason is heard, if there is one; without one"
        question = Question(
            title="Remove this line?",
            button="Remove it",
            done="The line is removed.",
            back_to=self.address("changelist"),
            facts=[("The line", say_policy(row))],
            warning=f"{general if row.reason_code else 'Then'} whatever {row.role} asks for of this sort waits for "
            "approval. What was granted stays.",
            danger=True,
        )
        return ask(self, request, question, remove_policy, form_class=RemovalForm, policy=row)

    def _set(
        self, form: Any, *, role: str, concession: str, reason_code: ReasonCode | None, by: Actor, at: datetime
    ) -> ConcessionPolicy:
        given = {name: form.cleaned_data[name] for name in (*LIMITS, "reason")}
        return set_policy(role=role, concession=Concession(concession), reason_code=reason_code, **given, by=by, at=at)

    @display(description="In a sentence")
    def told(self, row: ConcessionPolicy) -> str:
        return say_policy(row)

    @display(description="Role", ordering="role")
    def role_words(self, row: ConcessionPolicy) -> str:
        return row.role.capitalize()

    @display(description=LABELS["concession"], ordering="concession")
    def concession_words(self, row: ConcessionPolicy) -> str:
        return CONCESSION_WORDS[Concession(row.concession)]

    @display(description=LABELS["reason_code"], ordering="reason_code__name")
    def reason_words(self, row: ConcessionPolicy) -> str:
        return "Every other reason" if row.reason_code is None else row.reason_code.name

    @display(description="How far")
    def limits(self, row: ConcessionPolicy) -> str:
        return say_limits(rule_of(row))

    @display(description=LABELS["approver_role"], ordering="approver_role")
    def approver(self, row: ConcessionPolicy) -> str:
        return row.approver_role.capitalize() or ANYBODY


def say_policy(row: ConcessionPolicy) -> str:
    """ "Sales, Negotiated deal: up to 90 days, 50 % more, twice; beyond it finance approves"."""
    about = CONCESSION_WORDS[Concession(row.concession)].lower() if row.reason_code is None else row.reason_code.name
    beyond = row.approver_role or ANYBODY.lower()
    return f"{row.role.capitalize()}, {about}: {say_limits(rule_of(row))}; beyond it {beyond} approves"
