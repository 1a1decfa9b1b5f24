"""The form that asks how much longer a trial runs: a few usual lengths, another number of days, or through a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms

from entitlements.actions.trials import LONGEST_EXTENSION, judge_extension, new_end_of
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.wording import say_end
from entitlements.domain.extending import days_begun
from entitlements.domain.policy import PolicyRule, Verdict
from entitlements.models import SubscriptionPhase
from entitlements.queries.policies import policy_rules
from journal.admin.fields import DayInput, WholeNumberField
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

PRESETS = (3, 7, 14)
OTHER, THROUGH = "other", "through"


@dataclass(frozen=True, slots=True)
class Length:
    """How much longer: by so many days, or through a day."""

    days: int | None = None
    until: date | None = None

    @property
    def said(self) -> str:
        return str(self.days) if self.until is None else self.until.isoformat()

    @property
    def words(self) -> str:
        if self.until is not None:
            return f"Through {self.until.day} {self.until:%B %Y}"
        return f"{self.days} more day{'' if self.days == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Extension:
    """Where one length leads for one trial, and whether the role may go there alone; or why it leads nowhere."""

    length: Length
    end: str = ""
    judged: Verdict | None = None
    refused: str = ""

    @property
    def within(self) -> bool:
        return self.judged is not None and self.judged.within

    @property
    def words(self) -> str:
        who = "within what you may grant" if self.within else "someone else has to approve it"
        return f"+{self.length.days} days: {self.end} · {who}"


def extension(
    trial: SubscriptionPhase, length: Length, *, zone: str, by: Actor, rules: Sequence[PolicyRule] | None = None
) -> Extension:
    """Where the length leads; a refusal of the action is shown before anybody presses."""
    assert trial.ends_at is not None  # every trial ends
    try:
        new_end = new_end_of(trial, zone=zone, days=length.days, until=length.until)
    except Refusal as refusal:
        return Extension(length, refused=refusal.message)
    days = days_begun(trial.ends_at, new_end, zone=zone)
    judged = judge_extension(trial=trial, days=days, by=by, rules=policy_rules() if rules is None else rules)
    return Extension(length, say_end(new_end, zone=zone), judged)


class ExtensionForm(forms.Form):
    """`seen` is what the form was opened with; `shown` is the other length whose new end it has shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    choice = forms.ChoiceField(
        label="How much longer", widget=forms.RadioSelect, error_messages={"required": "Choose how much longer."}
    )
    days = WholeNumberField(label="Another number of days", required=False, min_value=1, max_value=LONGEST_EXTENSION)
    until = forms.DateField(label="Through", required=False, widget=DayInput)
    reason = ReasonField()

    def __init__(self, data: Any = None, *, presets: Sequence[tuple[int, str]], where: str, **options: Any) -> None:
        super().__init__(data, **options)
        known = [(str(days), words) for days, words in presets]
        others = [(OTHER, "Another number of days, given below"), (THROUGH, "Through a day, given below")]
        offer(self, "choice", [*known, *others])
        self.fields["days"].help_text = f"From 1 to {LONGEST_EXTENSION}; you see the new end before anything changes."
        self.fields["until"].help_text = f"The last day of the trial, {where}. Here too you see the new end first."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("choice") == OTHER and not given.get("days") and "days" not in self.errors:
            self.add_error("days", "Say how many days.")
        if given.get("choice") == THROUGH and not given.get("until") and "until" not in self.errors:
            self.add_error("until", "Say through which day.")
        return given

    def wanted(self) -> Length:
        choice = self.cleaned_data["choice"]
        if choice == THROUGH:
            return Length(until=self.cleaned_data["until"])
        return Length(days=int(self.cleaned_data["days"] if choice == OTHER else choice))

    def must_be_shown(self) -> bool:
        """Whether nobody has seen yet where the length leads."""
        wanted = self.wanted()
        return wanted.days not in PRESETS and self.cleaned_data["shown"] != wanted.said


def parse_end(text: str) -> datetime:
    """The end of a trial as a form carries it."""
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        end = None
    if end is None or end.tzinfo is None:
        raise Refusal("This form is not as we made it. Open it again from the account.")
    return end
