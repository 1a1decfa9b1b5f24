"""A made-up case: what its clocks would be by a version of a policy, also by a draft. Nothing here writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from support.domain.calendar import CalendarError
from support.domain.case_events import CaseEvent, Channel, EventKind, Opener
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding, Terms
from support.models import CasePromise, SlaPolicyVersion
from support.queries.cases.promising import calendars_of
from support.snapshots.cases import TermsReader


@dataclass(frozen=True, slots=True)
class MadeUpCase:
    """`lifts` are what rules do for one customer, as a promise keeps them; `events` come after the opening."""

    version: SlaPolicyVersion
    severity: str
    channel: Channel
    opened_at: datetime
    zone: str
    country: str = ""
    opener: Opener = Opener.CUSTOMER
    events: tuple[CaseEvent, ...] = ()
    lifts: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)


class NotToBeTried(ValueError):
    """By these calendars nothing could come due."""


def tried(case: MadeUpCase, *, now: datetime, at: datetime) -> CaseStanding:
    """How the made-up case stands at `now`, by the calendars in force at `at`; five reads.

    Raises `NotToBeTried` where a calendar has too little open time to count by.
    """
    facts = CaseFacts(
        opened_at=case.opened_at,
        opener=case.opener,
        channel=case.channel,
        events=(CaseEvent(case.opened_at, 0, EventKind.OPENED, case.severity), *case.events),
        terms=(_terms(case, at=at),),
    )
    try:
        return standing_of(facts, now=now)
    except CalendarError as error:
        raise NotToBeTried(str(error)) from error


def _terms(case: MadeUpCase, *, at: datetime) -> Terms:
    promise = CasePromise(
        pk=0,
        starts_at=case.opened_at,
        policy_version=case.version,
        calendars=calendars_of(case.version, at=at),
        holidays_known_at=at,
        zone=case.zone,
        country=case.country,
        lifts=list(case.lifts),
    )
    return TermsReader.of([promise]).terms(promise)
