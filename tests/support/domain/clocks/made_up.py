"""Cases nobody would think of: any order of events, beside jumps of the clocks, under policies of every shape."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from hypothesis import strategies as st

from support.domain.calendar import Calendar
from support.domain.case_events import CaseEvent, CaseState, Channel, EventKind, Opener
from support.domain.clocks.values import CaseFacts, Terms
from support.domain.milestones import (
    Measured,
    MilestoneKind,
    MilestoneTerms,
    PolicyTerms,
    Promised,
    Recurrence,
    Trigger,
)
from support.domain.targets import Target, TargetUnit
from tests.support.domain.desks import desk

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Instants some hours before a jump of the clocks of the zone beside them; and a quiet one.
PLACES = {
    "UTC": "2026-03-04T08:00+00:00",
    "Europe/Amsterdam": "2026-03-28T20:00+00:00",
    "America/New_York": "2026-10-31T19:00+00:00",
    "Australia/Lord_Howe": "2026-10-03T09:00+00:00",
    "Pacific/Apia": "2011-12-29T20:00+00:00",
}
WEEKS = {
    "office": "mon-fri 09:00-17:00",
    "breaks": "mon-fri 08:00-12:00 13:00-18:30; sat-sun 10:00-14:00",
    "nights": "mon-sun 22:00-30:00",
    "always": "mon-sun 00:00-24:00",
    "sundays": "sat 12:00-26:30; sun 02:45-04:00 05:00-06:00",
}
SEVERITIES = ("high", "low")
PAUSING = (CaseState.WAITING, CaseState.ON_HOLD, CaseState.OPEN)
STANDING = (CaseState.WAITING, CaseState.WAITING, CaseState.ON_HOLD, CaseState.OPEN)


@dataclass(frozen=True)
class MadeUp:
    """A case and the moment at which it is looked at."""

    facts: CaseFacts
    now: datetime


@cache
def hours(name: str, zone: str, near: datetime) -> Calendar:
    """Each with a holiday and an override soon after; the same ones again and again, since the oracle learns them."""
    day = near.date()
    return desk(
        WEEKS[name],
        zone=zone,
        holidays=f"{day + 2 * DAY:%Y-%m-%d} {day + 5 * DAY:%Y-%m-%d}",
        overrides={f"{day + 3 * DAY:%Y-%m-%d}": "10:00-11:00" if name != "nights" else ""},
    )


def gaps() -> st.SearchStrategy[int]:
    """Minutes between two things that happen: often none or few, sometimes days."""
    return st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 300), st.integers(0, 2 * 1440))


@st.composite
def milestones(draw: st.DrawFn, key: str) -> MilestoneTerms:
    kind = draw(st.sampled_from(MilestoneKind))
    plain = kind in {MilestoneKind.UPDATE, MilestoneKind.OWN}
    recurrences = list(Recurrence) if plain else [Recurrence.NONE, Recurrence.INDEPENDENT]
    recurrence = draw(st.sampled_from(recurrences))
    return MilestoneTerms(
        key=key,
        name=key,
        kind=kind,
        starts=draw(st.sampled_from(Trigger)),
        stops=draw(st.sampled_from(Trigger)),
        pauses_while=draw(st.frozensets(st.sampled_from(PAUSING))),
        recurrence=recurrence,
        measured=draw(st.sampled_from(Measured)),
    )


def moved(milestone: MilestoneTerms) -> st.SearchStrategy[MilestoneTerms]:
    """As a later version may define it anew."""
    anew = st.builds(
        replace,
        st.just(milestone),
        starts=st.sampled_from(Trigger),
        stops=st.sampled_from(Trigger),
        pauses_while=st.frozensets(st.sampled_from(PAUSING)),
        measured=st.sampled_from(Measured),
    )
    return st.one_of(st.just(milestone), anew)


@st.composite
def promises(draw: st.DrawFn, calendars: list[str]) -> Promised:
    unit = draw(st.sampled_from(TargetUnit))
    if unit is TargetUnit.MINUTES:
        return Promised(Target(draw(st.integers(1, 3000)), unit, around_the_clock=True))
    most = {TargetUnit.BUSINESS_MINUTES: 900, TargetUnit.BUSINESS_DAYS: 3, TargetUnit.END_OF_DAY: 2}[unit]
    amount = draw(st.integers(0 if unit is TargetUnit.END_OF_DAY else 1, most))
    return Promised(Target(amount, unit, around_the_clock=False), calendar=draw(st.sampled_from(calendars)))


@st.composite
def terms(draw: st.DrawFn, number: int, at: datetime, every: list[MilestoneTerms], near: datetime) -> Terms:
    """Hours by key; a policy with some of the milestones, or none at all."""
    zones = st.sampled_from(sorted(PLACES))
    known = {name: hours(name, draw(zones), near) for name in draw(st.sets(st.sampled_from(sorted(WEEKS)), min_size=1))}
    if number and draw(st.integers(0, 9)) == 0:
        return Terms(id=number, starts_at=at, policy=None)
    kept = tuple(draw(moved(each)) if number else each for each in every if not number or draw(st.integers(0, 9)))
    cells = [(each.key, severity, channel) for each in kept for severity in SEVERITIES for channel in ("", "email")]
    targets: Mapping[tuple[str, str, str], Promised] = {
        cell: draw(promises(sorted(known))) for cell in cells if draw(st.integers(0, 3))
    }
    policy = PolicyTerms("gold", "Gold", version=number + 1, milestones=kept, targets=targets)
    return Terms(id=number, starts_at=at, policy=policy, hours=known)


@st.composite
def events(draw: st.DrawFn, opened: datetime, keys: list[str]) -> tuple[CaseEvent, ...]:
    """Opened first; the rest in order of their instants, heard of in any order."""
    opening = CaseEvent(opened, 0, EventKind.OPENED, draw(st.sampled_from(SEVERITIES)))
    happened = draw(st.lists(happenings(keys), max_size=12))
    heard = draw(st.permutations(range(1, len(happened) + 1)))
    at, found = opened, [opening]
    for (kind, to), seq in zip(happened, heard, strict=True):
        at += draw(gaps()) * MINUTE
        found.append(CaseEvent(at, seq, kind, to))
    return tuple(found)


def happenings(keys: list[str]) -> st.SearchStrategy[tuple[EventKind, str]]:
    """Kinds in brackets of what they lead to; a case is cancelled seldom, since nothing happens after that."""
    states = [*list(CaseState)[:-1] * 4, CaseState.CANCELLED]
    to = {
        EventKind.STATE: st.sampled_from([str(state) for state in states]),
        EventKind.SEVERITY: st.sampled_from(SEVERITIES),
        EventKind.ASSIGNED: st.sampled_from(["crew", "crew/ann@example.com", "/ben@example.com"]),
        EventKind.STARTED: st.sampled_from(keys),
        EventKind.MET: st.sampled_from(keys),
    }
    later = [kind for kind in EventKind if kind is not EventKind.OPENED]
    often = [EventKind.STATE, EventKind.STATE, EventKind.CUSTOMER_MESSAGE, EventKind.PUBLIC_REPLY]
    return st.sampled_from([*later, *often]).flatmap(lambda kind: st.tuples(st.just(kind), to.get(kind, st.just(""))))


@st.composite
def cases(draw: st.DrawFn) -> MadeUp:
    near = datetime.fromisoformat(PLACES[draw(st.sampled_from(sorted(PLACES)))])
    opened = near + draw(st.integers(0, 600)) * MINUTE
    keys = [f"m{number}" for number in range(draw(st.integers(1, 3)))]
    every = [draw(milestones(key)) for key in keys]
    begun, at = [], opened
    for number in range(draw(st.integers(1, 3))):
        begun.append(draw(terms(number, at, every, near)))
        at += draw(gaps()) * MINUTE
    happened = draw(events(opened, keys))
    facts = CaseFacts(
        opened_at=opened,
        opener=draw(st.sampled_from(Opener)),
        channel=draw(st.sampled_from([Channel.EMAIL, Channel.PHONE])),
        events=happened,
        terms=tuple(begun),
    )
    return MadeUp(facts, now=happened[-1].at + draw(gaps()) * MINUTE)


@st.composite
def paused_cases(draw: st.DrawFn) -> MadeUp:
    """One resolution that stands still again and again, by half hours: pauses that touch, span nights, begin or end with
    the hours, before and after the due time. Of all cases such are too few."""
    near = datetime.fromisoformat(PLACES["UTC"])
    name = draw(st.sampled_from(sorted(WEEKS)))
    stages = (Trigger.OPENED, Trigger.RESOLVED)
    paused = frozenset({CaseState.WAITING, CaseState.ON_HOLD})
    milestone = MilestoneTerms("m0", "m0", MilestoneKind.RESOLUTION, *stages, pauses_while=paused)
    policy = PolicyTerms("gold", "Gold", 1, (milestone,), {("m0", "high", ""): draw(promises([name]))})
    at = opened = near + draw(st.integers(0, 48)) * 30 * MINUTE
    found = [CaseEvent(at, 0, EventKind.OPENED, "high")]
    for seq, state in enumerate(draw(st.lists(st.sampled_from(STANDING), max_size=6)), 1):
        at += draw(st.integers(0, 48)) * 30 * MINUTE
        found.append(CaseEvent(at, seq, EventKind.STATE, state))
    terms = Terms(0, opened, policy, {name: hours(name, "UTC", near)})
    facts = CaseFacts(opened, Opener.CUSTOMER, Channel.EMAIL, tuple(found), (terms,))
    return MadeUp(facts, now=at + draw(st.integers(0, 48)) * 30 * MINUTE)


def without_pauses_in(facts: CaseFacts, state: CaseState) -> CaseFacts:
    """The same case under policies in which nothing pauses in that state."""
    return replace(facts, terms=tuple(replace(each, policy=_unpaused(each.policy, state)) for each in facts.terms))


def _unpaused(policy: PolicyTerms | None, state: CaseState) -> PolicyTerms | None:
    if policy is None:
        return None
    kept = tuple(replace(each, pauses_while=each.pauses_while - {state}) for each in policy.milestones)
    return replace(policy, milestones=kept)
