"""Fields that forms of every app have in common."""

from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day, by the browser's own chooser; how it is spelt there stands in config/formats."""

    input_type = "date"


class MomentInput(forms.DateTimeInput):
    """A day and a time in the reader's zone, by the browser's own chooser."""

    input_type = "datetime-local"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **options)


class WholeNumberField(forms.IntegerField):
    """A count; whatever is wrong with what was typed, one sentence says what may be."""

    def __init__(self, *, min_value: int | None = None, max_value: int | None = None, **options: Any) -> None:
        least = (
            "" if min_value is None else f" from {min_value}" if max_value is not None else f" of at least {min_value}"
        )
        most = (
            "" if max_value is None else f" to {max_value:,}" if min_value is not None else f" of at most {max_value:,}"
        )
        words = f"Write a whole number{least}{most}."
        told = dict.fromkeys(("invalid", "min_value", "max_value"), words)
        messages = {**told, **options.pop("error_messages", {})}
        super().__init__(min_value=min_value, max_value=max_value, error_messages=messages, **options)
