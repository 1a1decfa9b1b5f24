"""The form of how tickets are checked, in three parts: which and by whom, when it acts, and what is watched."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms

from support.actions.intake.editing import BOUNDS
from support.domain.case_events import Channel
from support.domain.intake.settings import Acting, Provider, ReadBy
from support.models import IntakeSettings

MICROS = 1_000_000
# Title, explanation, fields; and whose reading alone it is about.
PARTS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "Which tickets, and who reads them",
        "Whoever reads only names the features that may be meant. What follows is decided by what the customer has.",
        ("checked", "read_by"),
        "",
    ),
    (
        "A language model over HTTP",
        "Only where it reads. It is told the words of a ticket and your features, and nothing of the customer.",
        ("provider", "provider_url", "provider_model", "key", "provider_key", "answer_within_ms"),
        ReadBy.MODEL,
    ),
    (
        "A validator outside",
        "Only where it reads. It is asked by a webhook.",
        ("outside_within_minutes",),
        ReadBy.OUTSIDE,
    ),
    (
        "When it acts by itself",
        "Below this surety a ticket waits for a person; its case is open and its clocks run.",
        ("acting", "labels_wanted", "accept_percent", "redirect_percent", "suggest_percent", "most_error_percent"),
        "",
    ),
    (
        "What is watched, and what it is worth",
        "",
        ("sampled_percent", "cost", "cost_currency", "text_days"),
        "",
    ),
)
PERCENTS = ("accept_percent", "redirect_percent", "suggest_percent")
KEEP, REPLACE, REMOVE = "keep", "replace", "remove"
UNSAID = frozenset({"reason", "seen", "provider_key"})  # what no preview tells of
PERCENT = " (percent)"


def _number(name: str, label: str, help_text: str) -> forms.IntegerField:
    low, high, words = BOUNDS[name]
    said = {"min_value": words, "max_value": words, "required": words, "invalid": "Write a whole number."}
    return forms.IntegerField(
        label=label, help_text=help_text, min_value=low, max_value=high, error_messages=said
    )  # fmt: skip


class SettingsForm(forms.Form):
    """`seen` is the settings as the form showed them."""

    checked = forms.MultipleChoiceField(
        label="Channels whose tickets are checked as they come", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(one.value, one.words) for one in Channel],
        help_text="None: tickets are only checked where somebody asks, on the page or by the API.",
    )  # fmt: skip
    read_by = forms.ChoiceField(
        label="Who reads?", widget=forms.RadioSelect, choices=[(one.value, one.words) for one in ReadBy]
    )
    provider = forms.ChoiceField(
        label="Provider", required=False, choices=[("", "None"), *((one.value, one.words) for one in Provider)]
    )
    provider_url = forms.CharField(
        label="Address", required=False, max_length=500,
        help_text="Empty: the provider’s own. A key goes to the address it was given for and to no other.",
    )  # fmt: skip
    provider_model = forms.CharField(
        label="Model", required=False, max_length=120, help_text="As its provider calls it."
    )
    key = forms.ChoiceField(
        label="Key", widget=forms.RadioSelect, required=False,
        choices=[(KEEP, "Leave it as it is"), (REPLACE, "Set the one below"), (REMOVE, "Take it away")],
    )  # fmt: skip
    provider_key = forms.CharField(
        label="New key", required=False, max_length=1000, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="It is sealed, and never shown again.",
    )  # fmt: skip
    answer_within_ms = _number(
        "answer_within_ms", "Answers within, in milliseconds", "Later than this, the ticket waits for a person."
    )
    outside_within_minutes = _number(
        "outside_within_minutes", "Answers within, in minutes", "After this the ticket waits for a person instead."
    )
    acting = forms.ChoiceField(
        label="May it act by itself?", widget=forms.RadioSelect, choices=[(one.value, one.words) for one in Acting]
    )
    labels_wanted = _number(
        "labels_wanted", "Labelled tickets before it acts",
        "What staff say in “Tickets to decide” labels a ticket. Before there are so many, it only suggests.",
    )  # fmt: skip
    accept_percent = _number("accept_percent", "How sure, to accept (percent)", "")
    redirect_percent = _number("redirect_percent", "How sure, to redirect to self-service (percent)", "")
    suggest_percent = _number("suggest_percent", "How sure, to suggest an upgrade (percent)", "")
    most_error_percent = _number(
        "most_error_percent", "Of what it decides, at most so much may be wrong (percent)",
        "Reckoned with care from what staff labelled. It can only make the three above stricter, and counts once it is taught anew.",
    )  # fmt: skip
    sampled_percent = _number(
        "sampled_percent", "Shown to staff, of what it decided by itself (percent)",
        "Drawn at random, so that its error can be told at all.",
    )  # fmt: skip
    cost = forms.DecimalField(
        label="What a ticket costs", min_value=0, max_digits=12, decimal_places=2, max_value=Decimal(10**9),
        help_text="For a person to resolve; by this the figures count what was saved.",
    )  # fmt: skip
    cost_currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label="Currency", widget=forms.TextInput(attrs={"class": "is-short", "maxlength": 3}),
        error_messages={"invalid": "Write its three letters, such as USD."},
    )  # fmt: skip
    text_days = _number(
        "text_days", "Days the words of a ticket are kept", "After that they go; what was decided and why stays."
    )
    reason = forms.CharField(
        label="Why", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where it has to be less sure than before. It stands in the history.",
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, data: Any = None, *, may_edit: bool = True, kept: bool = False, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["key"].help_text = "A key is kept." if kept else "No key is kept."
        for field in self.fields.values():
            field.disabled = not may_edit

    def clean_cost_currency(self) -> str:
        return str(self.cleaned_data["cost_currency"]).upper()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        typed = given.get("provider_key", "")
        if given.get("key") == REPLACE and not typed:
            self.add_error("provider_key", "Paste the key.")
        elif typed and given.get("key") != REPLACE:
            self.add_error("key", "A key was pasted below: choose whether it is to be set.")
        return given

    def parts(self) -> Iterator[tuple[str, str, list[forms.BoundField], str]]:
        for title, says, names, reader in PARTS:
            yield title, says, [self[name] for name in names], reader

    def changed(self) -> Iterator[tuple[str, str, str]]:
        """What the form would change, as its reader knows it: the label, before, and then."""
        for name in self.changed_data:
            if name in self.cleaned_data and name not in UNSAID:
                label = str(self[name].label)
                before, then = (
                    _worded(self.fields[name], one) for one in (self.initial.get(name), self.cleaned_data[name])
                )
                unit = "\N{NO-BREAK SPACE}%" if PERCENT in label else ""
                yield label.replace(PERCENT, ""), f"{before}{unit}", f"{then}{unit}"

    def said(self) -> dict[str, Any]:
        """As the action takes it; without the key."""
        given = self.cleaned_data
        apart = {"cost", "key", "provider_key", "reason", "seen"}
        return {
            **{name: value for name, value in given.items() if name not in apart},
            "cost_micros": int(given["cost"] * MICROS),
        }

    def key_said(self) -> str | None:
        """None leaves it."""
        given = self.cleaned_data
        return {REPLACE: given["provider_key"], REMOVE: ""}.get(given["key"] or KEEP)


def _worded(field: forms.Field, value: Any) -> str:
    words = {str(key): str(said) for key, said in getattr(field, "choices", ())}
    given = value if isinstance(value, list | tuple) else [value]
    return ", ".join(words.get(str(one), str(one)) for one in given) or "none"


def initial_of(row: IntakeSettings) -> dict[str, Any]:
    names = {name for _, _, part, _ in PARTS for name in part} - {"cost", "key", "provider_key"}
    cost = (Decimal(row.cost_micros) / MICROS).quantize(Decimal("0.01"))
    return {**{name: getattr(row, name) for name in names}, "cost": cost, "key": KEEP}
