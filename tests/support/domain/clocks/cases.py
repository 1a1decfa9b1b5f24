"""Cases as a support manager would tell them: policies, events and clocks in tables, times in one known week.

The week is that of Monday 2 March 2026, in UTC: "Tue 09:30" lies in it, "Tue+1 09:30" in the next, and a full date
stands for itself. Targets are short: "30m", "4h" and "2d" count around the clock, "30bm", "4bh" and "2bd" by business
hours, "eod+1" is the end of the next business day; "urgent 1h, low/chat 8h, 4bh" are by severity and channel, the bare
one for every other severity.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from support.domain.calendar import Calendar
from support.domain.case_events import CaseEvent, CaseState, Channel, EventKind, Opener
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding, RunClock, Terms
from support.domain.milestones import (
    Measured,
    MilestoneKind,
    MilestoneTerms,
    Offset,
    OffsetUnit,
    PolicyTerms,
    Promised,
    Recurrence,
    Step,
    Trigger,
)
from support.domain.targets import Target, TargetUnit
from tests.support.domain.desks import SHORT, desk

MONDAY = date(2026, 3, 2)
SEVERITIES = ("low", "normal", "high", "urgent")
# Nine to five, so that hours are easily counted; an hour for lunch would only hide the rule at stake.
OFFICE = desk("mon-fri 09:00-17:00")
DAY_IN_WEEK = re.compile(r"(\w{3})(?:\+(\d+))? (\d\d:\d\d(?::\d\d)?)")
AMOUNT = re.compile(r"(-?\+?\d+)(bm|bh|bd|m|h|d|%)")
UNITS = {
    "m": (1, TargetUnit.MINUTES),
    "h": (60, TargetUnit.MINUTES),
    "d": (1440, TargetUnit.MINUTES),
    "bm": (1, TargetUnit.BUSINESS_MINUTES),
    "bh": (60, TargetUnit.BUSINESS_MINUTES),
    "bd": (1, TargetUnit.BUSINESS_DAYS),
}
EVENTS = {
    "message": EventKind.CUSTOMER_MESSAGE,
    "reply": EventKind.PUBLIC_REPLY,
    "auto reply": EventKind.AUTOMATIC_REPLY,
    "note": EventKind.INTERNAL_NOTE,
}
USUAL = {
    MilestoneKind.FIRST_RESPONSE: (Trigger.OPENED, Trigger.PUBLIC_REPLY),
    MilestoneKind.NEXT_RESPONSE: (Trigger.CUSTOMER_MESSAGE, Trigger.PUBLIC_REPLY),
    MilestoneKind.UPDATE: (Trigger.OPENED, Trigger.PUBLIC_REPLY),
    MilestoneKind.RESOLUTION: (Trigger.OPENED, Trigger.RESOLVED),
    MilestoneKind.OWN: (Trigger.BY_HAND, Trigger.BY_HAND),
}


def at(text: str) -> datetime:
    """ "Tue 09:30", "Tue+1 09:30" or "2026-03-03 09:30", in UTC."""
    found = DAY_IN_WEEK.fullmatch(text)
    if found is None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    day = MONDAY + timedelta(days=SHORT.index(found[1].lower()), weeks=int(found[2] or 0))
    return datetime.fromisoformat(f"{day} {found[3]}").replace(tzinfo=UTC)


def when(instant: datetime | None) -> str:
    """The same back again; the empty text for never."""
    if instant is None:
        return ""
    weeks, weekday = divmod((instant.date() - MONDAY).days, 7)
    clock = f"{instant:%H:%M:%S}" if instant.second else f"{instant:%H:%M}"
    if not 0 <= weeks < 6:
        return f"{instant.date()} {clock}"
    return f"{SHORT[weekday].capitalize()}{f'+{weeks}' if weeks else ''} {clock}"


def dicts(text: str) -> list[dict[str, str]]:
    """The rows of an ASCII table by the names in its head."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def policy(text: str, *, tier: str = "gold", version: int = 1) -> PolicyTerms:
    """Columns: kind, target, and as needed key, from, until, pauses, again, measured, steps."""
    milestones, targets = [], {}
    for row in dicts(text):
        milestone = _milestone(row)
        milestones.append(milestone)
        for cell in filter(None, (cell.strip() for cell in row["target"].split(","))):
            whom, _, amount = cell.rpartition(" ")
            severity, _, channel = whom.partition("/")
            for each in (severity,) if severity else SEVERITIES:
                if severity or (milestone.key, each, channel) not in targets:
                    targets[milestone.key, each, channel] = promised(amount)
    return PolicyTerms(tier, tier.capitalize(), version, tuple(milestones), targets)


def one(target: str, *, pauses: str = "waiting", measured: str = "from_start", steps: str = "") -> str:
    """The table of a policy with a resolution only."""
    return f"kind | target | pauses | measured | steps\nresolution | {target} | {pauses} | {measured} | {steps}"


