"""Visits planned ahead: once each, whatever the order of runs, and never more than is included."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entitlements.models import Account
from journal.models import AuditEvent
from support.actions.work.planning import NOT_OWED, miss_overdue, plan_account, plan_ahead, plan_visits
from support.actions.work.visits import cancel, complete, schedule
from support.domain.cover_terms import VisitState
from support.models import Cover, Visit
from tests.conftest import AT, EXAMPLES, actor
from tests.entitlements.factories import AccountFactory
from tests.support.factories import CoverFactory
from tests.support.worked import JANUARY, NEXT_YEAR, a_pump, maintained, narrowed
from tests.support.world import kept

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


def days(of: Any) -> list[tuple[int, date, date, str]]:
    rows = Visit.objects.filter(**of) if isinstance(of, dict) else Visit.objects.filter(cover=of)
    return list(rows.order_by("from_on", "number").values_list("number", "from_on", "through_on", "state"))


def ended(cover: Cover, at: datetime) -> Cover:
    cover.ends_at = at
    kept(cover)
    return cover


def test_they_are_planned_once(acme: Account) -> None:
    cover = maintained(acme)
    assert plan_visits(cover, at=AT) == 2
    assert plan_visits(cover, at=AT) == 0
    assert days(cover) == [
        (1, date(2026, 1, 1), date(2026, 7, 1), "planned"),
        (2, date(2026, 7, 2), date(2026, 12, 31), "planned"),
    ]
    assert AuditEvent.objects.get(verb="visit:plan").changes == {"planned": [None, 2]}


def test_ahead_is_400_days_and_goes_on(acme: Account) -> None:
    cover = maintained(acme, ends_at=None)
    plan_visits(cover, at=AT)
    assert [first for _number, first, *_ in days(cover)] == [
        date(2026, 1, 1), date(2026, 7, 2), date(2027, 1, 1),
    ]  # fmt: skip
    plan_visits(cover, at=AT + 120 * DAY)
    assert len(days(cover)) == 4


def test_the_device_is_named_where_there_is_one_alone(acme: Account) -> None:
    pump = a_pump(acme)
    plan_visits(narrowed(maintained(acme), pump), at=AT)
    assert set(Visit.objects.values_list("asset", flat=True)) == {pump.pk}


def test_a_cover_that_ends_cancels_what_is_after_it(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    assert plan_visits(ended(cover, AT + 60 * DAY), at=AT) == 2
    assert days(cover) == [
        (1, date(2026, 1, 1), date(2026, 5, 1), "planned"),
        (2, date(2026, 7, 2), date(2026, 12, 31), "cancelled"),
    ]
    assert Visit.objects.get(number=2).note == NOT_OWED
    plan_visits(ended(cover, NEXT_YEAR), at=AT)
    assert [state for *_, state in days(cover)] == ["planned", "planned"]


def test_what_somebody_cancelled_stays_so(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    cancel(visit=Visit.objects.get(number=2), reason="Not wanted.", by=actor("support"), at=AT)
    assert plan_visits(cover, at=AT) == 0


def test_an_amendment_plans_nothing_twice(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    schedule(visit=Visit.objects.get(number=1), scheduled_for=AT + DAY, by=actor("support"), at=AT)
    change = AT + 10 * DAY
    CoverFactory(account=acme, follows=ended(cover, change), starts_at=change, ends_at=NEXT_YEAR, visits_a_year=2)
    plan_visits(cover, at=AT)
    told = days({"account": acme, "state__in": ["planned", "scheduled"]})
    assert [first for _number, first, *_ in told] == [date(2026, 1, 1), date(2026, 7, 2)]
    assert [state for *_, state in told] == ["scheduled", "planned"]
    assert not Visit.objects.filter(state="cancelled").exists()


def test_an_appointment_goes_along_with_an_amendment(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    when = datetime(2026, 8, 3, 9, tzinfo=UTC)
    schedule(visit=Visit.objects.get(number=2), scheduled_for=when, technician="Suki", by=actor("support"), at=AT)
    change = AT + 10 * DAY
    following = CoverFactory(
        account=acme, follows=ended(cover, change), starts_at=change, ends_at=NEXT_YEAR, visits_a_year=4
    )
    plan_visits(cover, at=AT)
    moved = Visit.objects.get(scheduled_for=when)
    assert (moved.cover, moved.from_on, moved.technician, moved.state) == (
        following, date(2026, 7, 2), "Suki", "scheduled",
    )  # fmt: skip


def test_the_overdue_is_missed_once(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    last_moment = datetime(2026, 7, 1, 23, 59, tzinfo=UTC)
    assert miss_overdue(at=last_moment) == 0
    assert miss_overdue(at=last_moment + timedelta(minutes=1)) == 1
    assert miss_overdue(at=last_moment + DAY) == 0
    assert AuditEvent.objects.filter(verb="visit:miss").count() == 1


def test_an_appointment_to_come_is_waited_for(acme: Account) -> None:
    plan_visits(maintained(acme), at=AT)
    visit = Visit.objects.get(number=1)
    schedule(visit=visit, scheduled_for=datetime(2026, 7, 5, 9, tzinfo=UTC), by=actor("support"), at=AT)
    assert miss_overdue(at=datetime(2026, 7, 5, 12, tzinfo=UTC)) == 0
    assert miss_overdue(at=datetime(2026, 7, 6, 0, tzinfo=UTC)) == 1


def test_the_daily_run_plans_every_account(acme: Account) -> None:
    maintained(acme)
    maintained(AccountFactory())
    assert plan_ahead(at=AT) == 4
    assert plan_ahead(at=AT) == 0
    assert plan_ahead(at=datetime(2026, 7, 3, tzinfo=UTC)) == 2  # the first of each is missed
    assert plan_ahead(at=AT, enough=lambda: True) == 0


@settings(max_examples=max(1, EXAMPLES // 2))
@given(
    moments=st.lists(st.integers(0, 700), min_size=3, max_size=3, unique=True),
    a_year=st.integers(1, 4),
    change=st.integers(20, 330),
    more=st.integers(0, 4),
)
def test_any_order_of_runs_ends_the_same(moments: list[int], a_year: int, change: int, more: int) -> None:
    ends = []
    for number, order in enumerate(permutations(moments)):
        account = AccountFactory(zone="UTC")
        at = JANUARY + change * DAY
        first = maintained(account, visits_a_year=a_year, ends_at=at)
        CoverFactory(account=account, follows=first, starts_at=at, ends_at=None, visits_a_year=more)
        for day in order:
            plan_account(account, at=JANUARY + day * DAY)
        told = days({"account": account, "state": "planned"})
        assert len({row[1] for row in told}) == len(told)
        ends.append(sorted(row[1:] for row in told))
        assert ends[number] == ends[0]


@settings(max_examples=max(1, EXAMPLES // 2))
@given(st.lists(st.sampled_from(["plan", "done", "end", "again", "next"]), min_size=1, max_size=8), st.integers(1, 3))
def test_done_is_never_more_than_included(steps: list[str], a_year: int) -> None:
    account, by, now = AccountFactory(zone="UTC"), actor("support"), AT
    cover = maintained(account, visits_a_year=a_year)
    for step in steps:
        if step == "next":
            now += 45 * DAY
        elif step == "end":
            ended(cover, min(NEXT_YEAR, now + 5 * DAY))
        elif step == "again":
            ended(cover, NEXT_YEAR)
        elif step == "done" and now < cover.ends_at:
            for visit in Visit.objects.filter(account=account, state="planned")[:1]:
                complete(visit=visit, by=by, at=now)
        plan_visits(Cover.objects.get(pk=cover.pk), at=now)
    assert Visit.objects.filter(account=account, state=VisitState.DONE).count() <= a_year
    assert Visit.objects.filter(account=account).exclude(state=VisitState.CANCELLED).count() <= a_year
