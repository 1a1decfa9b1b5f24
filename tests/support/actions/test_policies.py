from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from journal.actions import approvals
from journal.approvals import handler_of
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from support.actions.policies import (
    ask_for_policy,
    declare_policy,
    draft_policy,
    drop_policy,
    outdated_policy,
    put_policy_in_force,
    restore_policy,
)
from support.actions.sla import set_promise
from support.domain.milestones import CaseState
from support.domain.policy_draft import PolicyDraft
from support.models import Milestone, SlaPolicyVersion, SlaTarget, TargetRule
from support.queries.policies import (
    changes_of,
    draft_of,
    in_force,
    open_version,
    pending_request,
    policy_token,
    read_known,
)
from tests.conftest import actor
from tests.support.domain.policies import milestone, rule
from tests.support.domain.policies import policy as written
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, SeverityFactory
from tests.support.world import the_plans

pytestmark = pytest.mark.django_db

SAID = """
  milestone  | severity | channel | target           | calendar
  first      | urgent   |         | 1 h              |
  first      | urgent   | phone   | 15 min           |
  first      | high     |         | 4 business hours | office
  resolution | urgent   |         | 8 h              |
"""
SLOWER = SAID.replace("| 1 h              ", "| 2 h              ")


@pytest.fixture
def colleague(db):
    return actor("support", "Colleague")


@pytest.fixture
def policy(support_agent, at):
    """Declared, with severities and an office to count by; nothing is promised yet."""
    for position, key in enumerate(("urgent", "high")):
        SeverityFactory(key=key, name=key.capitalize(), position=position)
    CalendarVersionFactory(calendar__key="office", calendar__name="Office hours")
    return declare_policy(tier="gold", name="Gold", by=support_agent, at=at)


@pytest.fixture
def promised(policy, support_agent, at):
    """The same with a first version in force."""
    version = draft_policy(policy=policy, draft=written(SAID), by=support_agent, at=at)
    put_policy_in_force(version=version, by=support_agent, at=at)
    return policy


def asked(policy, text=SLOWER, *, by, at):
    version = draft_policy(policy=policy, draft=written(text), by=by, at=at, note="Fewer people in summer.")
    return ask_for_policy(version=version, by=by, at=at)


def test_a_policy_is_declared_and_renamed(policy, support_agent, at):
    declare_policy(tier="gold", name="Gold care", by=support_agent, at=at)
    declare_policy(tier="gold", name="Gold care", by=support_agent, at=at)
    events = list(AuditEvent.objects.filter(verb="sla_policy:declare").values_list("changes", flat=True))
    assert events == [{"name": ["Gold", "Gold care"]}, {"name": [None, "Gold"], "note": [None, ""]}]


def test_a_tier_nobody_can_hold_is_refused(support_agent, at):
    the_plans()
    with pytest.raises(Invalid, match="not a choice of Support tier"):
        declare_policy(tier="platinum", name="Platinum", by=support_agent, at=at)


def test_a_draft_is_kept_to_the_last_word(policy, support_agent, at):
    terms = milestone(
        "resolution",
        "at 80 %: team\n2 hours after: owner, raise to urgent",
        pauses_while=frozenset({CaseState.WAITING, CaseState.ON_HOLD}),
    )
    draft = written(SAID + "resolution | high | | 3 business days | office", terms, rules=[rule(), rule(percent=200)])
    version = draft_policy(policy=policy, draft=draft, by=support_agent, at=at, note="The first.")
    assert draft_of(version) == draft
    assert (version.number, version.state, version.note) == (1, "draft", "The first.")
    assert in_force(policy, at=at) is None
    assert open_version(policy) == version
    texts = SlaTarget.objects.filter(milestone__key="first_response").values_list("source_text", flat=True)
    assert set(texts) == {"1 h", "15 min", "4 business hours"}


def test_a_draft_is_written_anew_in_place(policy, support_agent, at):
    first = draft_policy(policy=policy, draft=written(SAID, rules=[rule()]), by=support_agent, at=at)
    again = draft_policy(policy=policy, draft=written(SLOWER), by=support_agent, at=at)
    assert again == first
    assert draft_of(again) == written(SLOWER)
    assert (Milestone.objects.count(), SlaTarget.objects.count(), TargetRule.objects.count()) == (2, 4, 0)
    said = AuditEvent.objects.first().changes
    assert said["Urgent, First response"] == ["within 1 hour, around the clock", "within 2 hours, around the clock"]
    assert "Rule that goes" in said


