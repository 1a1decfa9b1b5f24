"""Words for templates."""

from datetime import datetime

from django import template

from catalog.domain.choice_lines import say_weight
from catalog.queries.instants import say_instant, say_until

register = template.Library()


@register.filter
def instant(value: datetime, zone: str) -> str:
    """The instant in the reader's zone, in words."""
    return say_instant(value, zone=zone)


@register.filter
def weight(thousandths: int) -> str:
    """How much one of a choice counts: "5"."""
    return say_weight(thousandths)


@register.filter
def until(value: datetime, zone: str) -> str:
    """The end of something in the reader's zone: through its last day, or until the clock strikes."""
    return say_until(value, zone=zone)