def promised(text: str) -> Promised:
    """ "4bh": by the office hours; "4h": around the clock."""
    target = _target(text)
    return Promised(target, calendar=None if target.around_the_clock else "office")


def case(
    events: str,
    *,
    policy: PolicyTerms | None = None,
    opener: Opener = Opener.CUSTOMER,
    channel: Channel = Channel.EMAIL,
    hours: Calendar = OFFICE,
    later: Mapping[str, PolicyTerms | Terms | None] | None = None,
) -> CaseFacts:
    """A case of "at | event | to" rows, heard of in the order written; `later` is what it was promised from when."""
    happened = tuple(_event(number, row) for number, row in enumerate(dicts(events)))
    opened_at = min(event.at for event in happened)
    terms = [Terms(1, opened_at, policy, {"office": hours})]
    for number, (since, promise) in enumerate((later or {}).items(), start=2):
        fresh = promise if isinstance(promise, Terms) else Terms(number, at(since), promise, {"office": hours})
        terms.append(fresh)
    return CaseFacts(opened_at, opener, channel, happened, tuple(terms))


def stands(facts: CaseFacts, now: str = "Fri+1 17:00") -> CaseStanding:
    return standing_of(facts, now=at(now))


def clock(facts: CaseFacts, named: str, now: str = "Fri+1 17:00") -> RunClock:
    """ "first 1": the clock of that milestone and run."""
    return {f"{each.milestone.key} {each.run}": each for each in stands(facts, now).clocks}[named]


def clocks(facts: CaseFacts, now: str = "Fri+1 17:00") -> list[dict[str, str]]:
    """Every clock in the words of these tables: clock, state, start, due, end, late."""
    return [
        {
            "clock": f"{each.milestone.key} {each.run}",
            "state": each.state.value,
            "start": when(each.started_at),
            "due": when(each.due_at),
            "end": when(each.met_at or each.cancelled_at),
            "late": when(each.breached_at),
        }
        for each in stands(facts, now).clocks
    ]


def expect(facts: CaseFacts, text: str, *, now: str = "Fri+1 17:00") -> None:
    """The clocks are those of the table, by the columns it has."""
    wanted = dicts(text)
    columns = wanted[0] if wanted else {"clock": ""}
    assert [{column: each[column] for column in columns} for each in clocks(facts, now)] == wanted


def alerts(clock: RunClock) -> list[str]:
    """ "warning Mon 10:30 -30minutes", in order."""
    return [f"{alert.kind.value} {when(alert.at)} {alert.step}".rstrip() for alert in clock.alerts]


def _milestone(row: Mapping[str, str]) -> MilestoneTerms:
    kind = MilestoneKind(row["kind"])
    starts, stops = USUAL[kind]
    recurrence = Recurrence.SEQUENTIAL if kind is MilestoneKind.UPDATE else Recurrence.NONE
    return MilestoneTerms(
        key=row.get("key") or kind.value.partition("_")[0],
        name=row.get("key") or kind.value,
        kind=kind,
        starts=Trigger(row.get("from") or starts),
        stops=Trigger(row.get("until") or stops),
        pauses_while=frozenset(CaseState(state) for state in row.get("pauses", "").split()),
        recurrence=Recurrence(row.get("again") or recurrence),
        measured=Measured(row.get("measured") or Measured.FROM_START),
        steps=tuple(Step(_offset(step)) for step in row.get("steps", "").split()),
    )


def _target(text: str) -> Target:
    if text.startswith("eod"):
        return Target(int(text[3:] or 0), TargetUnit.END_OF_DAY, around_the_clock=False)
    amount, unit = _amount(text)
    per, counted = UNITS[unit]
    return Target(amount * per, counted, around_the_clock=counted is TargetUnit.MINUTES)


def _offset(text: str) -> Offset:
    amount, unit = _amount(text)
    if unit == "%":
        return Offset(amount, OffsetUnit.PERCENT)
    if unit == "bd":
        return Offset(amount, OffsetUnit.BUSINESS_DAYS)
    return Offset(amount * UNITS[unit][0], OffsetUnit.MINUTES)


def _amount(text: str) -> tuple[int, str]:
    found = AMOUNT.fullmatch(text)
    assert found is not None, f"{text!r} is not an amount like 30m, 4bh, 2bd or 80%"
    return int(found[1]), found[2]


def _event(number: int, row: Mapping[str, str]) -> CaseEvent:
    name, to = row["event"], row.get("to", "")
    if name in set(CaseState):
        return CaseEvent(at(row["at"]), number, EventKind.STATE, name)
    kind = EVENTS.get(name) or EventKind(name)
    return CaseEvent(at(row["at"]), number, kind, to or ("normal" if kind is EventKind.OPENED else ""))
