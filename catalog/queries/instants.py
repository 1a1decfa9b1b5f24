"""Instants in words, with the zone they are said in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as spell


def say_instant(instant: datetime, *, zone: str = "UTC") -> str:
    """ "1 January 2027" for the first instant of a day, else "1 January 2027 14:05", and the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    day = spell(local, "j F Y")
    clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    return f"{day}{clock} ({zone.rpartition('/')[2].replace('_', ' ')})"
