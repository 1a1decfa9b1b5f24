"""Words for templates."""

from datetime import datetime

from django import template

from catalog.queries.instants import say_instant

register = template.Library()


@register.filter
def instant(value: datetime, zone: str) -> str:
    """The instant in the reader's zone, in words."""
    return say_instant(value, zone=zone)
