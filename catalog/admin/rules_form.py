"""The form for a feature's rules: every rule as a question, with what is usual beside it."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from catalog.admin.feature_words import RESETS
from catalog.domain.fallbacks import AccountState, Fallback, Fallbacks, UseEffect
from catalog.domain.rules import (
    MOST_THRESHOLDS,
    FeatureRules,
    Threshold,
    Told,
    limited,
    say_combine,
    say_parent_rule,
    seated,
)
from catalog.domain.values import BelowUse, Combine, FeatureShape, GivenBy, Kind, Nature, ParentRule, Reset, Squeeze
from catalog.domain.window import start_of_day
from journal.admin.base import offer
from journal.admin.fields import DayInput
from journal.domain.refusal import Invalid

ROWS = range(1, MOST_THRESHOLDS + 1)  # rows of the table of thresholds
SIZES = {"60": "minutes", "3600": "hours", "86400": "days"}
USUAL = "As usual for what its use does"
STATE_LABELS = {
    AccountState.PAYING: "Paying customers",
    AccountState.TRIAL: "Customers in a trial",
    AccountState.UNPAID: "Customers whose payment failed",
}
TOLD_WORDS = {Told.CUSTOMER: "The customer", Told.SALES: "Sales", Told.BOTH: "The customer and sales"}
PARTS = (
    ("Who has it", ("given_by",)),
    ("Who gets how much", ("combine", "parent_rule", "kept_when_suspended", "default_reset")),
    (
        "If the desk can’t be reached",
        ("effect", "fallback_paying", "fallback_trial", "fallback_unpaid", "age", "age_unit"),
    ),
    ("As use nears the limit", ("thresholds", "buffer_percent")),
    ("If a change leaves less than is in use", ("below_use", "squeeze")),
    ("From when, and why", ("from_on", "reason")),
)


class RulesForm(forms.Form):
    """`rules` is what was chosen, once the form is valid; `seen` is a token of the rules it was opened with."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    given_by = forms.ChoiceField(
        label="Who decides who has it",
        choices=[(who.value, who.words) for who in GivenBy],
        widget=forms.RadioSelect,
        initial=GivenBy.PLANS,
        help_text="If the billing system decides, exactly those customers have it whom it tells us about: plans and "
        "add-ons neither give nor take it any more. Overrides, a parent and a suspension count as ever.",
    )
    combine = forms.ChoiceField(
        label="An account with several plans has",
        widget=forms.RadioSelect,
    )
    parent_rule = forms.ChoiceField(
        label="A child account",
        widget=forms.RadioSelect,
    )
    kept_when_suspended = forms.BooleanField(label="A suspended account keeps it", required=False)
    default_reset = forms.ChoiceField(
        label="It starts again, unless a plan says otherwise",
        choices=[(reset.value, said) for reset, said in RESETS.items()],
        required=False,
    )
    effect = forms.ChoiceField(
        label="What using it does",
        choices=[(effect.value, effect.words) for effect in UseEffect],
        widget=forms.RadioSelect,
    )
    age = forms.IntegerField(
        label="The last answer is kept for up to",
        required=False,
        min_value=1,
        max_value=100_000,
        help_text="Empty: 1 hour.",
    )
    age_unit = forms.ChoiceField(label="Counted in", choices=list(SIZES.items()), required=False, initial="3600")
    buffer_percent = forms.IntegerField(
        label="Percent of a hard limit kept back",
        min_value=0,
        max_value=99,
        required=False,
        help_text="Where use arrives late: with 5, the limit stops at 95 % of it. Usually 0.",
    )
    below_use = forms.ChoiceField(
        label="Another plan, fewer seats or an add-on less, with more of it in use than would be left",
        choices=[(rule.value, rule.words) for rule in BelowUse],
        widget=forms.RadioSelect,
        required=False,
        initial=BelowUse.ALLOW,
    )
    squeeze = forms.ChoiceField(
        label="Seats that people hold by name, with more of them taken than are left",
        choices=[(rule.value, rule.words) for rule in Squeeze],
        widget=forms.RadioSelect,
        required=False,
        initial=Squeeze.KEEP,
        help_text="Protected seats are lost last. Nobody’s seat is taken away for good: with more seats all have theirs again.",
    )
    from_on = forms.DateField(label="From the start of", required=False, widget=DayInput)
    reason = forms.CharField(
        label="Why",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where customers lose something.",
    )

    def __init__(self, data: Any = None, *, shape: FeatureShape, zone: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.shape, self.zone = shape, zone
        self.rules: FeatureRules | None = None
        for state, label in STATE_LABELS.items():
            choices = [("", USUAL), *((fallback.value, fallback.words) for fallback in Fallback)]
            self.fields[f"fallback_{state}"] = forms.ChoiceField(label=label, choices=choices, required=False)
        for row in ROWS:
            self._ask_threshold(row)
        self.fields["from_on"].help_text = f"Empty: from now on. The day begins at midnight in {zone}, your own zone."
        self._ask_only_what_fits()

    def _ask_threshold(self, row: int) -> None:
        told = [(who.value, words) for who, words in TOLD_WORDS.items()]
        self.fields[f"percent_{row}"] = forms.IntegerField(
            label=f"Threshold {row}, percent", required=False, min_value=1, max_value=500
        )
        self.fields[f"told_{row}"] = forms.ChoiceField(label=f"Told at threshold {row}", choices=told, required=False)

    def _ask_only_what_fits(self) -> None:
        if self.shape.kind not in {Kind.METERED, Kind.CREDIT}:
            del self.fields["default_reset"]
        if not seated(self.shape):
            del self.fields["squeeze"]
        if self.shape.kind is not Kind.GATE:
            del self.fields["given_by"]
        parents, combines = list(ParentRule), list(Combine)
        if not limited(self.shape):
            for name in (
                "buffer_percent",
                "below_use",
                *(f"{part}_{row}" for row in ROWS for part in ("percent", "told")),
            ):
                del self.fields[name]
            parents.remove(ParentRule.SHARED)
        if self.shape.nature not in {Nature.QUANTITY, Nature.SET}:
            combines.remove(Combine.ADD)
        offer(self, "parent_rule", {rule.value: say_parent_rule(rule) for rule in parents})
        offer(self, "combine", {rule.value: say_combine(rule) for rule in combines})

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts that are asked of this feature; the thresholds are a table of their own."""
        found = []
        for legend, names in PARTS:
            if "thresholds" in names and not limited(self.shape):
                continue
            fields = [self[name] for name in names if name in self.fields]
            table = [(self[f"percent_{row}"], self[f"told_{row}"]) for row in ROWS] if "thresholds" in names else []
            if fields or table:
                found.append({"legend": legend, "fields": fields, "table": table})
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            self.rules = FeatureRules(
                given_by=GivenBy(given.get("given_by") or GivenBy.PLANS),
                combine=Combine(given["combine"]),
                parent_rule=ParentRule(given["parent_rule"]),
                default_reset=Reset(given["default_reset"]) if given.get("default_reset") else None,
                kept_when_suspended=given["kept_when_suspended"],
                fallbacks=_fallbacks(given),
                thresholds=self._thresholds(given),
                buffer_percent=given.get("buffer_percent") or 0,
                below_use=BelowUse(given.get("below_use") or BelowUse.ALLOW),
                squeeze=Squeeze(given.get("squeeze") or Squeeze.KEEP),
            )
        return given

    def _thresholds(self, given: dict[str, Any]) -> tuple[Threshold, ...]:
        if not limited(self.shape):
            return FeatureRules().thresholds
        rows = [(given[f"percent_{row}"], given[f"told_{row}"]) for row in ROWS if given[f"percent_{row}"]]
        return tuple(Threshold(percent, Told(told or Told.CUSTOMER)) for percent, told in sorted(rows))

    def effective_at(self, at: datetime) -> datetime:
        """The start of the chosen day in the reader's zone; the day that has begun already is now."""
        day: date | None = self.cleaned_data["from_on"]
        if day is None:
            return at
        if start_of_day(day + timedelta(days=1), self.zone) <= at:
            raise Invalid("Rules can't change the past; choose a day that is still to come.", field="from_on")
        return max(start_of_day(day, self.zone), at)


def _fallbacks(given: dict[str, Any]) -> Fallbacks:
    chosen = {state: given[f"fallback_{state}"] for state in AccountState}
    said = {state: Fallback(fallback) if fallback else None for state, fallback in chosen.items()}
    seconds = given["age"] * int(given["age_unit"] or 3600) if given["age"] else None
    return Fallbacks(
        UseEffect(given["effect"]),
        paying=said[AccountState.PAYING],
        trial=said[AccountState.TRIAL],
        unpaid=said[AccountState.UNPAID],
        seconds=seconds,
    )


def initial_of(rules: FeatureRules, *, seen: str) -> dict[str, Any]:
    """What the form shows of rules that hold."""
    fallbacks = rules.fallbacks
    size = next((s for s in ("86400", "3600", "60") if fallbacks.seconds and fallbacks.seconds % int(s) == 0), "3600")
    shown = {
        "seen": seen,
        "given_by": rules.given_by,
        "combine": rules.combine,
        "parent_rule": rules.parent_rule,
        "kept_when_suspended": rules.kept_when_suspended,
        "default_reset": rules.default_reset,
        "effect": fallbacks.effect,
        "age": fallbacks.seconds // int(size) if fallbacks.seconds else None,
        "age_unit": size,
        "buffer_percent": rules.buffer_percent,
        "below_use": rules.below_use,
        "squeeze": rules.squeeze,
        **{f"fallback_{state}": fallbacks.said_for(state) or "" for state in AccountState},
    }
    for row, step in enumerate(rules.thresholds, start=1):
        shown |= {f"percent_{row}": step.percent, f"told_{row}": step.told}
    return shown
