import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal
from journal.models import AuditEvent
from support.actions.policies import draft_policy, put_policy_in_force
from support.actions.sla import Promised, declare_severity, set_promise
from support.domain.milestones import MilestoneKind
from support.domain.policy_draft import PolicyDraft, usual_milestone
from support.domain.targets import parse_target
from support.models import Severity, SlaPolicy, SlaPolicyVersion, SlaTarget
from support.queries.policies import draft_of, in_force
from tests.support.domain.policies import policy as written
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, SeverityFactory
from tests.support.world import the_plans

pytestmark = pytest.mark.django_db

HOUR = "1 hour, 24/7 x 365"
FOUR = "4 business hours, Monday - Friday"


@pytest.fixture
def urgent(db):
    return SeverityFactory(key="urgent", name="Urgent", position=1)


@pytest.fixture
def calendar(db):
    return CalendarVersionFactory(calendar__key="business_hours").calendar


def promised(severity, text, calendar=None):
    return Promised(severity=severity, target=parse_target(text), calendar=calendar, source_text=text)


def in_force_targets(policy, at):
    """(milestone, severity, channel, amount, unit, calendar) of what is in force."""
    rows = SlaTarget.objects.filter(milestone__version=in_force(policy, at=at)).order_by(
        "severity__position", "channel"
    )
    return list(rows.values_list("milestone__key", "severity__key", "channel", "amount", "unit", "calendar__key"))


def test_a_severity_is_declared_and_reworded(support_agent, at):
    declare_severity(key="urgent", name="Urgent", meaning="All is down", position=1, by=support_agent, at=at)
    declare_severity(key="urgent", name="Urgent", meaning="Production is down", position=1, by=support_agent, at=at)
    assert Severity.objects.get().meaning == "Production is down"
    assert AuditEvent.objects.first().changes == {"meaning": ["All is down", "Production is down"]}


def test_the_same_severity_again_writes_nothing(support_agent, at):
    for _ in range(2):
        declare_severity(key="urgent", name="Urgent", meaning="", position=1, by=support_agent, at=at)
    assert AuditEvent.objects.count() == 1


def test_a_promise_holds_a_target_for_each_severity(urgent, calendar, support_agent, at):
    high = SeverityFactory(key="high", name="High", position=2)
    targets = [promised(high, FOUR, calendar), promised(urgent, HOUR)]
    policy = set_promise(tier="standard", name="Standard", targets=targets, by=support_agent, at=at)
    assert in_force_targets(policy, at) == [
        ("first_response", "urgent", "", 60, "minutes", None),
        ("first_response", "high", "", 240, "business_minutes", "business_hours"),
    ]
    assert list(SlaTarget.objects.values_list("source_text", flat=True)) == [HOUR, FOUR]


def test_a_promise_without_targets_is_cover_without_a_promised_time(support_agent, at):
    policy = set_promise(tier="email", name="E-mail", targets=[], by=support_agent, at=at)
    assert in_force(policy, at=at).milestones.count() == 0


def test_setting_a_promise_again_puts_the_next_version_in_force(urgent, calendar, at):
    for text, by in ((HOUR, None), (FOUR, calendar)):
        policy = set_promise(tier="standard", name="Standard", targets=[promised(urgent, text, by)], by=SYSTEM, at=at)
    assert in_force_targets(policy, at) == [("first_response", "urgent", "", 240, "business_minutes", "business_hours")]
    assert list(policy.versions.values_list("number", "state")) == [(1, "in_force"), (2, "in_force")]
    assert AuditEvent.objects.first().changes == {
        "Urgent, First response": ["within 1 hour, around the clock", f"within 4 business hours ({calendar.name})"]
    }


def test_a_promise_that_stands_is_changed_by_two_people(urgent, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    with pytest.raises(NeedsSecondPerson, match="somebody else approves it there"):
        set_promise(tier="standard", name="Standard", targets=[], by=support_agent, at=at)


def test_a_target_left_out_is_removed(urgent, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    policy = set_promise(tier="standard", name="Standard", targets=[], by=SYSTEM, at=at)
    assert in_force_targets(policy, at) == []
    assert AuditEvent.objects.first().changes["Urgent, First response"][1] is None


def test_the_same_promise_again_writes_nothing(urgent, support_agent, at):
    for text in (HOUR, HOUR, "1 hour, 24/7"):
        set_promise(tier="standard", name="Standard", targets=[promised(urgent, text)], by=support_agent, at=at)
    assert AuditEvent.objects.count() == 1
    assert SlaPolicy.history.count() == 1
    assert SlaPolicyVersion.objects.count() == 1


def test_another_name_alone_makes_no_version(urgent, support_agent, at):
    for name in ("Standard", "Silver"):
        set_promise(tier="standard", name=name, targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    assert SlaPolicyVersion.objects.count() == 1
    assert AuditEvent.objects.first().changes == {"name": ["Standard", "Silver"]}


def test_other_milestones_and_channels_stay_as_they_are(urgent, support_agent, at):
    policy = set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    more = written("""
        milestone  | severity | channel | target | calendar
        first      | urgent   |         | 1 h    |
        first      | urgent   | phone   | 15 min |
        resolution | urgent   |         | 8 h    |
    """)
    draft = draft_policy(policy=policy, draft=more, by=SYSTEM, at=at)
    put_policy_in_force(version=draft, by=SYSTEM, at=at)
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, "2 hours, 24/7")], by=SYSTEM, at=at)
    assert [row[:4] for row in in_force_targets(policy, at)] == [
        ("first_response", "urgent", "", 120),
        ("resolution", "urgent", "", 480),
        ("first_response", "urgent", "phone", 15),
    ]


def test_an_open_draft_is_not_passed_by(urgent, support_agent, at):
    policy = set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    draft_policy(policy=policy, draft=PolicyDraft((usual_milestone(MilestoneKind.UPDATE),)), by=support_agent, at=at)
    with pytest.raises(Refusal, match="still a draft"):
        set_promise(tier="standard", name="Standard", targets=[], by=support_agent, at=at)
    assert draft_of(in_force(policy, at=at)).targets


def test_a_severity_is_promised_once(urgent, support_agent, at):
    twice = [promised(urgent, HOUR), promised(urgent, HOUR)]
    with pytest.raises(Invalid, match="promised twice"):
        set_promise(tier="standard", name="Standard", targets=twice, by=support_agent, at=at)


def test_business_time_needs_a_calendar(urgent):
    with pytest.raises(Invalid, match="choose the calendar"):
        promised(urgent, FOUR)


def test_a_calendar_that_is_never_open_promises_nothing(urgent, support_agent, at):
    targets = [promised(urgent, FOUR, BusinessCalendarFactory())]
    with pytest.raises(Invalid, match="never open"):
        set_promise(tier="standard", name="Standard", targets=targets, by=support_agent, at=at)


def test_a_tier_nobody_can_hold_is_refused(support_agent, at):
    the_plans()
    with pytest.raises(Invalid, match="not a choice of Support tier"):
        set_promise(tier="platinum", name="Platinum", targets=[], by=support_agent, at=at)


def test_sales_may_not_change_a_promise(urgent, sales, at):
    with pytest.raises(NotAllowed):
        declare_severity(key="high", name="High", meaning="", position=2, by=sales, at=at)
    with pytest.raises(NotAllowed):
        set_promise(tier="standard", name="Standard", targets=[], by=sales, at=at)
