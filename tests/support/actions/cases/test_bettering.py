"""A better tier reaches the cases that are open; a lesser one, or one that would be slower somewhere, never does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entitlements.actions.sweep import sweep
from entitlements.models import Account, EntitlementChange, SweepMark
from journal.models import AuditEvent
from support.actions.cases import bettering
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.bettering import better_tiers, ranks_of_tiers
from support.domain.case_events import CaseState, EventKind
from support.models import Case, Clock
from support.tasks import better
from tests.support.alarms import alarmed, alerts, case_of, in_force, promise
from tests.support.casework import happened, holder, hour
from tests.support.world import START, TIERS, lend_tier

pytestmark = pytest.mark.django_db
LOOK = hour(1)


@pytest.fixture
def acme() -> Account:
    """It holds `standard`: first responses within 30, 120 and 240 minutes. `priority` promises half of it."""
    account = alarmed([])
    in_force(promise({"first_response": (15, 60, 120)}, tier="priority"))
    SweepMark.objects.create(swept_to=START)
    return account


def lent(account: Account, tier: str, *, at: datetime, swept: datetime = LOOK) -> None:
    """Another tier from then on, of which the sweep has told."""
    lend_tier(account, tier, starts_at=at, ends_at=hour(500))
    sweep(at=swept)


def due(case: Case) -> datetime | None:
    return Clock.objects.get(case=case, milestone="first_response").due_at


def test_a_better_tier_bought_meanwhile_counts_from_the_original_start(acme: Account) -> None:
    case = case_of(acme)
    lent(acme, "priority", at=hour(0.5))
    assert better_tiers(at=LOOK - timedelta(minutes=10)) == 1
    case.refresh_from_db()
    assert (case.tier, due(case)) == ("priority", hour(1))
    assert AuditEvent.objects.get(verb="case:better_tier").changes["tier"] == ["standard", "priority"]
    assert better_tiers(at=LOOK) == 0


def test_it_may_be_late_by_it_at_once_and_that_is_told(acme: Account) -> None:
    case = case_of(acme)
    lent(acme, "priority", at=hour(1.25), swept=hour(1.5))
    better_tiers(at=hour(1.5))
    tell_alerts(at=hour(1.6))
    assert alerts(case) == [("breach", 1.5, ["frontline@desk.example", "ana@desk.example"])]


def test_a_lesser_tier_or_an_end_takes_nothing(acme: Account) -> None:
    case = case_of(acme)
    lent(acme, "email", at=hour(0.5))
    assert EntitlementChange.objects.filter(feature_key="support_tier").exists()
    assert better_tiers(at=LOOK) == 0
    case.refresh_from_db()
    assert (case.tier, case.promises.count(), due(case)) == ("standard", 1, hour(2))


def test_a_better_tier_that_would_be_slower_waits_until_it_isn_t(acme: Account) -> None:
    """`priority_plus` promises more, but answers low severities later."""
    in_force(promise({"first_response": (15, 60, 300), "resolution": (60, 60, 600)}, tier="priority_plus"))
    case = case_of(acme, severity="low")
    lent(acme, "priority_plus", at=hour(0.5))
    assert better_tiers(at=LOOK) == 0
    assert due(case) == hour(4)
    happened(case, EventKind.PUBLIC_REPLY, hour(2))
    assert better_tiers(at=hour(12)) == 1
    assert Clock.objects.get(case=case, milestone="resolution").due_at == hour(10)


def test_cases_that_are_over_or_of_nobody_are_left_alone(acme: Account) -> None:
    over = case_of(acme)
    happened(over, EventKind.STATE, hour(0.2), CaseState.CLOSED)
    nobody = case_of(None)
    lent(acme, "priority", at=hour(0.5))
    assert better_tiers(at=LOOK) == 0
    assert {over.promises.count(), nobody.promises.count()} == {1}


def test_who_had_no_cover_and_bought_some_is_promised_something(acme: Account) -> None:
    bare = holder("bare", tier="community")
    case = case_of(bare)
    assert (case.tier, case.clocks.count()) == ("", 0)
    lent(bare, "standard", at=hour(0.5))
    assert better_tiers(at=LOOK) == 1
    assert due(case) == hour(2)


def test_where_no_tier_changed_nothing_is_resolved(acme: Account, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        case_of(acme)
    with django_assert_max_num_queries(1):
        assert better_tiers(at=LOOK) == 0


def test_one_that_fails_holds_up_no_other(
    acme: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = case_of(acme), case_of(acme)
    lent(acme, "priority", at=hour(0.5))
    whole = bettering.better_case

    def stumbling(case: Case, **more: Any) -> bool:
        if case.pk == bad.pk:
            raise RuntimeError("its wire broke")
        return whole(case, **more)

    monkeypatch.setattr(bettering, "better_case", stumbling)
    assert better_tiers(at=LOOK) == 1
    assert (good.promises.count(), bad.number in caplog.text) == (2, True)


def test_a_run_that_had_enough_leaves_the_rest_to_the_next(acme: Account) -> None:
    for _ in range(3):
        case_of(acme)
    lent(acme, "priority", at=hour(0.5))
    assert better_tiers(at=LOOK, enough=lambda: True) == 1
    assert better_tiers(at=LOOK) == 2


def test_the_task_looks_now(acme: Account) -> None:
    case_of(acme)
    lent(acme, "priority", at=hour(0.5))
    with time_machine.travel(hour(0.9), tick=False):
        assert better() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    severity=st.sampled_from(["urgent", "high", "low"]),
    tiers=st.lists(st.sampled_from([key for key, _ in TIERS]), min_size=1, max_size=3),
    targets=st.lists(st.tuples(*[st.integers(0, 200)] * 6), min_size=3, max_size=3),
)
def test_never_a_lesser_tier_and_never_a_longer_due_time(
    acme: Account, severity: str, tiers: list[str], targets: list[tuple[int, ...]]
) -> None:
    for tier, minutes in zip(("email", "standard", "priority_plus"), targets, strict=True):
        in_force(promise({"first_response": minutes[:3], "resolution": minutes[3:]}, tier=tier), START)
    account = holder(f"held{Account.objects.count()}")
    case, ranks = case_of(account, severity=severity), ranks_of_tiers()
    for number, tier in enumerate(tiers, start=1):
        at = hour(number / 2)
        lent(account, tier, at=at - timedelta(minutes=1), swept=at)
        before, running = case.tier, dues(case, at)
        better_tiers(at=at)
        case.refresh_from_db()
        assert ranks[case.tier] >= ranks[before]
        after = dues(case, at)
        assert all(after[key] <= was for key, was in running.items())


def dues(case: Case, at: datetime) -> dict[tuple[str, int], datetime]:
    rows = Clock.objects.filter(case=case, state="running")
    return {(row.milestone, row.run): row.due_at for row in rows if row.due_at is not None}
