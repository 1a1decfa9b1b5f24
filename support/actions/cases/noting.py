"""What happens to a case is noted here and nowhere else, whichever way it was heard of.

Events may come late and in any order; the clocks are reckoned from all of them. An event is placed by the instant at
which it happened: later than five minutes from now it is refused (the sender's clock is wrong), before the case was
opened too. Between the two it is taken, also where later ones are known already.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.allowances.counting import settle_after_event
from support.actions.cases.handling import (
    BeforeOpening,
    CaseCancelled,
    CaseEventReused,
    NotByHand,
    account_key_of,
    event_name,
    lock_case,
    refuse_future,
    require,
    severity_of,
    spoken,
    team_of,
    written,
)
from support.actions.cases.reckoning import reckon
from support.actions.cases.telling import tell_case
from support.domain.case_events import CaseState, EventKind
from support.domain.milestones import MilestoneKind, Trigger
from support.models import Case, CaseEvent, Milestone
from support.webhook_events import CHANGED

STEERING = {EventKind.STATE, EventKind.SEVERITY, EventKind.ASSIGNED, EventKind.STARTED, EventKind.MET}
COUNTED = {EventKind.STATE, EventKind.CUSTOMER_MESSAGE}  # by which a case may come to be counted, or no more


class Noted(NamedTuple):
    """The event as it stands, and whether it stood there before."""

    event: CaseEvent
    again: bool


def note(
    *,
    case: Case,
    kind: EventKind,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    to: str = "",
    text: str = "",
    name: str = "",
    actor_name: str = "",
) -> CaseEvent:
    """Noted what happened to a case, and its clocks with it. Under a name that was told before, the event that stands."""
    return note_once(
        case=case, kind=kind, by=by, at=at, happened_at=happened_at, to=to, text=text, name=name, actor_name=actor_name
    ).event


@transaction.atomic
def note_once(
    *,
    case: Case,
    kind: EventKind,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    to: str = "",
    text: str = "",
    name: str = "",
    actor_name: str = "",
) -> Noted:
    """The same, saying whether it had been told before. The event's own `case` is as it stands after it."""
    require(by)
    held = lock_case(case.pk)
    event = CaseEvent(
        case=held, kind=kind, at=happened_at or at, recorded_at=at, to=_goal(kind, to), name=event_name(name, by=by),
        note=written(text, field="text"), actor_name=spoken(actor_name) or by.name,
    )  # fmt: skip
    standing = held.events.filter(name=event.name).first() if event.name else None
    if standing is not None:
        standing.case = held
        return Noted(_again(standing, event, dated=happened_at is not None), again=True)
    _refuse_unfit(event, at=at)
    deed = begin(by=by, at=at)
    keep(event, deed=deed)
    reckon(held, at=at, deed=deed)
    if kind in COUNTED:
        settle_after_event(held, at=at, deed=deed)
    happened = {"happened": [None, in_words(event)]}
    record(deed, "case:note", subject=held, account_key=account_key_of(held), changes=happened)
    tell_case(CHANGED, held, once_key=f"case-event:{event.pk}", at=at, about={"happened": str(kind)})
    return Noted(event, again=False)


def _goal(kind: EventKind, to: str) -> str:
    """Who is assigned is one person however the address is spelt."""
    return spoken(to).lower() if kind == EventKind.ASSIGNED else spoken(to)


def in_words(event: CaseEvent) -> str:
    """ "State: on hold", "Public reply": how the audit says what happened."""
    words = EventKind(event.kind).value.replace("_", " ").capitalize()
    return f"{words}: {event.to.strip('/').replace('_', ' ')}" if event.to else words


def _again(standing: CaseEvent, event: CaseEvent, *, dated: bool) -> CaseEvent:
    """A repeat says the same; where it says something else, one of the two would be lost."""
    compared = ("kind", "to", "note", *(("at",) if dated else ()))
    differs = [name for name in compared if getattr(standing, name) != getattr(event, name)]
    if differs:
        words = {"kind": "what happened", "to": "what it came to", "note": "the text", "at": "when"}
        raise CaseEventReused(
            f"{event.name!r} told something else of {event.case.number} before: {words[differs[0]]} differs. "
            "Give every event a name of its own, and repeat one unchanged.",
            field="name",
        )
    return standing


def _refuse_unfit(event: CaseEvent, *, at: datetime) -> None:
    case, kind = event.case, EventKind(event.kind)
    refuse_future(event.at, at=at, field="at")
    if event.at < case.opened_at:
        raise BeforeOpening(
            f"{case.number} was opened at {case.opened_at:%Y-%m-%d %H:%M:%S %Z}; "
            "nothing can have happened to it before that.",
            field="at",
        )
    if kind in STEERING and case.state == CaseState.CANCELLED and event.at >= (case.ended_at or case.opened_at):
        raise CaseCancelled(f"{case.number} was cancelled, which nothing changes any more; open a new case.")
    _refuse_unfit_goal(event, kind)


def _refuse_unfit_goal(event: CaseEvent, kind: EventKind) -> None:
    """What an event comes to has to be there: a state, a severity, a team, a milestone of this case."""
    match kind:
        case EventKind.OPENED:
            raise Invalid(f"{event.case.number} is open already; a case is opened once.", field="kind")
        case EventKind.STATE:
            _refuse_unknown_state(event.to)
        case EventKind.SEVERITY:
            severity_of(event.to)
        case EventKind.ASSIGNED:
            _refuse_unknown_assignee(event.to)
        case EventKind.STARTED:
            _refuse_not_by_hand(event, "starts")
        case EventKind.MET:
            _refuse_not_by_hand(event, "stops")
        case _ if event.to:
            raise Invalid(f"A {kind.value.replace('_', ' ')} comes to nothing; leave it out.", field="to")


def _refuse_unknown_state(state: str) -> None:
    if state not in set(CaseState):
        known = ", ".join(CaseState)
        raise Invalid(f"{state!r} is no state of a case; there are: {known}.", field="to")


def _refuse_unknown_assignee(to: str) -> None:
    team, _, assignee = to.partition("/")
    if team:
        team_of(team)
    if assignee:
        try:
            validate_email(assignee)
        except ValidationError:
            raise Invalid(f"{assignee!r} is no e-mail address; name the assignee by one.", field="assignee") from None


def _refuse_not_by_hand(event: CaseEvent, side: str) -> None:
    """Own milestones alone are by hand; those of any policy that the case was ever promised count."""
    own: Mapping[str, Any] = {"version__promises__case": event.case, "kind": MilestoneKind.OWN, side: Trigger.BY_HAND}
    keys = sorted(set(Milestone.objects.filter(**own).values_list("key", flat=True)))
    if event.to not in keys:
        can = f"can be: {', '.join(keys)}" if keys else "no milestone can"
        how = "started" if side == "starts" else "met"
        raise NotByHand(f"{event.to!r} can’t be {how} by hand on {event.case.number}; {can}.", field="to")
