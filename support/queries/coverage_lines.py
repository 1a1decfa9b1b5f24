"""The lines of a lookup's answer that are read off the choice of covers and the promise, without another read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from support.domain.business_time import open_now
from support.domain.calendar import Calendar
from support.domain.case_events import Channel
from support.domain.cover_terms import SHARES, Aspect
from support.domain.coverage import Coverage, CoverState, due_times
from support.domain.covers import Choice
from support.queries.allowances.balances import BalanceLine
from support.queries.answers import CandidateLine, ChannelLine, HoursLine, ShareLine, TargetLine
from support.queries.instants import say_instant
from support.queries.what_is_left import left_on
from support.snapshots import NamedHours

AROUND_THE_CLOCK = "24/7, every day of the year"
Hours = Mapping[str, NamedHours]


def target_lines(cover: Coverage, calendars: Hours, *, at: datetime, zone: str) -> Iterator[TargetLine]:
    hours = {key: named.hours for key, named in calendars.items()}
    for target, due in zip(cover.targets, due_times(cover, calendars=hours, at=at), strict=True):
        yield TargetLine(
            severity=target.severity,
            name=target.name,
            meaning=target.meaning,
            promise=due.words,
            due_at=due.due_at,
            due_words=say_instant(due.due_at, now=at, zone=zone),
        )


def hours_lines(cover: Coverage, calendars: Hours, *, at: datetime, zone: str) -> Iterator[HoursLine]:
    """The clocks the promise runs on, each once: the one that never stops first, and for which severities it is."""
    never = [target.name for target in cover.targets if target.target.around_the_clock]
    if never:
        only = f"for {', '.join(never)}" if len(never) < len(cover.targets) else ""
        yield HoursLine(name=AROUND_THE_CLOCK, is_open=True, changes_at=None, words=only)
    for key in dict.fromkeys(target.calendar for target in cover.targets if target.calendar is not None):
        yield _hours_line(calendars[key].name, calendars[key].hours, at=at, zone=zone)


def _hours_line(name: str, hours: Calendar, *, at: datetime, zone: str) -> HoursLine:
    now = open_now(hours, at=at)
    if not now.is_open and now.opens_at is not None:
        opens = say_instant(now.opens_at, now=at, zone=zone)
        return HoursLine(name=name, is_open=False, changes_at=now.opens_at, words=f"opens {opens}")
    closes = "" if now.closes_at is None else f"until {say_instant(now.closes_at, now=at, zone=zone)}"
    return HoursLine(name=name, is_open=True, changes_at=now.closes_at, words=closes)


def channel_line(
    channel: Channel,
    cover: Coverage,
    choice: Choice,
    *,
    asked: bool,
    hours: Sequence[HoursLine],
    balances: Sequence[BalanceLine],
) -> ChannelLine:
    covered = cover.state is not CoverState.NOT_COVERED
    winner = choice.response
    return ChannelLine(
        channel=channel.value,
        words=channel.words,
        asked=asked,
        covered=covered,
        by=winner.name if covered and winner is not None else "",
        why="" if covered else cover.why,
        is_open=any(line.is_open for line in hours) if covered and hours else None,
        hours=_said(hours) if covered else "",
        left=left_on(balances, channel) if covered else "",
    )


def _said(hours: Sequence[HoursLine]) -> str:
    """By the clock that is open longest; else by the first of them."""
    shown = next((line for line in hours if line.is_open), hours[0] if hours else None)
    if shown is None:
        return ""
    if shown.changes_at is None:
        return f"24/7 {shown.words}".strip()
    return shown.words[:1].upper() + shown.words[1:]


def share_lines(choice: Choice) -> tuple[ShareLine, ...]:
    return tuple(_share(choice, aspect) for aspect in SHARES)


def _share(choice: Choice, aspect: Aspect) -> ShareLine:
    winner, percent = choice.winners.get(aspect), choice.owed(aspect)
    words = {0: "Covered", 100: "Customer pays all"}.get(percent, f"Customer pays {percent} %")
    if winner is None:
        lost = next((one for one in choice.candidates if not one.kept and one.cover.speaks_of(aspect)), None)
        nearly = "" if lost is None else f" {lost.cover.name} would. {lost.reason}"
        return ShareLine(aspect.value, aspect.words, percent, words, "", f"Nothing bears it.{nearly}")
    reason = next((one.reason for one in choice.candidates if one.cover is winner), "")
    return ShareLine(aspect.value, aspect.words, percent, words, winner.name, reason)


def reaching_devices(choice: Choice, *, at: datetime, channel: Channel | None) -> tuple[str, ...]:
    """The covers in force that reach certain equipment only, where none was named: the answer is theirs to give."""
    return tuple(
        one.cover.name
        for one in choice.candidates
        if not one.kept
        and one.cover.tier is not None
        and one.cover.promised
        and one.cover.window.contains(at)
        and (one.cover.scope.assets or one.cover.scope.locations or one.cover.scope.products)
        and (channel is None or not one.cover.scope.channels or channel in one.cover.scope.channels)
    )


def candidate_lines(choice: Choice, *, tiers: Mapping[str, str]) -> tuple[CandidateLine, ...]:
    """`tiers` are the names of the tiers by key."""
    return tuple(
        CandidateLine(
            key=one.cover.key,
            name=one.cover.name,
            source=one.cover.source.words,
            tier=tiers.get(one.cover.tier or "", one.cover.tier or ""),
            kept=one.kept,
            decides=tuple(aspect.value for aspect in one.decides),
            deciding=", ".join(aspect.words.lower() for aspect in one.decides),
            reason=one.reason,
        )
        for one in choice.candidates
    )
