"""Rows of support for tests, written as the desk writes them: by a deed."""

from datetime import UTC, date, datetime
from typing import Any

import factory

from catalog.domain.values import Kind
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.domain.case_events import CaseState, Channel, EventKind, Health
from support.domain.cover_terms import Billing, Counts, ScopeKind, WarrantyBasis, WorkKind
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage
from support.domain.milestones import MilestoneKind, Signal, Trigger
from support.domain.targets import TargetUnit
from support.models import (
    AccountHealth,
    Allowance,
    Asset,
    AssetMove,
    BusinessCalendar,
    CalendarVersion,
    Case,
    CaseAlert,
    CaseCount,
    CaseEvent,
    CasePromise,
    Clock,
    Cover,
    CoverScope,
    Holiday,
    IntakeDecision,
    Location,
    Milestone,
    Product,
    Severity,
    SlaPolicy,
    SlaPolicyVersion,
    SlaTarget,
    TargetRule,
    Team,
    TimeEntry,
    Visit,
    Warranty,
    WorkItem,
)
from tests.catalog.factories import FeatureFactory
from tests.entitlements.factories import AccountFactory

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


class DeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return keep(model_class(*args, **kwargs), deed=begin(by=SYSTEM, at=RECORDED))


class BusinessCalendarFactory(DeedFactory):
    class Meta:
        model = BusinessCalendar

    key = factory.Sequence(lambda n: f"calendar_{n}")
    name = factory.Sequence(lambda n: f"Calendar {n}")


class CalendarVersionFactory(DeedFactory):
    """Monday to Friday 06:00–18:00 where the customer is, in force."""

    class Meta:
        model = CalendarVersion

    calendar = factory.SubFactory(BusinessCalendarFactory)
    number = factory.LazyAttribute(lambda version: version.calendar.versions.count() + 1)
    week = [[[360, 1080]]] * 5 + [[], []]
    state = "in_force"
    written_at = RECORDED
    in_force_from = RECORDED


class HolidayFactory(DeedFactory):
    class Meta:
        model = Holiday

    country = "NL"
    on = "2026-04-27"
    name = "King's Day"
    recorded_at = RECORDED


class SeverityFactory(DeedFactory):
    class Meta:
        model = Severity

    key = factory.Sequence(lambda n: f"severity_{n}")
    name = factory.Sequence(lambda n: f"Severity {n}")
    position = factory.Sequence(lambda n: n)


class SlaPolicyFactory(DeedFactory):
    class Meta:
        model = SlaPolicy

    tier = factory.Sequence(lambda n: f"tier_{n}")
    name = factory.Sequence(lambda n: f"Tier {n}")


class SlaPolicyVersionFactory(DeedFactory):
    """A draft, so that milestones can be written below it."""

    class Meta:
        model = SlaPolicyVersion

    policy = factory.SubFactory(SlaPolicyFactory)
    number = factory.LazyAttribute(lambda version: version.policy.versions.count() + 1)
    written_at = RECORDED


class MilestoneFactory(DeedFactory):
    class Meta:
        model = Milestone

    version = factory.SubFactory(SlaPolicyVersionFactory)
    key = "first_response"
    name = "First response"
    kind = MilestoneKind.FIRST_RESPONSE
    starts = Trigger.OPENED
    stops = Trigger.PUBLIC_REPLY


class SlaTargetFactory(DeedFactory):
    class Meta:
        model = SlaTarget

    milestone = factory.SubFactory(MilestoneFactory)
    severity = factory.SubFactory(SeverityFactory)
    amount = 60
    unit = TargetUnit.MINUTES


class TargetRuleFactory(DeedFactory):
    class Meta:
        model = TargetRule

    version = factory.SubFactory(SlaPolicyVersionFactory)
    signal = Signal.RENEWAL_WITHIN
    value = "60"
    percent = 50
    ends_at = datetime(2030, 1, 1, tzinfo=UTC)
    reason = "Renewals deserve care."


class TeamFactory(DeedFactory):
    class Meta:
        model = Team

    key = factory.Sequence(lambda n: f"team_{n}")
    name = factory.Sequence(lambda n: f"Team {n}")
    email = factory.Sequence(lambda n: f"team-{n}@desk.example")


