"""What may be said of a case: what happened to it, and when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from entitlements.admin.fields import offer
from entitlements.admin.moments import read_moment
from journal.admin.fields import MomentInput
from support.admin.cases.words import EVENTS, SET_TO
from support.domain.case_events import CaseState, EventKind
from support.models import Severity, Team
from support.queries.cases.shown import ShownCase

NO_MOMENT = "That is no day and time; write both, or leave it empty for now."


class MomentForm(forms.Form):
    """`zone` is the reader's: what is typed is meant there. `token` names the event, so that a form sent twice says it once."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=60)
    at = forms.CharField(label="When", required=False, max_length=40, widget=MomentInput)

    def __init__(self, data: Any = None, *, zone: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.zone = zone
        self.fields["token"].initial = f"desk:{uuid4()}"
        self.fields["at"].help_text = f"Empty: now. Else as a clock in {zone.replace('_', ' ')} shows it."

    def clean_at(self) -> datetime | None:
        typed = self.cleaned_data["at"].strip()
        found = read_moment(typed, zone=self.zone) if typed else None
        if typed and found is None:
            raise forms.ValidationError(NO_MOMENT)
        return found


class NoteForm(MomentForm):
    what = forms.ChoiceField(label="What happened?", error_messages={"required": "Choose what happened."})
    text = forms.CharField(
        label="Note", required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For us; the customer doesn’t see it.",
    )  # fmt: skip
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)
    field_order = ("token", "what", "at", "text")

    def __init__(self, data: Any = None, *, shown: ShownCase, **options: Any) -> None:
        super().__init__(data, prefix="note", **options)
        offer(self, "what", [("", "Choose"), *_choices(shown)])

    @property
    def event(self) -> tuple[EventKind, str]:
        """ "state:on_hold" → (STATE, "on_hold")."""
        kind, _, to = self.cleaned_data["what"].partition(":")
        return EventKind(kind), to

    @property
    def cancels(self) -> bool:
        return self.event == (EventKind.STATE, CaseState.CANCELLED.value)


class AssignForm(MomentForm):
    team = forms.ModelChoiceField(
        Team.objects.all(), label="Team", required=False, empty_label="No team", to_field_name="key"
    )
    assignee = forms.EmailField(label="Assigned to", required=False, max_length=254, help_text="Empty: nobody yet.")
    field_order = ("token", "team", "assignee", "at")

    def __init__(self, data: Any = None, *, shown: ShownCase, **options: Any) -> None:
        case = shown.case
        initial = {"team": case.team and case.team.key, "assignee": case.assignee}
        super().__init__(data, prefix="assign", initial=initial, **options)

    @property
    def to(self) -> str:
        team: Team | None = self.cleaned_data["team"]
        return f"{team.key if team else ''}/{self.cleaned_data['assignee']}"


def _choices(shown: ShownCase) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can still happen to it: a case that was cancelled stays so, and messages and notes are all there is."""
    standing = shown.standing
    groups = [("Between us and the customer", [(kind.value, words) for kind, words in EVENTS.items()])]
    if standing.state is CaseState.CANCELLED:
        return groups
    states = [(f"{EventKind.STATE}:{state}", SET_TO[state]) for state in CaseState if state is not standing.state]
    severities = [
        (f"{EventKind.SEVERITY}:{row.key}", f"Its severity becomes {row}")
        for row in Severity.objects.all()
        if row.key != standing.severity
    ]
    groups += [("How it stands", states), ("How bad it is", severities)]
    by_hand = [*_by_hand(EventKind.STARTED, shown.by_hand("starts")), *_by_hand(EventKind.MET, shown.by_hand("stops"))]
    return [*groups, ("By hand", by_hand)] if by_hand else groups


def _by_hand(kind: EventKind, milestones: Iterable[Any]) -> list[tuple[str, str]]:
    words = {EventKind.STARTED: "“{}” begins", EventKind.MET: "“{}” is done"}[kind]
    return [(f"{kind}:{each.key}", words.format(each.name)) for each in milestones]
