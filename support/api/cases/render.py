"""Cases, clocks and their reasons → what the API says of them."""

from datetime import datetime

from support.actions.cases.intake import Taken
from support.api.cases.schemas import (
    CandidateOut,
    CaseAssetOut,
    CaseCoverOut,
    CaseDetailOut,
    CaseOut,
    ChangeOut,
    ClockOut,
    CountedOut,
    EventOut,
    ExplanationOut,
    LiftOut,
    PauseOut,
    TakenOut,
)
from support.domain.case_events import CaseState, Channel, ClockState, EventKind, Opener
from support.domain.clocks.explaining import Explanation, explain
from support.domain.clocks.values import RunClock
from support.domain.cover_terms import Aspect
from support.domain.covers import Candidate
from support.domain.milestones import MilestoneKind
from support.domain.targets import Target, TargetUnit, words
from support.models import Asset, Case, CaseEvent, Clock
from support.queries.cases.choosing import ShownCover
from support.queries.cases.clock_words import say_clock
from support.queries.cases.listing import late_since
from support.queries.cases.promising import decided_by

MINUTE = 60
MOST_EVENTS, MOST_COUNTED = 200, 500


def render_case(case: Case, *, at: datetime) -> CaseOut:
    promise = max(case.promises.all(), key=lambda row: (row.starts_at, row.pk), default=None)
    version = None if promise is None else promise.policy_version
    covered_by, cover_name = decided_by(promise)
    return CaseOut(
        number=case.number,
        account=None if case.account is None else case.account.key,
        subject=case.subject,
        requester=case.requester,
        opener=Opener(case.opener),
        channel=Channel(case.channel),
        severity=case.severity.key,
        state=CaseState(case.state),
        team=None if case.team is None else case.team.key,
        assignee=case.assignee,
        tier=case.tier,
        promised="" if promise is None else promise.why,
        policy=None if version is None else str(version),
        product=None if case.product is None else case.product.key,
        asset=None if case.asset is None else render_asset(case.asset),
        covered_by=covered_by,
        cover_name=cover_name,
        chosen_cover=case.chosen_cover,
        source=case.source,
        external_id=case.external_id,
        url=case.url,
        opened_at=case.opened_at,
        ended_at=case.ended_at,
        clocks=[render_clock(clock, at=at) for clock in case.clocks.all()],
    )


def render_detail(case: Case, *, at: datetime) -> CaseDetailOut:
    latest = reversed(case.events.order_by("-at", "-pk")[:MOST_EVENTS])
    return CaseDetailOut(**dict(render_case(case, at=at)), events=[render_event(event) for event in latest])


def render_asset(asset: Asset) -> CaseAssetOut:
    return CaseAssetOut(product=asset.product.key, serial=asset.serial, name=asset.name)


def render_cover(shown: ShownCover) -> CaseCoverOut:
    return CaseCoverOut(
        case=shown.case.number,
        covered_by=shown.covered_by,
        cover_name=shown.cover_name,
        chosen=shown.case.chosen_cover,
        missed=shown.missed,
        judged_at=shown.at,
        authorisation=shown.authorisation,
        candidates=[_candidate(one) for one in shown.candidates],
    )


def _candidate(one: Candidate) -> CandidateOut:
    cover = one.cover
    return CandidateOut(
        key=cover.key,
        name=cover.name,
        source=cover.source,
        applies=one.kept,
        decides=list(one.decides),
        reason=one.reason,
        tier=cover.tier,
        labour=cover.shares.get(Aspect.LABOUR),
        parts=cover.shares.get(Aspect.PARTS),
        travel=cover.shares.get(Aspect.TRAVEL),
    )


def render_event(event: CaseEvent) -> EventOut:
    return EventOut(
        kind=EventKind(event.kind),
        at=event.at,
        recorded_at=event.recorded_at,
        to=event.to,
        actor=event.actor_name,
        text=event.note,
        id=event.name,
    )


def render_clock(clock: Clock, *, at: datetime) -> ClockOut:
    return ClockOut(
        milestone=clock.milestone,
        name=clock.name,
        kind=MilestoneKind(clock.kind),
        run=clock.run,
        state=ClockState(clock.state),
        target=_target_words(clock.amount, TargetUnit(clock.unit)),
        started_at=clock.started_at,
        due_at=clock.due_at,
        paused_since=clock.paused_since,
        met_at=clock.met_at,
        cancelled_at=clock.cancelled_at,
        breached_at=late_since(clock, at=at),
    )


def render_explanation(case: Case, clock: RunClock, *, at: datetime) -> ExplanationOut:
    found = explain(clock)
    return ExplanationOut(
        case=case.number,
        milestone=clock.milestone.key,
        run=clock.run,
        state=clock.state,
        target=words(found.target),
        amount=found.target.amount,
        unit=found.target.unit,
        lifts=[LiftOut(percent=percent, why=why) for percent, why in found.lifts],
        zone=found.zone,
        started_at=found.started_at,
        measured_from=found.measured_from,
        counted=_counted(found),
        counted_minutes=found.counted_time.total_seconds() / MINUTE,
        days=list(found.days),
        skipped=list(found.skipped),
        first_due=found.first_due,
        pauses=_pauses(found),
        due_at=found.due_at,
        changes=_changes(found),
        words=list(say_clock(found, zone=case.account.zone if case.account else "UTC", now=at)),
    )


def render_taken(taken: Taken) -> TakenOut:
    return TakenOut(
        outcome=taken.outcome,
        id=taken.id,
        ticket=taken.ticket,
        case=None if taken.case is None else taken.case.number,
        kind=taken.kind,
        code=taken.refusal,
        detail=taken.detail,
        errors=taken.errors,
    )


def _counted(found: Explanation) -> list[CountedOut]:
    return [
        CountedOut(start=span.opens_at, end=span.closes_at, minutes=span.length.total_seconds() / MINUTE)
        for span in found.counted[:MOST_COUNTED]
    ]


def _pauses(found: Explanation) -> list[PauseOut]:
    return [
        PauseOut(
            because=pause.because,
            start=pause.start,
            end=pause.end,
            added_minutes=None if pause.added is None else pause.added.total_seconds() / MINUTE,
            due_at=pause.due_at,
        )
        for pause in found.pauses
    ]


def _changes(found: Explanation) -> list[ChangeOut]:
    return [
        ChangeOut(
            at=change.at,
            severity=change.severity,
            target=None if change.promised is None else words(change.promised.target),
        )
        for change in found.changes
    ]


def _target_words(amount: int, unit: TargetUnit) -> str:
    return words(Target(amount, unit, around_the_clock=unit is TargetUnit.MINUTES))
