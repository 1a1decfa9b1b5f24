"""Whatever is told, in whatever order and however often: in the end there is what was told last, and nothing is left to do."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from desk.domain.crm.told import Deal, DealLine, DealState
from desk.models import CrmFinding
from entitlements.models import ContractLine, Override
from journal.actions import approvals
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, TODAY, asked, crm, deal, hear, holds, line, row_of
from tests.entitlements.world import DAY

STATES = (DealState.WON, DealState.WON, DealState.WON, DealState.OPEN, DealState.LOST, DealState.GONE)


@st.composite
def lines(draw: st.DrawFn) -> tuple[DealLine, ...]:
    ids = draw(st.lists(st.sampled_from(["l1", "l2", "l3"]), max_size=3, unique=True))
    return tuple(line(id, draw(st.sampled_from(["TEAM", "TEAM", "FEE"])), str(draw(st.integers(1, 4)))) for id in ids)


@st.composite
def sayings(draw: st.DrawFn) -> list[Deal]:
    told = st.builds(
        lambda sold, state, day: deal(*sold, state=state, closed_on=TODAY + timedelta(days=day)),
        lines(), st.sampled_from(STATES), st.sampled_from([0, 0, 0, -3, 5]),
    )  # fmt: skip
    return [
        replace(one, changed_at=AT + place * MINUTE)
        for place, one in enumerate(draw(st.lists(told, min_size=1, max_size=5)))
    ]


def owed(said: Deal) -> list[str]:
    won = said.state is DealState.WON
    return sorted(f"{one.quantity} × team" for one in said.lines if won and one.product == "TEAM")


@pytest.mark.django_db
class TestAnyOrder(TestCase):
    @given(sayings(), st.integers(0, 2**32 - 1))
    def test_the_later_asked_for_wins_and_a_second_look_writes_nothing(self, said: list[Deal], seed: int) -> None:
        note(f"seed {seed}")
        world = crm()
        looks = [(asked(world, one), one) for one in said]
        heard = looks + random.Random(seed).choices(looks, k=3)
        random.Random(seed).shuffle(heard)
        for place, (ticket, one) in enumerate(heard):
            hear(world, one, ticket=ticket, at=AT + place * MINUTE)
        at = AT + 30 * DAY  # those that begin later have begun, and so has what waited for a later first day
        hear(world, said[-1], at=at)
        self._is_held(said[-1], at)
        so_far = AuditEvent.objects.count()
        hear(world, said[-1], at=at)
        assert AuditEvent.objects.count() == so_far

    @given(sayings())
    def test_one_after_the_other_each_is_held(self, said: list[Deal]) -> None:
        world = crm()
        for place, one in enumerate(said):
            at = AT + place * MINUTE
            before = holds(at)
            hear(world, one, at=at)
            waits = CrmFinding.objects.filter(state="open", kind="refused", about="first day").exists()
            if waits:
                assert holds(at) == before != []
            else:
                self._is_held(one, AT + 30 * DAY)

    def _is_held(self, said: Deal, at: datetime) -> None:
        assert not CrmFinding.objects.filter(state="open").exists()
        assert sorted(holds(at)) == owed(said)
        assert bool(row_of().agreed) == bool(owed(said))


@st.composite
def decisions(draw: st.DrawFn) -> list[tuple[int, DealState, str]]:
    """So many seats, in which state, and what somebody says of what waits."""
    said = st.tuples(st.integers(1, 4), st.sampled_from(STATES[:4]), st.sampled_from(["approve", "reject", "wait"]))
    return draw(st.lists(said, min_size=1, max_size=5))


@pytest.mark.django_db
class TestWhateverIsDecided(TestCase):
    @given(decisions())
    def test_what_was_approved_last_is_held_and_nothing_is_asked_twice(self, said) -> None:
        world, finance, at = crm(), actor("finance"), AT
        held: int | None = None
        for seats, state, decision in said:
            one = deal(line("l1", "SEATS", "1", Seats=str(seats)), state=state)
            at += MINUTE
            hear(world, one, at=at)
            requests = Approval.objects.count()
            waiting = Approval.objects.filter(state="pending").first()
            if waiting is not None and decision != "wait":
                decide = approvals.approve if decision == "approve" else approvals.reject
                decide(approval=waiting, by=finance, at=at)
            held = _held_after(held, seats, state, waiting is not None and decision == "approve")
            at += MINUTE
            hear(world, one, at=at)
            assert Approval.objects.count() == requests
            assert _seats(at) == held
            assert ContractLine.objects.filter(version__contract=row_of().contract).count() <= 10


def _held_after(held: int | None, seats: int, state: DealState, approved: bool) -> int | None:
    if state is not DealState.WON:
        return None
    return seats if approved else held


def _seats(at):  # type: ignore[no-untyped-def]
    rows = Override.objects.filter(state="approved", revoked_at__isnull=True)
    live = [row for row in rows if row.starts_at <= at and (row.ends_at is None or row.ends_at > at)]
    assert len(live) <= 1
    return live[0].amount if live else None
