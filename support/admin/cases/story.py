"""The story of a case: what happened to it, what it was promised and why, what its clocks came to; the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from support.admin.cases.clock_lines import ALERT_WORDS, Reader
from support.admin.cases.words import Named, say_event, say_length
from support.domain.case_events import AlertKind, ClockState, EventKind
from support.domain.clocks.values import CaseStanding
from support.models import CaseAlert, CaseEvent, CasePromise
from support.queries.cases.alerts import corrected

HEARD_LATE = timedelta(minutes=1)
MOST = 200
# Of what has one instant: first what happened, then what came of it.
EVENT, PROMISE, CLOCK, ALERT = range(4)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """`colour` names what sort of thing it was; `heard` is said where it was heard of later than it happened."""

    at: datetime
    order: tuple[int, int]
    when: str
    what: str
    who: str = ""
    text: str = ""
    heard: str = ""
    colour: str = ""


def story_of(
    standing: CaseStanding,
    events: Sequence[CaseEvent],
    promises: Sequence[CasePromise],
    alerts: Sequence[CaseAlert],
    *,
    named: Named,
    reader: Reader,
) -> list[StoryLine]:
    """All of it, at most the newest two hundred."""
    lines = [
        *(_event(event, named, reader) for event in events),
        *_promises(promises, reader),
        *_clocks(standing, reader),
        *(_alert(alert, reader) for alert in alerts if alert.kind != AlertKind.BREACH),
    ]
    return sorted(lines, key=lambda line: (line.at, line.order), reverse=True)[:MOST]


def _event(event: CaseEvent, named: Named, reader: Reader) -> StoryLine:
    late = event.recorded_at - event.at > HEARD_LATE
    return StoryLine(
        at=event.at,
        order=(EVENT, event.pk),
        when=reader.say_both(event.at),
        what=say_event(event.kind, event.to, named),
        who=event.actor_name,
        text=event.note,
        heard=f"heard of {reader.say(event.recorded_at)}" if late else "",
        colour="note" if event.kind == EventKind.INTERNAL_NOTE else "event",
    )


def _promises(promises: Sequence[CasePromise], reader: Reader) -> Iterator[StoryLine]:
    """Told by when each was made: what it speaks from is said where that is another moment."""
    for number, promise in enumerate(sorted(promises, key=lambda row: row.pk)):
        version = promise.policy_version
        what = f"Promised: {version}" if version is not None else "Nothing is promised by any time"
        if number:
            what = f"Promised anew, from {reader.say(promise.starts_at)} on: {version or 'nothing by any time'}"
        yield StoryLine(
            at=promise.recorded_at if number else promise.starts_at,
            order=(PROMISE, promise.pk),
            when=reader.say(promise.recorded_at if number else promise.starts_at),
            what=what,
            text=_why(promise),
            colour="promise",
        )


def _why(promise: CasePromise) -> str:
    lifts = [f"{lift['percent']} % of the target: {lift['why']}" for lift in promise.lifts]
    return " ".join([promise.why, *lifts]).strip()


def _clocks(standing: CaseStanding, reader: Reader) -> Iterator[StoryLine]:
    for number, clock in enumerate(standing.clocks):
        name = clock.milestone.name
        if clock.breached_at is not None:
            what = f"{name}: it was not met by its due time"
            yield StoryLine(clock.breached_at, (CLOCK, number), reader.say(clock.breached_at), what, colour="late")
        if clock.state is ClockState.MET and clock.met_at is not None:
            in_time = "late" if clock.breached_at is not None else "in time"
            gap = "" if clock.due_at is None else _gap(clock.met_at, clock.due_at)
            what, colour = f"{name} was met {in_time}{gap}", "late" if clock.breached_at else "met"
            yield StoryLine(clock.met_at, (CLOCK, number), reader.say(clock.met_at), what, colour=colour)


def _gap(met_at: datetime, due_at: datetime) -> str:
    side = "after" if met_at > due_at else "before"
    return "" if met_at == due_at else f", {say_length(met_at - due_at)} {side} it was due"


def _alert(alert: CaseAlert, reader: Reader) -> StoryLine:
    kind = ALERT_WORDS[AlertKind(alert.kind)]
    return StoryLine(
        at=alert.at,
        order=(ALERT, alert.pk),
        when=reader.say(alert.at),
        what=f"{kind}: {alert.clock.name}",
        who="",
        text=" ".join([alert.words, corrected(alert)]).strip(),
        heard=f"told to {', '.join(alert.told_to)}" if alert.told_to else "",
        colour="alert",
    )
