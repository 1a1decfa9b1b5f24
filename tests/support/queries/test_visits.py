"""What a cover's year has left of visits, and the plan as a list."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from entitlements.models import Account
from support.actions.work.planning import plan_account, plan_visits
from support.actions.work.visits import complete, miss, schedule
from support.domain.cover_terms import VisitState
from support.models import Cover
from support.queries.visits import (
    WantedVisits,
    holds_in,
    late_number,
    listed_visits,
    open_visits_of,
    technicians,
    visits_due_on,
    visits_left,
)
from tests.conftest import AT, actor
from tests.entitlements.factories import AccountFactory, ContractFactory, ContractVersionFactory
from tests.support.factories import AssetFactory, CoverFactory
from tests.support.worked import JANUARY, NEXT_YEAR, a_pump, maintained, narrowed

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


@pytest.fixture
def cover(acme: Account) -> Cover:
    cover = maintained(acme, ends_at=None)
    plan_visits(cover, at=AT)
    return cover


def test_a_year_counts_what_was_done_missed_and_is_left(acme: Account, cover: Cover) -> None:
    by = actor("support")
    (before,) = visits_left(acme, at=AT)
    assert (before.included, before.left, before.words) == (2, 2, "2 of 2 visits left this year")
    complete(visit=cover.visits.get(number=1), by=by, at=AT)
    (after,) = visits_left(cover, at=AT)
    assert (after.done, after.left, after.next.number) == (1, 1, 2)
    miss(visit=cover.visits.get(number=2), reason="Nobody there.", by=by, at=AUGUST)
    (missed,) = visits_left(acme, at=AUGUST)
    assert (missed.missed, missed.left, missed.late) == (1, 0, False)


def test_a_new_year_begins_with_its_first_day(acme: Account, cover: Cover) -> None:
    complete(visit=cover.visits.get(number=1), by=actor("support"), at=AT)
    plan_visits(cover, at=NEXT_YEAR)
    (line,) = visits_left(acme, at=NEXT_YEAR)
    assert (line.included, line.done, line.left) == (2, 0, 2)
    assert line.late  # the second of the year before is still open


def test_an_amendment_counts_on(acme: Account) -> None:
    first = maintained(acme, ends_at=AT)
    complete_first = CoverFactory(account=acme, follows=first, starts_at=AT, ends_at=NEXT_YEAR, visits_a_year=2)
    plan_account(acme, at=AT - DAY)
    complete(visit=first.visits.get(), by=actor("support"), at=AT - DAY)
    (line,) = visits_left(acme, at=AT + DAY)
    assert (line.cover, line.included, line.done, line.left) == (complete_first, 2, 1, 1)


def test_covers_that_ended_or_include_none_are_left_out(acme: Account) -> None:
    maintained(acme, ends_at=AT)
    maintained(acme, visits_a_year=0)
    assert visits_left(acme, at=AT) == []


def test_visits_may_take_place_while_the_cover_goes_on(acme: Account) -> None:
    first = maintained(acme)
    assert holds_in(first).end == NEXT_YEAR
    second = maintained(acme, follows=first, starts_at=NEXT_YEAR, ends_at=NEXT_YEAR + 365 * DAY)
    assert holds_in(first).end == second.ends_at
    maintained(acme, follows=second, starts_at=NEXT_YEAR + 400 * DAY, ends_at=None)
    assert holds_in(first).end == second.ends_at  # there is a gap


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"state": VisitState.SCHEDULED}, [1]),
        ({"technician": "Suki"}, [1]),
        ({"technician": "-"}, [2, 3]),
        ({"from_on": date(2026, 8, 1), "through_on": date(2026, 8, 31)}, [2]),
        ({"late": True}, [1]),
    ],
)
def test_the_plan_is_narrowed(acme: Account, cover: Cover, wanted: dict[str, Any], numbers: list[int]) -> None:
    schedule(visit=cover.visits.get(number=1), scheduled_for=AT + DAY, technician="Suki", by=actor("support"), at=AT)
    found = listed_visits(WantedVisits(account=acme, **wanted), today=date(2026, 7, 2))
    assert [visit.number for visit in found] == numbers
    assert technicians() == ["Suki"]
    assert late_number(today=date(2026, 7, 2)) == 1


def test_what_is_due_on_a_device(acme: Account, cover: Cover) -> None:
    pump, other = a_pump(acme), AssetFactory(account=acme)
    assert len(visits_due_on(pump)) == 3
    assert len(open_visits_of(acme, limit=2)) == 2
    narrowed(cover, other)
    assert visits_due_on(pump) == []
    assert len(visits_due_on(other)) == 3


def test_the_number_of_reads_does_not_grow(
    acme: Account, cover: Cover, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        visits_left(acme, at=AT)
    for _ in range(4):
        plan_visits(maintained(acme), at=AT)
    with django_assert_num_queries(3):
        visits_left(acme, at=AT)


def test_no_longer_than_the_contract_and_not_before_it_is_signed(acme: Account) -> None:
    contract = ContractFactory(account=acme)
    cover = maintained(acme, contract=contract)
    plan_account(acme, at=AT)
    assert visits_left(acme, at=AT) == []
    assert not cover.visits.exists()
    ContractVersionFactory(
        contract=contract,
        state="signed",
        effective_at=JANUARY,
        term_starts_at=JANUARY,
        signed_at=JANUARY,
        signed_by="Sal Sales",
    )
    plan_account(acme, at=AT)
    assert [line.left for line in visits_left(acme, at=AT)] == [2]


def test_a_cover_that_was_written_down_late_is_counted_by_its_own_year() -> None:
    """What was over when it was recorded isn't planned; the year doesn't begin with the first visit that is."""
    acme, told = AccountFactory(key="late", zone="UTC"), datetime(2026, 8, 1, 9, tzinfo=UTC)
    cover = maintained(acme, recorded_at=told, ends_at=None, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    plan_visits(cover, at=told)
    assert [left.left for left in visits_left(cover, at=told)] == [1]
    assert [left.left for left in visits_left(acme, at=datetime(2027, 1, 2, tzinfo=UTC))] == [2]
