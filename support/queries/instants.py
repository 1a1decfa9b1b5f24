"""Instants as a person at a desk says them: in the customer's zone, by the day as seen from now."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def say_instant(instant: datetime, *, now: datetime, zone: str) -> str:
    """ "today 18:00 (Amsterdam)", "Tuesday 24 November 18:00 (Amsterdam)"; the year where it is not this one."""
    tz = ZoneInfo(zone)
    local = instant.astimezone(tz)
    return f"{say_day(local.date(), today=now.astimezone(tz).date())} {local:%H:%M} ({place(zone)})"


def say_day(day: date, *, today: date) -> str:
    near = NEAR.get((day - today).days)
    if near:
        return near
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"


def say_end(instant: datetime, *, now: datetime, zone: str) -> str:
    """An end at the first instant of a day is said as staff said it: through the day before."""
    tz = ZoneInfo(zone)
    local = instant.astimezone(tz)
    before = (instant - timedelta(microseconds=1)).astimezone(tz)
    if local.date() == before.date():
        return f"until {say_instant(instant, now=now, zone=zone)}"
    return f"through {say_day(before.date(), today=now.astimezone(tz).date())} ({place(zone)})"


def place(zone: str) -> str:
    """ "America/Argentina/Buenos_Aires" is Buenos Aires to people."""
    return zone.rpartition("/")[2].replace("_", " ")
