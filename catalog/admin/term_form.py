"""The form of one cell: for every kind of feature, and for a group, the plainest inputs that can say all it may say."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.forms import BoundField

from catalog.actions.terms import Rules
from catalog.domain.amounts import UnreadableCell
from catalog.domain.groups import INCLUDED
from catalog.domain.sayings import NOT_INCLUDED, SET_PER_CUSTOMER, SOLD_AS_ADD_ON, TO_BE_SETTLED, UNLIMITED_WORD
from catalog.domain.tails import MOST_PERCENT, RESETTING, SubLimits, cut_sub_limits, read_sub_limit
from catalog.domain.trial_ends import MOST_DAYS, cut_trial_end
from catalog.domain.units import Family, unit_of
from catalog.domain.values import AtTrialEnd, Enforcement, FeatureShape, Nature, PlanKind, Reset, Scaling, TermState
from catalog.domain.words import say_part, say_reset, say_value
from catalog.models import Feature, Plan, PlanTerm
from catalog.queries.cells import Subject, spell_out
from catalog.queries.terms import reading_of
from catalog.queries.vocabulary import Words
from journal.admin.fields import WholeNumberField

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
_SCALINGS = [
    ("", "As the words above say, else nothing"),
    (Scaling.FLAT.value, "Nothing: so much, however many are bought"),
    (Scaling.PER_UNIT.value, "The quantity bought (“per unit”)"),
    (Scaling.PER_SEAT_OF.value, "The seats of a feature, all in one pool (“per seat of …”)"),
    (Scaling.EACH_SEAT_OF.value, "Nothing, but each seat of a feature has it by itself (“for each seat of …”)"),
]
_AFTER_TRIAL = [(choice.value, choice.words) for choice in AtTrialEnd]
_AS_SAID = ("", "As the words above say, else it ends with the trial")
_LISTED = "listed"
_PART = "part_"


class TermForm(forms.Form):
    """`reading` is what the cell says, in words that `read_cell` reads; the other inputs only where they make sense.

    How a limit is kept starts out unanswered, so that an untouched list never overrules the words that were typed.
    """

    edits = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, subject: Subject, term: PlanTerm | None, edits: int, known: Words) -> None:
        super().__init__(data)
        self.subject, self.term, self.known = subject, term, known
        self.shape = subject.shape if isinstance(subject, Feature) else known.measures[subject.pk]
        if subject.pk in known.mixed and not isinstance(subject, Feature) and (term is None or term.amount is None):
            self.shape = None  # no amount can be said of all of it
        self.fields["edits"].initial = edits
        self._ask_what()
        if self.shape is not None and self.shape.nature is Nature.QUANTITY:
            self._ask_rules(self.shape)
            self._ask_parts(self.shape)
        self._ask_trial_end()
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
        if given["reading"] != _LISTED or self.shape is None:
            return str(given["reading"])
        return say_value(frozenset(given["members"]), shape=self.shape)

    @property
    def rules(self) -> Rules:
        given = self.cleaned_data
        reset, enforcement, scaling = given.get("reset"), given.get("enforcement"), given.get("scaling")
        seats, at_trial_end = given.get("seats_of"), given.get("at_trial_end")
        return Rules(
            Reset(reset) if reset else None,
            Enforcement(enforcement) if enforcement else None,
            given.get("overage_percent"),
            Scaling(scaling) if scaling else None,
            self.known.features[seats] if seats and scaling in {Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF} else None,
            self._parts(),
            AtTrialEnd(at_trial_end) if at_trial_end else None,
            given.get("kept_days"),
        )

    def first(self) -> Iterator[BoundField]:
        """What the plan gives."""
        return (self[name] for name in ("reading", "members") if name in self.fields)

    def further(self) -> list[BoundField]:
        """The rules beside it, for a part of the page that may stay closed."""
        names = ("reset", "scaling", "seats_of", "enforcement", "overage_percent", "at_trial_end", "kept_days")
        return [self[name] for name in names if name in self.fields]

    def parts(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(_PART)]

    def last(self) -> Iterator[BoundField]:
        return (self[name] for name in ("edits", "sold_as", "reason"))

    def rules_differ(self) -> bool:
        """Whether the part with the rules must stand open."""
        told = [*self.further(), *self.parts()]
        return any(field.errors or field.value() not in {None, "", AtTrialEnd.ENDS.value} for field in told)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in [name for name in self.fields if name.startswith(_PART) and given.get(name)]:
            try:
                assert self.shape is not None
                read_sub_limit(given[name], shape=self.shape)
            except UnreadableCell as unreadable:
                self.add_error(name, str(unreadable))
        return given

    def _parts(self) -> SubLimits | None:
        """What the inputs say of the parts, unless the words say it themselves."""
        given = self.cleaned_data
        names = [name for name in self.fields if name.startswith(_PART)]
        if not names or self.shape is None or cut_sub_limits(self.reading)[1]:
            return None
        typed = ((name.removeprefix(_PART), given[name]) for name in names if given.get(name))
        return tuple((key, read_sub_limit(text, shape=self.shape)) for key, text in typed)

    def _ask_what(self) -> None:
        if self.shape is None:
            whole = [(INCLUDED, "Included"), (UNLIMITED_WORD, "Unlimited"), *_OTHERWISE, *_UNDECIDED]
            self._choose(whole)
            return
        match self.shape.nature:
            case Nature.GATE:
                self._choose([("yes", "Included"), *_OTHERWISE, *_UNDECIDED])
            case Nature.RANKED:
                ranked = [(say_value(c.key, shape=self.shape), c.label) for c in reversed(self.shape.choices)]
                self._choose([*ranked, *_OTHERWISE, *_UNDECIDED])
            case Nature.SET:
                self._tick(self.shape)
            case _:
                self._type(self.shape)

    def _choose(self, choices: list[tuple[str, str]]) -> None:
        words, _ = cut_trial_end(self._words())
        initial = "yes" if words == "on" else next((key for key, _ in choices if words.startswith(key)), None)
        self.fields["reading"] = forms.ChoiceField(
            label="What the plan gives", choices=choices, widget=forms.RadioSelect, initial=initial
        )

    def _tick(self, shape: FeatureShape) -> None:
        value = self.term.value if self.term else None
        choices = [(_LISTED, "These:"), *_OTHERWISE, *_UNDECIDED]
        self._choose(choices)
        if isinstance(value, frozenset):
            self.fields["reading"].initial = _LISTED
        self.fields["members"] = forms.MultipleChoiceField(
            label="Which of them",
            choices=[(choice.key, choice.label) for choice in shape.choices],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=sorted(value) if isinstance(value, frozenset) else [],
            help_text="Counts with “These” above.",
        )

    def _type(self, shape: FeatureShape) -> None:
        settled = self.term is not None and self.term.state != TermState.UNSETTLED
        self.fields["reading"] = forms.CharField(
            label="What the plan gives",
            max_length=2_000,
            initial=self._words() if settled else "",
            widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
            help_text=_examples(shape, group=not isinstance(self.subject, Feature)),
        )

    def _ask_rules(self, shape: FeatureShape) -> None:
        if shape.kind in RESETTING:
            self._ask_reset()
        self.fields["scaling"] = forms.ChoiceField(label="What multiplies it", choices=_SCALINGS, required=False)
        counted = [(key, name) for key, name in self.known.vocabulary.counted.items() if key != self.subject.key]
        self.fields["seats_of"] = forms.ChoiceField(
            label="Whose seats", choices=[("", "None"), *counted], required=False, help_text="With “seats” above."
        )
        self.fields["enforcement"] = forms.ChoiceField(label="At the limit", choices=_LIMITS, required=False)
        self.fields["overage_percent"] = WholeNumberField(
            label="How far it may go beyond, in percent",
            required=False,
            min_value=0,
            max_value=MOST_PERCENT,
            help_text="Empty: as the words above say; else without end where it goes on.",
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

    def _ask_parts(self, shape: FeatureShape) -> None:
        """For each choice of a dimension, how much of the amount may fall to it."""
        if not isinstance(self.subject, Feature):
            return
        now = dict(reading_of(self.term, shape=shape).sub_limits) if self.term else {}
        for key, name in self.known.vocabulary.choices.get(shape.key, {}).items():
            choice = self.known.choices[shape.key, key]
            self.fields[f"{_PART}{key}"] = forms.CharField(
                label=f"Of these, at most for {name} ({choice.dimension.name})",
                required=False,
                max_length=80,
                initial=say_part(now[key], shape=shape) if key in now else "",
                help_text="An amount, Unlimited, or no. Empty: it may use all of it.",
            )

    def _ask_trial_end(self) -> None:
        """Where words are typed they may say it; where a choice is made, only this list can."""
        term, typed = self.term, not isinstance(self.fields["reading"], forms.ChoiceField)
        self.fields["at_trial_end"] = forms.ChoiceField(
            label="When a trial ends that nobody converts",
            choices=[_AS_SAID, *_AFTER_TRIAL] if typed else _AFTER_TRIAL,
            required=False,
            initial="" if typed else term.at_trial_end if term else AtTrialEnd.ENDS.value,
        )
        self.fields["kept_days"] = WholeNumberField(
            label="Kept for how many days",
            required=False,
            min_value=1,
            max_value=MOST_DAYS,
            initial=None if typed or term is None else term.kept_days,
            help_text="Of the customer’s calendar. Counts with “Kept for some days”.",
        )

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
        """All the cell says, but for its parts and its seller, which have inputs of their own."""
        if self.term is None:
            return ""
        reading = replace(reading_of(self.term, shape=self.shape), sub_limits=(), sold_as="")
        return spell_out(reading, subject=self.subject, known=self.known, named=True)


def _again(reset: Reset) -> str:
    return "Never: so much in all" if reset is Reset.NEVER else f"Each {say_reset(reset).split(' ', 1)[1]}"


def _examples(shape: FeatureShape, *, group: bool) -> str:
    if shape.nature is Nature.TEXT:
        return "Any words; or: no, Custom."
    match unit_of(shape).family:
        case Family.BYTES:
            amount, more = "500 MB", "8 GB, then $0.125 per GB"
        case Family.TIME:
            amount, more = "7 days", "1 hour"
        case Family.COUNT:
            amount, more = "50,000 or 2 Million", "100, then $5 per 1000"
    rate = "100 a minute; " if shape.kind in RESETTING and unit_of(shape).family is Family.COUNT else ""
    whole = f"{INCLUDED}; " if group else ""
    return f"For example: {amount}; {rate}{more}; {whole}{UNLIMITED_WORD}; no; Custom; {SOLD_AS_ADD_ON}."
