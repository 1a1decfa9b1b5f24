"""What support promises beyond the first response, by which hours, to whom: set up as a head of support would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from desk.demo.customers import Customer
from desk.demo.purchases import holding
from journal.domain.actor import SYSTEM, Actor
from support.actions.calendars import Hours, OpenHours, OtherDay, create_calendar, set_hours
from support.actions.health import set_health
from support.actions.policies import ask_for_policy, draft_policy, put_policy_in_force
from support.actions.teams import declare_team
from support.domain.case_events import Health
from support.domain.milestones import (
    CaseState,
    MilestoneKind,
    MilestoneTerms,
    Offset,
    OffsetUnit,
    Promised,
    Signal,
    Step,
)
from support.domain.policy_draft import DraftRule, PolicyDraft, usual_milestone
from support.domain.target_text import read_target
from support.models import SlaPolicy, ZoneMode
from support.queries.policies import draft_of, in_force

DESK, ESCALATIONS = "front_desk", "escalations"
AMSTERDAM = "amsterdam_desk"
CUSTOMERS_HOURS = "business_hours"
SOON, LATE = Offset(80, OffsetUnit.PERCENT), Offset(30, OffsetUnit.MINUTES)
RESOLUTION = MilestoneKind.RESOLUTION
# tier, milestone, severity, target; by the customer's business hours where it counts business time
TARGETS = (
    ("standard", "next_response", "urgent", "2 h"),
    ("standard", "next_response", "high", "8 business hours"),
    ("standard", "next_response", "normal", "2 business days"),
    ("standard", "resolution", "urgent", "1 business day"),
    ("priority", "next_response", "urgent", "1 h"),
    ("priority", "next_response", "high", "4 business hours"),
    ("priority", "resolution", "urgent", "8 h"),
    ("priority", "resolution", "high", "3 business days"),
    ("priority_plus", "next_response", "urgent", "1 h"),
    ("priority_plus", "next_response", "high", "4 h"),
    ("priority_plus", "next_response", "normal", "12 business hours"),
    ("priority_plus", "update", "urgent", "2 h"),
    ("priority_plus", "resolution", "urgent", "6 h"),
    ("priority_plus", "resolution", "high", "2 business days"),
    ("priority_plus", "resolution", "normal", "end of 5 business days"),
)


def set_up_teams(*, by: Actor, at: datetime) -> None:
    """Two teams, and the hours of the desk in Amsterdam, which sits there and lunches there."""
    declare_team(key=DESK, name="Front desk", email="front-desk@desk.example", by=by, at=at)
    declare_team(key=ESCALATIONS, name="Escalations", email="escalations@desk.example", by=by, at=at)
    calendar = create_calendar(key=AMSTERDAM, name="Amsterdam desk", by=by, at=at)
    windows = [OpenHours(day, *hours) for day in range(5) for hours in ((8 * 60, 12 * 60), (13 * 60, 18 * 60))]
    hours = Hours(
        windows=(*windows, OpenHours(5, 10 * 60, 14 * 60)),
        days=(OtherDay(date(at.year, 12, 24), "Christmas Eve", ((8 * 60, 13 * 60),)),),
        zone_mode=ZoneMode.FIXED,
        zone="Europe/Amsterdam",
        country="NL",
        note="The desk at home; Saturdays by rota.",
    )
    set_hours(calendar=calendar, hours=hours, by=SYSTEM, at=at)


def promise_more(*, now: datetime, at: datetime) -> None:
    """Beyond the price page: the next response, updates and a resolution, with warnings, for the tiers that pay for it."""
    for tier in ("standard", "priority", "priority_plus"):
        policy = SlaPolicy.objects.get(tier=tier)
        draft = _with_more(draft_of(in_force(policy, at=at)), tier)
        if tier == "priority_plus":
            draft = replace(draft, rules=(_near_renewal(now),))
        version = draft_policy(
            policy=policy, draft=draft, note="As agreed with sales for the new price page.", by=SYSTEM, at=at
        )
        put_policy_in_force(version=version, by=SYSTEM, at=at)


def worry(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """One account is not doing well, and its manager says so."""
    for account in holding(customers, "team")[1:2]:
        set_health(
            account=account, level=Health.AT_RISK, reason="Two outages in a month; their CTO called.", by=by, at=at
        )


def ask_for_faster_answers(*, by: Actor, at: datetime) -> None:
    """Standard is to answer high cases in 3 business hours: drafted, and waiting for a second person."""
    policy = SlaPolicy.objects.get(tier="standard")
    draft = draft_of(in_force(policy, at=at))
    targets = dict(draft.targets)
    targets["first_response", "high", ""] = Promised(read_target("3 business hours"), CUSTOMERS_HOURS)
    version = draft_policy(
        policy=policy, draft=replace(draft, targets=targets), note="Competitors promise three hours.", by=by, at=at
    )
    ask_for_policy(
        version=version, reason="Competitors promise three hours; we hold them in 97 of 100 cases.", by=by, at=at
    )


def _with_more(draft: PolicyDraft, tier: str) -> PolicyDraft:
    wanted = {milestone for promised, milestone, *_ in TARGETS if promised == tier}
    kinds = (MilestoneKind.NEXT_RESPONSE, MilestoneKind.UPDATE, RESOLUTION)
    milestones = [_watched(each) for each in draft.milestones]
    milestones += [_watched(usual_milestone(kind)) for kind in kinds if kind.value in wanted]
    targets = dict(draft.targets)
    for promised, milestone, severity, text in TARGETS:
        if promised == tier:
            target = read_target(text)
            targets[milestone, severity, ""] = Promised(target, None if target.around_the_clock else CUSTOMERS_HOURS)
    return replace(draft, milestones=tuple(milestones), targets=targets)


def _watched(milestone: MilestoneTerms) -> MilestoneTerms:
    """The team is told ahead, and the account's owner when nobody acted; a resolution waits while the customer does."""
    waits = {CaseState.WAITING, CaseState.ON_HOLD} if milestone.kind is RESOLUTION else milestone.pauses_while
    steps = (Step(SOON, ("team",)), Step(LATE, ("owner", "escalations@desk.example")))
    return replace(milestone, steps=steps, pauses_while=frozenset(waits))


def _near_renewal(now: datetime) -> DraftRule:
    return DraftRule(
        signal=Signal.RENEWAL_WITHIN,
        value="60",
        percent=75,
        ends_at=now + timedelta(days=200),
        reason="Who is about to renew should see us at our best.",
        milestone="next_response",
    )