class CaseFactory(DeedFactory):
    """A case as it stands; events, promises and clocks are factories of their own."""

    class Meta:
        model = Case

    account = factory.SubFactory(AccountFactory)
    subject = factory.Sequence(lambda n: f"The export stops at row {n}")
    channel = Channel.EMAIL
    severity = factory.SubFactory(SeverityFactory)
    state = CaseState.OPEN
    source = "desk"
    opened_at = RECORDED
    recorded_at = RECORDED


class CaseEventFactory(DeedFactory):
    class Meta:
        model = CaseEvent

    case = factory.SubFactory(CaseFactory)
    kind = EventKind.CUSTOMER_MESSAGE
    at = RECORDED
    recorded_at = RECORDED


class CasePromiseFactory(DeedFactory):
    class Meta:
        model = CasePromise

    case = factory.SubFactory(CaseFactory)
    starts_at = RECORDED
    recorded_at = RECORDED
    holidays_known_at = RECORDED
    zone = "UTC"


class ClockFactory(DeedFactory):
    class Meta:
        model = Clock

    case = factory.SubFactory(CaseFactory)
    milestone = "first_response"
    name = "First response"
    kind = MilestoneKind.FIRST_RESPONSE
    state = "running"
    started_at = RECORDED
    due_at = datetime(2026, 1, 1, 1, tzinfo=UTC)
    amount = 60
    unit = TargetUnit.MINUTES
    promise = factory.SubFactory(CasePromiseFactory, case=factory.SelfAttribute("..case"))


class CaseAlertFactory(DeedFactory):
    class Meta:
        model = CaseAlert

    clock = factory.SubFactory(ClockFactory)
    case = factory.SelfAttribute("clock.case")
    kind = "breach"
    at = datetime(2026, 1, 1, 1, tzinfo=UTC)
    told_at = datetime(2026, 1, 1, 1, tzinfo=UTC)
    once_key = factory.Sequence(lambda n: f"alert-{n}")


class AccountHealthFactory(DeedFactory):
    class Meta:
        model = AccountHealth

    account = factory.SubFactory(AccountFactory)
    level = Health.AT_RISK
    reason = "Two escalations in a month."
    recorded_at = RECORDED


class ProductFactory(DeedFactory):
    """A pump with two years of warranty on parts from the day it was shipped."""

    class Meta:
        model = Product

    key = factory.Sequence(lambda n: f"pump_{n}")
    name = factory.Sequence(lambda n: f"Pump {n}")
    warranty_months = 24
    warranty_basis = WarrantyBasis.SHIPPED
    parts = 100


class LocationFactory(DeedFactory):
    class Meta:
        model = Location

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda n: f"Plant {n}")


class AssetFactory(DeedFactory):
    class Meta:
        model = Asset

    account = factory.SubFactory(AccountFactory)
    product = factory.SubFactory(ProductFactory)
    serial = factory.Sequence(lambda n: f"SN-{n:05}")
    serial_key = factory.LazyAttribute(lambda asset: asset.serial.lower().replace("-", "").replace(" ", ""))
    held_since = RECORDED
    recorded_at = RECORDED


class AssetMoveFactory(DeedFactory):
    class Meta:
        model = AssetMove

    asset = factory.SubFactory(AssetFactory)
    from_account = factory.SubFactory(AccountFactory)
    to_account = factory.SelfAttribute("asset.account")
    at = RECORDED
    recorded_at = RECORDED
    reason = "Sold on"


class WarrantyFactory(DeedFactory):
    """On parts, through 2027."""

    class Meta:
        model = Warranty

    asset = factory.SubFactory(AssetFactory)
    name = "Maker’s warranty"
    basis = WarrantyBasis.SHIPPED
    starts_at = RECORDED
    ends_at = datetime(2028, 1, 1, tzinfo=UTC)
    through_on = date(2027, 12, 31)
    zone = "UTC"
    parts = 100
    recorded_at = RECORDED
    recorded_by = "Ada"


class CoverFactory(DeedFactory):
    """Labour in full, without a tier, for everything the account has."""

    class Meta:
        model = Cover

    account = factory.SubFactory(AccountFactory)
    name = factory.Sequence(lambda n: f"Maintenance {n}")
    starts_at = RECORDED
    zone = "UTC"
    labour = 100
    recorded_at = RECORDED
    recorded_by = "Ada"


class CoverScopeFactory(DeedFactory):
    class Meta:
        model = CoverScope

    cover = factory.SubFactory(CoverFactory)
    kind = ScopeKind.PRODUCT
    product = factory.SubFactory(ProductFactory)


