import pytest

from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.sla import Promised, change_target, declare_severity, set_promise, target_token
from support.domain.targets import parse_target
from support.models import Severity, SlaPolicy, SlaTarget
from tests.support.factories import BusinessCalendarFactory, CalendarWindowFactory, SeverityFactory
from tests.support.world import the_plans

pytestmark = pytest.mark.django_db

HOUR = "1 hour, 24/7 x 365"
FOUR = "4 business hours, Monday - Friday"


@pytest.fixture
def urgent(db):
    return SeverityFactory(key="urgent", name="Urgent", position=1)


@pytest.fixture
def calendar(db):
    return CalendarWindowFactory(calendar__key="business_hours").calendar


def promised(severity, text, calendar=None):
    return Promised(severity=severity, target=parse_target(text), calendar=calendar, source_text=text)


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
    targets = [promised(urgent, HOUR), promised(high, FOUR, calendar)]
    policy = set_promise(tier="standard", name="Standard", targets=targets, by=support_agent, at=at)
    rows = policy.targets.values_list("severity__key", "amount", "unit", "calendar__key")
    assert list(rows) == [("urgent", 60, "minutes", None), ("high", 240, "business_minutes", "business_hours")]


def test_a_promise_without_targets_is_cover_without_a_promised_time(support_agent, at):
    policy = set_promise(tier="email", name="E-mail", targets=[], by=support_agent, at=at)
    assert policy.targets.count() == 0


def test_setting_a_promise_again_replaces_what_differs(urgent, calendar, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, FOUR, calendar)], by=support_agent, at=at)
    assert SlaTarget.objects.get().amount == 240
    assert "Urgent" in AuditEvent.objects.first().changes


def test_a_target_left_out_is_removed(urgent, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    set_promise(tier="standard", name="Standard", targets=[], by=support_agent, at=at)
    assert not SlaTarget.objects.exists()
    assert AuditEvent.objects.first().changes["Urgent"][1] is None


def test_the_same_promise_again_writes_nothing(urgent, support_agent, at):
    for _ in range(2):
        set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    assert AuditEvent.objects.count() == 1
    assert SlaPolicy.history.count() == 1


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


def test_one_target_is_changed_by_someone_who_saw_it(urgent, calendar, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    target, token = SlaTarget.objects.get(), target_token(SlaTarget.objects.get())
    changed = promised(urgent, FOUR, calendar)
    change_target(target=target, promised=changed, token=token, by=support_agent, at=at)
    with pytest.raises(Stale):
        change_target(target=target, promised=changed, token=token, by=support_agent, at=at)
    assert SlaTarget.objects.get().amount == 240


def test_a_target_stays_with_its_severity(urgent, support_agent, at):
    set_promise(tier="standard", name="Standard", targets=[promised(urgent, HOUR)], by=support_agent, at=at)
    target, other = SlaTarget.objects.get(), promised(SeverityFactory(), HOUR)
    with pytest.raises(Invalid, match="stays with its severity"):
        change_target(target=target, promised=other, token=target_token(target), by=support_agent, at=at)


def test_sales_may_not_change_a_promise(urgent, sales, at):
    with pytest.raises(NotAllowed):
        declare_severity(key="high", name="High", meaning="", position=2, by=sales, at=at)
    with pytest.raises(NotAllowed):
        set_promise(tier="standard", name="Standard", targets=[], by=sales, at=at)
    with pytest.raises(NotAllowed):
        change_target(target=SlaTarget(), promised=promised(urgent, HOUR), token="", by=sales, at=at)
