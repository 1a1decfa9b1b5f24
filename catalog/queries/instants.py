"""Instants in words, with the zone they are said in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as spell

from catalog.domain.window import last_day


def say_instant(instant: datetime, *, zone: str = "UTC") -> str:
    """ "1 January 2027" for the first instant of a day, else "1 January 2027 14:05", and the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    day = spell(local, "j F Y")
    clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    return f"{day}{clock} ({zone.rpartition('/')[2].replace('_', ' ')})"


def say_until(end: datetime, *, zone: str = "UTC") -> str:
    """ "through 31 March 2026 (Amsterdam)" where it ends with a day, else "until 31 March 2026 14:05 (Amsterdam)"."""
    last = last_day(end, zone)
    if last is None:
        return f"until {say_instant(end, zone=zone)}"
    return f"through {spell(last, 'j F Y')} ({zone.rpartition('/')[2].replace('_', ' ')})"