def test_every_fault_is_told_at_once_and_nothing_is_written(policy, support_agent, at):
    BusinessCalendarFactory(key="drafted", name="Drafted hours")
    faulty = written("""
        milestone  | severity | channel | target           | calendar
        first      | urgent   |         | 2 h              |
        first      | high     |         | 4 business hours | drafted
        first      | dire     |         | 1 h              |
        resolution | urgent   |         | 1 h              |
    """)
    with pytest.raises(Invalid) as refused:
        draft_policy(policy=policy, draft=faulty, by=support_agent, at=at)
    assert set(refused.value.errors) == {
        "targets/first_response/high/",
        "targets/first_response/dire/",
        "targets/resolution/urgent/",
    }
    assert not SlaPolicyVersion.objects.exists()


def test_the_first_version_goes_in_force_at_once_and_a_change_needs_a_second_person(promised, support_agent, at):
    assert draft_of(in_force(promised, at=at)) == written(SAID)
    version = draft_policy(policy=promised, draft=written(SLOWER), by=support_agent, at=at)
    with pytest.raises(NeedsSecondPerson, match="Ask for it"):
        put_policy_in_force(version=version, by=support_agent, at=at)
    put_policy_in_force(version=version, by=SYSTEM, at=at)
    assert in_force(promised, at=at).number == 2


def test_someone_else_approves_what_was_asked_for(promised, support_agent, colleague, at):
    request = asked(promised, by=support_agent, at=at)
    assert "Urgent, First response: within 1 hour, around the clock becomes within 2 hours" in request.summary
    assert "so less is promised" in request.summary
    with pytest.raises(NotAllowed, match="asked for this yourself"):
        approvals.approve(approval=request, by=support_agent, at=at)
    later = at + timedelta(hours=1)
    approvals.approve(approval=request, by=colleague, at=later)
    assert in_force(promised, at=at).number == 1
    assert in_force(promised, at=later).number == 2
    event = AuditEvent.objects.get(verb="sla_policy:put_in_force", at=later)
    assert event.reason == "Fewer people in summer."
    assert event.actor_name == "Colleague"
    assert list(event.changes) == ["Urgent, First response"]


def test_while_it_waits_it_is_not_written_in(promised, support_agent, at):
    request = asked(promised, by=support_agent, at=at)
    version = open_version(promised)
    assert pending_request(version) == request
    assert handler_of(request.kind).review(request).endswith("/gold/")
    for act in (
        lambda: draft_policy(policy=promised, draft=PolicyDraft(), by=support_agent, at=at),
        lambda: drop_policy(version=version, by=support_agent, at=at),
        lambda: ask_for_policy(version=version, by=support_agent, at=at),
        lambda: restore_policy(version=in_force(promised, at=at), by=support_agent, at=at),
    ):
        with pytest.raises(Refusal):
            act()
    assert draft_of(version) == written(SLOWER)


@pytest.mark.parametrize("decide", [approvals.reject, approvals.withdraw])
def test_rejected_or_withdrawn_it_is_a_draft_again(decide, promised, support_agent, colleague, at):
    request = asked(promised, by=support_agent, at=at)
    decide(approval=request, by=support_agent if decide is approvals.withdraw else colleague, at=at, note="Not now.")
    assert open_version(promised).state == "draft"
    assert pending_request(open_version(promised)) is None
    assert AuditEvent.objects.get(verb="sla_policy:reopen_draft").reason == "Not now."
    assert drop_policy(version=open_version(promised), by=support_agent, at=at).state == "dropped"


def test_what_was_asked_for_beside_another_version_is_outdated(promised, support_agent, colleague, at):
    request = asked(promised, by=support_agent, at=at)
    assert outdated_policy(request) == ""
    SlaPolicyVersion(policy=promised, number=3, written_at=at, state="in_force", in_force_from=at).save()
    assert "changed since" in outdated_policy(request)
    with pytest.raises(Stale):
        approvals.approve(approval=request, by=colleague, at=at)
    assert Approval.objects.get().state == "pending"


