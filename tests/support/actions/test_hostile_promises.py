"""What one person alone might try with what customers are promised."""

import pytest

from journal.actions import approvals
from journal.domain.refusal import NeedsSecondPerson, Stale
from support.actions.calendars import Hours, OpenHours, draft_hours, put_hours_in_force
from support.actions.policies import ask_for_policy, declare_policy, draft_policy, outdated_policy
from support.models import BusinessCalendar
from support.queries.calendars.versions import counted_by
from support.queries.policies import in_force
from tests.conftest import actor
from tests.support.casework import NOW, holder, opened, policy, severities
from tests.support.domain.policies import policy as written
from tests.support.factories import CalendarVersionFactory, SeverityFactory, SlaPolicyVersionFactory
from tests.support.world import START, kept

pytestmark = pytest.mark.django_db

AN_HOUR_A_WEEK = Hours((OpenHours(0, 540, 600),))
SAID = """
  milestone  | severity | channel | target           | calendar
  first      | high     |         | 4 business hours | office
"""


def test_hours_do_not_change_between_asking_for_a_promise_and_approving_it(support_agent, at) -> None:
    """No promise in force counts by them yet, so whoever asked may still change them alone: then it is asked anew."""
    SeverityFactory(key="high", name="High")
    CalendarVersionFactory(calendar__key="office")
    gold = declare_policy(tier="gold", name="Gold", by=support_agent, at=at)
    version = draft_policy(policy=gold, draft=written(SAID), by=support_agent, at=at)
    asked = ask_for_policy(version=version, by=support_agent, at=at, reason="New")
    assert outdated_policy(asked) == ""
    office = BusinessCalendar.objects.get(key="office")
    hours = draft_hours(calendar=office, hours=AN_HOUR_A_WEEK, by=support_agent, at=at)
    put_hours_in_force(version=hours, by=support_agent, at=at)
    assert "hours" in outdated_policy(asked)
    with pytest.raises(Stale):
        approvals.approve(approval=asked, by=actor("support", "Colleague"), at=at)
    assert in_force(gold, at=at) is None


def test_hours_that_open_cases_count_by_take_a_second_person_after_the_policy_has_left_them(support_agent) -> None:
    severities()
    before = policy()
    opened(holder())
    after = SlaPolicyVersionFactory(policy=before.policy)
    after.state, after.in_force_from = "in_force", START
    kept(after)
    calendar = BusinessCalendar.objects.get(key="hours_standard")
    assert not counted_by(calendar)
    version = draft_hours(calendar=calendar, hours=AN_HOUR_A_WEEK, by=support_agent, at=NOW)
    with pytest.raises(NeedsSecondPerson):
        put_hours_in_force(version=version, by=support_agent, at=NOW)
