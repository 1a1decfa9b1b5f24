"""How a form asks what somebody is to have of one feature, and why: a mode, a value where the mode takes one, a reason."""

from collections.abc import Sequence

from django import forms
from django.utils.html import format_html

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.values import FeatureShape, Nature, Value
from entitlements.admin.fields import offer
from entitlements.admin.wording import MODE_WORDS
from entitlements.domain.facts import Mode
from entitlements.domain.promises import read_promise
from entitlements.models import ReasonCode


def ask_for_mode(form: forms.Form, *, shape: FeatureShape) -> None:
    """Let the form's `mode` offer what can be done with the feature; the most usual is chosen."""
    modes = MODE_WORDS[shape.nature]
    offer(form, "mode", modes.items())
    form.fields["mode"].initial = next(iter(modes))


def ask_for_value(form: forms.Form, *, shape: FeatureShape) -> None:
    """Let the form's `value` ask the way people say such a value; a gate has none to say."""
    choices = [(choice.key, choice.label) for choice in shape.choices]
    match shape.nature:
        case Nature.GATE:
            del form.fields["value"]
        case Nature.QUANTITY:
            form.fields["value"].help_text = f"As you would say it: {example_of(shape)}, or Unlimited."
            form.fields["value"].widget.attrs["autocomplete"] = "off"
        case Nature.RANKED:
            form.fields["value"] = forms.ChoiceField(label="Which", required=False, choices=[("", "Choose"), *choices])
        case Nature.SET:
            form.fields["value"] = forms.MultipleChoiceField(
                label="Which", required=False, widget=forms.CheckboxSelectMultiple, choices=choices
            )
        case Nature.TEXT:
            form.fields["value"].label = "What"


def ask_for_reason_code(form: forms.Form, codes: Sequence[ReasonCode]) -> None:
    """Let the form's `reason_code` offer them, each with when to choose it; without a list nothing is asked."""
    if codes:
        offer(form, "reason_code", [(code.key, _with_note(code)) for code in codes])
    else:
        del form.fields["reason_code"]


def _with_note(code: ReasonCode) -> str:
    if not code.note:
        return code.name
    return format_html('{} <span class="desk-muted">{}</span>', code.name, code.note)


def value_given(form: forms.Form, *, shape: FeatureShape) -> tuple[Value | None, str]:
    """The value as it was typed, and its unit; what can't be read is said beside the field. A denial takes none."""
    given = form.cleaned_data
    if not given.get("mode") or given["mode"] == Mode.DENY or "value" in form.errors:
        return None, ""
    try:
        return read_promise(given.get("value"), shape=shape)
    except UnreadableCell as unreadable:
        form.add_error("value" if "value" in form.fields else None, str(unreadable))
        return None, ""