def test_a_sheet_does_not_pass_by_what_waits(promised, support_agent, at):
    asked(promised, by=support_agent, at=at)
    with pytest.raises(Refusal, match="waits for a second person"):
        set_promise(tier="gold", name="Gold", targets=[], by=SYSTEM, at=at)


def test_a_lowering_says_why(promised, support_agent, at):
    version = draft_policy(policy=promised, draft=written(SLOWER), by=support_agent, at=at)
    with pytest.raises(Invalid, match="Say why") as refused:
        ask_for_policy(version=version, by=support_agent, at=at)
    assert refused.value.field == "reason"
    assert [one.lowers for one in changes_of(version, at=at)] == [True]


def test_the_same_again_is_not_asked_for(promised, support_agent, at):
    version = draft_policy(policy=promised, draft=written(SAID), by=support_agent, at=at)
    with pytest.raises(Refusal, match="says the same"):
        ask_for_policy(version=version, by=support_agent, at=at)


def test_a_rule_that_ended_since_refuses_the_approval(promised, support_agent, colleague, at):
    ended = written(SLOWER, rules=[rule(ends_at=at + timedelta(hours=1))])
    version = draft_policy(policy=promised, draft=ended, by=support_agent, at=at, note="For a fair.")
    request = ask_for_policy(version=version, by=support_agent, at=at)
    with pytest.raises(Invalid, match="it ended on"):
        approvals.approve(approval=request, by=colleague, at=at + timedelta(hours=2))
    assert in_force(promised, at=at).number == 1


def test_an_old_version_is_restored_as_a_draft_without_ended_rules(promised, support_agent, colleague, at):
    soon = written(SAID, rules=[rule(ends_at=at + timedelta(days=1)), rule()])
    version = draft_policy(policy=promised, draft=soon, by=SYSTEM, at=at)
    put_policy_in_force(version=version, by=SYSTEM, at=at)
    approvals.approve(approval=asked(promised, by=support_agent, at=at), by=colleague, at=at)
    restored = restore_policy(version=version, by=support_agent, at=at + timedelta(days=2))
    assert (restored.number, restored.state, restored.note) == (4, "draft", "As in version 2.")
    assert draft_of(restored) == replace(soon, rules=(rule(),))


def test_somebody_who_saw_something_else_is_told(promised, support_agent, at):
    seen = policy_token(promised)
    draft_policy(policy=promised, draft=written(SLOWER), by=support_agent, at=at, seen=seen)
    with pytest.raises(Stale):
        draft_policy(policy=promised, draft=written(SAID), by=support_agent, at=at, seen=seen)
    seen = policy_token(promised)
    draft_policy(policy=promised, draft=written(SLOWER, rules=[rule()]), by=support_agent, at=at, seen=seen)
    for act in (ask_for_policy, put_policy_in_force):
        with pytest.raises(Stale):
            act(version=open_version(promised), by=support_agent, at=at, seen=seen)


def test_what_is_in_force_never_changes(promised, support_agent, at):
    version = in_force(promised, at=at)
    with pytest.raises(Refusal, match="not a draft any more"):
        drop_policy(version=version, by=support_agent, at=at)
    with pytest.raises(Refusal, match="not a draft any more"):
        put_policy_in_force(version=version, by=SYSTEM, at=at)


def test_sales_may_do_none_of_it(promised, sales, at):
    version = in_force(promised, at=at)
    for act in (
        lambda: declare_policy(tier="silver", name="Silver", by=sales, at=at),
        lambda: draft_policy(policy=promised, draft=PolicyDraft(), by=sales, at=at),
        lambda: put_policy_in_force(version=version, by=sales, at=at),
        lambda: ask_for_policy(version=version, by=sales, at=at),
        lambda: drop_policy(version=version, by=sales, at=at),
        lambda: restore_policy(version=version, by=sales, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_is_known_are_severities_in_order_and_hours_in_force(policy, at, django_assert_num_queries):
    CalendarVersionFactory(calendar__key="later", in_force_from=datetime(2026, 4, 1, tzinfo=UTC))
    with django_assert_num_queries(4):
        known = read_known(at=at)
    assert list(known.severities) == ["urgent", "high"]
    assert known.calendars["office"].hours is not None
    assert known.calendars["later"].hours is None
