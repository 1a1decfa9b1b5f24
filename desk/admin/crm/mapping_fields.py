"""How a form asks where a value comes from: a field of the line, else of the deal, else what is written.

Fields of the CRM are chosen from what it has. While nobody can ask it their names are typed, and whatever is typed may be
right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from desk.domain.crm.mapping import NOTHING, Reading
from desk.integrations.crm.port import Offered

LINE, DEAL = "_line", "_deal"
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One value as a form asks for it: the parts that it can be read from, in the order in which they are looked at."""

    words: str
    help: str
    parts: tuple[tuple[str, forms.BoundField], ...]

    @property
    def errors(self) -> Iterator[str]:
        return (str(error) for _, part in self.parts for error in part.errors)


def field_of(offered: Sequence[Offered], *, label: str, away: bool, own: str = "") -> forms.Field:
    """One of the fields that the CRM has; `own` is what stands there, also where it has that no more."""
    if away:
        return forms.CharField(label=label, required=False, max_length=LONGEST, widget=forms.TextInput(attrs=PLAIN))
    return OfferedField(offered, own=own, label=label, required=False)


class OfferedField(forms.ChoiceField):
    def __init__(self, offered: Sequence[Offered], *, own: str = "", **options: Any) -> None:
        choices = [("", "–"), *((one.name, one.words or one.name) for one in offered)]
        if own and own not in dict(choices):
            choices.append((own, f"{own} (not there any more)"))
        super().__init__(choices=choices, **options)


def ask_for_reading(
    form: forms.Form,
    name: str,
    *,
    words: str,
    written: str,
    deal_fields: Sequence[Offered],
    line_fields: Sequence[Offered] | None = None,
    away: bool = False,
    reading: Reading = NOTHING,
) -> None:
    """Let the form ask for the value `name`: by `name_line`, `name_deal` and, as it is written, `name`."""
    if line_fields is not None:
        label = f"{words}: field of the line"
        form.fields[name + LINE] = field_of(line_fields, label=label, away=away, own=reading.line_field)
    label = f"{words}: field of the deal"
    form.fields[name + DEAL] = field_of(deal_fields, label=label, away=away, own=reading.deal_field)
    text = forms.TextInput(attrs={**PLAIN, "placeholder": written})
    form.fields[name] = forms.CharField(label=words, required=False, max_length=LONGEST, widget=text)


def typed_of(name: str, reading: Reading) -> dict[str, str]:
    """What a form is opened with."""
    return {name: reading.written, name + LINE: reading.line_field, name + DEAL: reading.deal_field}


def reading_given(form: forms.Form, name: str) -> Reading:
    given = form.cleaned_data
    return Reading(given.get(name, ""), given.get(name + LINE, ""), given.get(name + DEAL, ""))


def asked(form: forms.Form, name: str, *, help: str = "") -> Asked:
    """The same for the page."""
    parts = [("Field of the line", name + LINE), ("Field of the deal", name + DEAL), ("Otherwise", name)]
    shown = [(words, form[part]) for words, part in parts if part in form.fields]
    return Asked(str(form.fields[name].label), help, tuple(shown))
