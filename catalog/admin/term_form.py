"""The form of one cell: for every kind of feature the plainest input that can say all it may say."""

from typing import Any

from django import forms

from catalog.actions.terms import Rules
from catalog.domain.sayings import NOT_INCLUDED, SET_PER_CUSTOMER, SOLD_AS_ADD_ON, TO_BE_SETTLED, UNLIMITED_WORD
from catalog.domain.units import Family, unit_of
from catalog.domain.values import Enforcement, FeatureShape, Kind, Nature, PlanKind, Reset, TermState
from catalog.domain.words import say_reset, say_value
from catalog.models import Feature, Plan, PlanTerm
from catalog.queries.terms import say_cell

_OTHERWISE = [
    (NOT_INCLUDED, "Not included"),
    (SET_PER_CUSTOMER, "Set per customer"),
    (SOLD_AS_ADD_ON, "Sold as an add-on"),
]
_UNDECIDED = [(TO_BE_SETTLED, "Not settled yet")]
_LIMITS = [
    ("", "As the words above say, else it stops unless more is charged"),
    (Enforcement.HARD.value, "It stops at the limit"),
    (Enforcement.SOFT.value, "It goes on, with a warning"),
    (Enforcement.TRACK.value, "It goes on and is counted"),
]
_LISTED = "listed"


class TermForm(forms.Form):
    """`reading` is what the cell says, in words that `read_cell` reads; the other inputs only where they make sense.

    How a limit is kept starts out unanswered, so that an untouched list never overrules the words that were typed.
    """

    edits = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, feature: Feature, term: PlanTerm | None, edits: int) -> None:
        super().__init__(data)
        self.shape = feature.shape
        self.term = term
        self.fields["edits"].initial = edits
        match self.shape.nature:
            case Nature.GATE:
                self._choose([("yes", "Included"), *_OTHERWISE, *_UNDECIDED])
            case Nature.RANKED:
                ranked = [(say_value(c.key, shape=self.shape), c.label) for c in reversed(self.shape.choices)]
                self._choose([*ranked, *_OTHERWISE, *_UNDECIDED])
            case Nature.SET:
                self._tick()
            case _:
                self._type()
        if self.shape.kind in {Kind.METERED, Kind.CREDIT}:
            self._ask_reset()
        if self.shape.nature is Nature.QUANTITY:
            self._ask_enforcement()
        self._ask_seller()
        self.fields["reason"] = forms.CharField(
            label="Why",
            required=term is not None and term.state == TermState.UNSETTLED,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text="It stands in the audit beside your name.",
        )

    @property
    def reading(self) -> str:
        """The cell in words, whichever inputs it was given by."""
        given = self.cleaned_data
        if given["reading"] == SOLD_AS_ADD_ON and self._words().startswith(SOLD_AS_ADD_ON):
            return self._words()  # with the prices that stand beside it
        if self.shape.nature is not Nature.SET or given["reading"] != _LISTED:
            return str(given["reading"])
        return say_value(frozenset(given["members"]), shape=self.shape)

    @property
    def rules(self) -> Rules:
        reset, enforcement = self.cleaned_data.get("reset"), self.cleaned_data.get("enforcement")
        return Rules(Reset(reset) if reset else None, Enforcement(enforcement) if enforcement else None)

    def _choose(self, choices: list[tuple[str, str]]) -> None:
        words = self._words()
        initial = "yes" if words == "on" else next((key for key, _ in choices if words.startswith(key)), None)
        self.fields["reading"] = forms.ChoiceField(
            label="What the plan gives", choices=choices, widget=forms.RadioSelect, initial=initial
        )

    def _tick(self) -> None:
        value = self.term.value if self.term else None
        choices = [(_LISTED, "These:"), *_OTHERWISE, *_UNDECIDED]
        self._choose(choices)
        if isinstance(value, frozenset):
            self.fields["reading"].initial = _LISTED
        self.fields["members"] = forms.MultipleChoiceField(
            label="Which of them",
            choices=[(choice.key, choice.label) for choice in self.shape.choices],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=sorted(value) if isinstance(value, frozenset) else [],
            help_text="Counts with “These” above.",
        )

    def _type(self) -> None:
        settled = self.term is not None and self.term.state != TermState.UNSETTLED
        self.fields["reading"] = forms.CharField(
            label="What the plan gives",
            max_length=2_000,
            initial=self._words() if settled else "",
            widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
            help_text=_examples(self.shape),
        )

    def _ask_reset(self) -> None:
        now = Reset(self.term.reset) if self.term and self.term.reset else None
        as_it_stands = (
            f"As the words above say, else as now: {_again(now).lower()}" if now else "As the words above say"
        )
        self.fields["reset"] = forms.ChoiceField(
            label="Starts again",
            choices=[("", as_it_stands), *((reset.value, _again(reset)) for reset in Reset)],
            required=False,
        )

    def _ask_enforcement(self) -> None:
        self.fields["enforcement"] = forms.ChoiceField(label="At the limit", choices=_LIMITS, required=False)

    def _ask_seller(self) -> None:
        self.fields["sold_as"] = forms.ModelChoiceField(
            label="The add-on that sells it",
            queryset=Plan.objects.filter(kind=PlanKind.ADD_ON),
            required=False,
            empty_label="None",
            initial=self.term.sold_as if self.term else None,
            help_text="Only for a cell that is sold as an add-on. One that is missing is created from the sheet.",
        )

    def _words(self) -> str:
        return "" if self.term is None or self.term.feature is None else say_cell(self.term, feature=self.term.feature)


def _again(reset: Reset) -> str:
    return "Never: so much in all" if reset is Reset.NEVER else f"Each {say_reset(reset).split(' ', 1)[1]}"


def _examples(shape: FeatureShape) -> str:
    if shape.nature is Nature.TEXT:
        return "Any words; or: no, Custom."
    match unit_of(shape).family:
        case Family.BYTES:
            amount, more = "500 MB", "8 GB, then $0.125 per GB"
        case Family.TIME:
            amount, more = "7 days", "1 hour"
        case Family.COUNT:
            amount, more = "50,000 or 2 Million", "100, then $5 per 1000"
    return f"For example: {amount}; {more}; {UNLIMITED_WORD}; no; Custom; {SOLD_AS_ADD_ON}."
