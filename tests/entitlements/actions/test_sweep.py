"""What time alone brings is recorded and told once, however often and however late the sweep comes."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience
from entitlements.actions.overrides import grant
from entitlements.actions.subscriptions import end
from entitlements.actions.sweep import sweep
from entitlements.domain.facts import Mode
from entitlements.models import Account, EntitlementChange, SweepMark
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from journal.models import Notice, Outbound, Staff
from tests.conftest import EXAMPLES
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Account:
    """A trial that lapses on 6 March, and 20 GB more through 10 March."""
    world = catalog()
    owner = Staff.objects.create(username="ana", email="ana@desk.example")
    acme = account(owner=owner)
    subscribed(acme, world.team, trial_days=14)
    policy()
    grant(
        account=acme,
        feature=world.storage,
        mode=Mode.ADD,
        value=20 * GB,
        through_on=date(2026, 3, 10),
        reason="Migration",
        by=SYSTEM,
        at=AT - DAY,
    )  # the desk itself has no role, so this waits; it is approved below
    override = acme.overrides.get()
    if override.state != "approved":
        from entitlements.actions.override_decisions import approve_request
        from journal.models import Approval

        approve_request(approval=Approval.objects.get(), by=SYSTEM, at=AT - DAY)
    SweepMark.objects.create(swept_to=AT)
    return acme


def told() -> list[tuple[str, str, str]]:
    rows = EntitlementChange.objects.filter(effective_at__gt=AT).order_by("effective_at", "feature_key")
    return [(row.feature_key, row.before, row.after) for row in rows]


def test_what_ended_is_recorded_at_its_own_instant(acme: Account) -> None:
    sweep(at=AT + 30 * DAY)
    assert told() == [
        ("seats", "10", "2"),
        ("sso", "on", "not included"),
        ("storage", "120 GB", "21 GB"),
        ("tier", "Smart", "not included"),
        ("storage", "21 GB", "1 GB"),
    ]
    lapse = acme.subscriptions.get().phases.get().ends_at
    assert EntitlementChange.objects.filter(effective_at=lapse).count() == 4


def test_the_owner_is_told_of_each_ending_once(acme: Account) -> None:
    for _ in range(3):
        SweepMark.objects.update(swept_to=AT)
        sweep(at=AT + 30 * DAY)
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["override_ended", "trial_ended"]
    assert Outbound.objects.filter(destination="ana@desk.example").count() == 2


def test_nothing_new_since_the_last_sweep_writes_nothing(acme: Account) -> None:
    sweep(at=AT + 30 * DAY)
    assert sweep(at=AT + 31 * DAY) == 0


def test_the_first_sweep_of_all_begins_now(db: None) -> None:
    assert sweep(at=AT) == 0
    assert SweepMark.objects.get().swept_to == AT


def test_a_clock_that_went_back_tells_nothing_twice(acme: Account) -> None:
    sweep(at=AT + 30 * DAY)
    before, notices = told(), Notice.objects.count()
    sweep(at=AT + 20 * DAY)
    sweep(at=AT + 31 * DAY)
    assert told() == before
    assert Notice.objects.count() == notices


def test_what_is_decided_after_a_clock_jumped_ahead_and_came_back_is_told(acme: Account) -> None:
    sweep(at=AT + 40 * DAY)
    end(subscription=acme.subscriptions.get(), ends_at=AT + 2 * DAY, reason="", by=SYSTEM, at=AT + DAY)
    for hours in (25, 49):
        sweep(at=AT + timedelta(hours=hours))
    assert Notice.objects.filter(kind="subscription_ended").count() == 1


def test_a_clock_a_little_behind_leaves_the_mark_where_it_is(acme: Account) -> None:
    sweep(at=AT + 30 * DAY)
    assert sweep(at=AT + 30 * DAY - timedelta(minutes=4)) == 0
    assert SweepMark.objects.get().swept_to == AT + 30 * DAY


def test_a_rollout_on_a_date_is_told_to_everybody_it_moves() -> None:
    world = catalog()
    held = [account(key) for key in ("one", "two")]
    for each in held:
        subscribed(each, world.team)
    SweepMark.objects.create(swept_to=AT)
    publish_plan(world.team, {world.storage: 200 * GB}, at=AT + DAY, audience=Audience.NOW)
    sweep(at=AT + 2 * DAY)
    work_off(at=AT + 2 * DAY)
    changed = EntitlementChange.objects.filter(feature_key="storage", effective_at=AT + DAY)
    assert {row.account.key for row in changed} == {"one", "two"}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.integers(0, 30 * 24 * 60), max_size=6))
def test_any_rhythm_of_sweeps_tells_the_same(acme: Account, stops: list[int]) -> None:
    """Hourly, missed for days, twice at once, or with a clock that jumps back: every boundary is told exactly once."""
    sweep(at=AT + 30 * DAY)
    expected = told()
    _forget()
    for minutes in stops:
        sweep(at=AT + timedelta(minutes=minutes))
    sweep(at=AT + 30 * DAY)
    assert told() == expected
    _forget()


def _forget() -> None:
    """Empty the report, past its trigger, so that the next rhythm starts afresh."""
    from django.db import connection

    from journal import triggers

    with triggers.suspended(connection):
        EntitlementChange.objects.filter(effective_at__gt=AT).delete()
    Notice.objects.all().delete()
    SweepMark.objects.update(swept_to=AT)
