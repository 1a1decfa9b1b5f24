"""The versions of a calendar: which is in force, who counts by it, and what one says otherwise than another."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from catalog.domain.countries import COUNTRIES
from journal.models import AuditEvent
from support.domain.case_events import ClockState
from support.domain.clock_words import WEEKDAYS
from support.models import (
    BusinessCalendar,
    CalendarVersion,
    Clock,
    SlaPolicy,
    SlaPolicyVersion,
    VersionState,
    ZoneMode,
)
from support.queries.instants import place
from support.queries.week import say_day_hours

OPEN = (VersionState.DRAFT, VersionState.ASKED)
GOING_ON = (ClockState.RUNNING, ClockState.PAUSED)
CONTENT = ("zone_mode", "zone", "keeps_holidays", "country", "week", "days", "note", "state")


@dataclass(frozen=True, slots=True)
class VersionStory:
    """One version with its acts, oldest first, and what it said otherwise than the one in force before it, if any."""

    version: CalendarVersion
    acts: tuple[AuditEvent, ...]
    differs: tuple[str, ...]
    compared: bool
    is_now: bool


def in_force(calendar: BusinessCalendar, *, at: datetime | None = None) -> CalendarVersion | None:
    """The version that counts at an instant; without one, the last that came into force."""
    rows = calendar.versions.filter(state=VersionState.IN_FORCE).select_related("calendar")
    if at is not None:
        rows = rows.filter(in_force_from__lte=at)
    return rows.order_by("in_force_from", "number").last()


def open_version(calendar: BusinessCalendar) -> CalendarVersion | None:
    """The draft of a calendar, or what waits for a second person; at most one."""
    return calendar.versions.filter(state__in=OPEN).select_related("calendar").first()


def calendar_token(calendar: BusinessCalendar) -> str:
    """Another as soon as anything about the calendar is, so that nobody overwrites what they never saw."""
    standing, written = in_force(calendar), open_version(calendar)
    told = [calendar.pk, calendar.name, calendar.note, standing and standing.pk, written and written.pk]
    content = [getattr(written, column) for column in CONTENT] if written else []
    return hashlib.sha256(repr([*told, *content]).encode()).hexdigest()[:32]


def counted_by(calendar: BusinessCalendar) -> tuple[SlaPolicy, ...]:
    """The SLA policies whose version in force has a target that counts by the calendar."""
    targets = {"versions__in": promising_versions(), "versions__milestones__targets__calendar": calendar}
    return tuple(SlaPolicy.objects.filter(**targets).distinct().order_by("name", "pk"))


def promising_versions() -> list[int]:
    """The ids of the SLA policy versions in force: the latest of each policy."""
    rows = SlaPolicyVersion.objects.filter(state=VersionState.IN_FORCE).order_by("in_force_from", "number")
    return list({policy: pk for pk, policy in rows.values_list("pk", "policy_id")}.values())


def counts_now(calendar: BusinessCalendar) -> bool:
    """Whether some clock that goes on counts by any of its hours, whichever policy promised it."""
    return Clock.objects.filter(calendar_version__calendar=calendar, state__in=GOING_ON).exists()


def stories(calendar: BusinessCalendar) -> list[VersionStory]:
    """Every version, the newest first; three reads, however many there are."""
    versions = list(calendar.versions.select_related("calendar").order_by("number"))
    now = in_force(calendar)
    acts = _acts(versions)
    befores = {version.pk: _before(version, versions) for version in versions}
    return [
        VersionStory(
            version,
            acts=acts.get(str(version.pk), ()),
            differs=difference(befores[version.pk], version),
            compared=befores[version.pk] is not None,
            is_now=version == now,
        )
        for version in reversed(versions)
    ]


def difference(before: CalendarVersion | None, after: CalendarVersion) -> tuple[str, ...]:
    """What `after` says otherwise than `before`, a sentence for each; without `before`, all that it says."""
    return tuple(_difference(before, after))


def say_zone(version: CalendarVersion) -> str:
    if version.zone_mode == ZoneMode.CUSTOMER:
        return "the customer’s own time zone"
    return f"the time of {place(version.zone)}"


def say_holidays(version: CalendarVersion) -> str:
    if not version.keeps_holidays:
        return "open on public holidays"
    if version.zone_mode == ZoneMode.CUSTOMER:
        return "closed on the public holidays of the customer’s country"
    if not version.country:
        return "closed on no country’s public holidays"
    return f"closed on the public holidays of {COUNTRIES.get(version.country, version.country)}"


def say_date(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _before(version: CalendarVersion, versions: list[CalendarVersion]) -> CalendarVersion | None:
    """What was in force when the version came, or would come."""
    earlier = [row for row in versions if row.state == VersionState.IN_FORCE and row.number < version.number]
    return earlier[-1] if earlier else None


def _acts(versions: list[CalendarVersion]) -> dict[str, tuple[AuditEvent, ...]]:
    keys = [str(version.pk) for version in versions]
    events = AuditEvent.objects.filter(subject_type="calendarversion", subject_key__in=keys).order_by(
        "subject_key", "seq"
    )
    return {key: tuple(told) for key, told in groupby(events, key=lambda event: event.subject_key)}


def _difference(before: CalendarVersion | None, after: CalendarVersion) -> Iterator[str]:
    yield from _week_difference(before, after)
    if before is None or say_zone(before) != say_zone(after):
        yield _instead("Counted in ", say_zone(after), say_zone(before) if before else "")
    if before is None or say_holidays(before) != say_holidays(after):
        words = say_holidays(after)
        yield _instead("", words[0].upper() + words[1:], say_holidays(before) if before else "")
    yield from _days_difference(before, after)


def _week_difference(before: CalendarVersion | None, after: CalendarVersion) -> Iterator[str]:
    pairs = [(_words_on(before, day), _words_on(after, day)) for day in range(len(WEEKDAYS))]
    alike = groupby(range(len(WEEKDAYS)), key=lambda day: pairs[day])
    for (was, becomes), days in alike:
        if was != becomes and not (before is None and becomes == "closed"):
            numbers = list(days)
            first, last = WEEKDAYS[numbers[0]], WEEKDAYS[numbers[-1]]
            yield _instead(f"{first if first == last else f'{first}–{last}'}: ", becomes, was)


def _words_on(version: CalendarVersion | None, weekday: int) -> str:
    if version is None:
        return ""
    return say_day_hours(version.week[weekday] if weekday < len(version.week) else [])


def _days_difference(before: CalendarVersion | None, after: CalendarVersion) -> Iterator[str]:
    was, becomes = _days(before), _days(after)
    for on in sorted(was.keys() | becomes.keys()):
        if was.get(on) == becomes.get(on):
            continue
        day = date.fromisoformat(on)
        if on in becomes:
            yield _instead(f"{say_date(day)}: ", becomes[on], was.get(on, ""))
        else:
            yield f"{say_date(day)}: as on any {day:%A}, no longer {was[on]}."


def _days(version: CalendarVersion | None) -> dict[str, str]:
    return {} if version is None else {day["on"]: _day_words(day) for day in version.days}


def _day_words(day: dict[str, Any]) -> str:
    name = f" ({day['name']})" if day["name"] else ""
    return f"{say_day_hours(day['hours'])}{name}"


def _instead(head: str, becomes: str, was: str) -> str:
    return f"{head}{becomes}{f', instead of {was}' if was else ''}."