class AllowanceFactory(DeedFactory):
    """Incidents, each counted when its case is opened."""

    class Meta:
        model = Allowance

    feature = factory.SubFactory(FeatureFactory, kind=Kind.CREDIT, unit="incident")
    counts = Counts.CASES


class CaseCountFactory(DeedFactory):
    class Meta:
        model = CaseCount

    case = factory.SubFactory(CaseFactory)
    allowance = factory.SubFactory(AllowanceFactory)
    event_id = factory.Sequence(lambda n: f"case:{n}:1")
    at = RECORDED
    recorded_at = RECORDED


class TimeEntryFactory(DeedFactory):
    """Half an hour on the phone that counts on nothing."""

    class Meta:
        model = TimeEntry

    case = factory.SubFactory(CaseFactory)
    account = factory.SelfAttribute("case.account")
    channel = Channel.PHONE
    worked_at = RECORDED
    minutes = 30
    worked_by = "Ada"
    recorded_at = RECORDED


class VisitFactory(DeedFactory):
    class Meta:
        model = Visit

    cover = factory.SubFactory(CoverFactory, visits_a_year=2)
    account = factory.SelfAttribute("cover.account")
    number = factory.LazyAttribute(lambda visit: visit.cover.visits.count() + 1)
    from_on = date(2026, 3, 1)
    through_on = date(2026, 3, 31)


class WorkItemFactory(DeedFactory):
    """A part the customer pays for."""

    class Meta:
        model = WorkItem

    account = factory.SubFactory(AccountFactory)
    kind = WorkKind.PARTS
    description = "Seal ring"
    customer_percent = 100
    why = "Nothing covers parts."
    done_at = RECORDED
    done_by = "Ada"
    recorded_at = RECORDED
    billing = Billing.OPEN


class IntakeDecisionFactory(DeedFactory):
    """Held, of an account that has the one feature it may be about; by a classifier that only suggests yet."""

    class Meta:
        model = IntakeDecision

    account = factory.SubFactory(AccountFactory)
    at = RECORDED
    asked_by = "Help desk"
    requester = "ana@acme.example"
    channel = Channel.EMAIL
    source = "desk"
    subject = "Sign-on"
    text = "Hello,\n\nhow do we set up single sign-on?\n\nThanks, Ana"
    text_digest = "0" * 64
    stage = Stage.HELD
    outcome = Outcome.HOLD
    reason = Reason.ONLY_SUGGESTED
    words = "Too few labelled tickets yet to act by words alone, so a person decides; proposed: accepted."
    customer_words = "Thank you for your message. A colleague will look at your request and answer you."
    readings = factory.LazyFunction(
        lambda: [
            {
                "text": "how do we set up single sign-on?", "where": "text", "given": "", "failed": "",
                "candidates": [["sso", 0.87, "single sign-on"], ["storage", 0.06, ""], ["", 0.04, ""]],
                "channel_asked": None, "severity_asked": "",
            }
        ]
    )  # fmt: skip
    parts = factory.LazyAttribute(
        lambda row: [
            {
                "outcome": "hold", "reason": row.reason, "words": row.words, "feature": "sso", "confidence": 0.87,
                "proposed": "accept", "article": None, "offers": [],
            }
            for _ in row.readings
        ]
    )  # fmt: skip
    engine = factory.LazyFunction(
        lambda: {
            "account": True, "unreadable": [], "too_long": False,
            "help": {"covered": True, "why": "Covered by Priority Plus.", "used_up": "", "other_channels": [], "offers": [], "tier": "", "team": "", "person": ""},
            "features": {
                "sso": {"key": "sso", "name": "Single sign-on", "granted": True, "why": "Enterprise", "limit_reached": False, "offers": [], "article": None},
                "storage": {"key": "storage", "name": "Storage", "granted": False, "why": "", "limit_reached": False, "offers": [{"key": "pro", "name": "Pro", "words": "$25 a month", "add_on": False}], "article": None},
            },
            "decision": {"team": "", "person": "", "article": None, "offers": [], "channels": []},
            "about": {"product": "", "asset": "", "cover": ""},
        }
    )  # fmt: skip
    wanted = factory.LazyFunction(lambda: {"accept": 0.8, "redirect": 0.9, "suggest": 0.9, "acting": False})
    read_by = "tfidf"
    maker = "tfidf 1"
    took_us = 4_200
    read_us = 1_300
