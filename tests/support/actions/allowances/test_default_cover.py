"""A customer who holds no support tier and has prepaid help left is served by the tier that it gives by itself."""

import pytest

from support.domain.cover_terms import AtZero, Counts
from support.models import Allowance
from tests.entitlements.factories import AccountFactory
from tests.support import time_world
from tests.support.casework import holder, tier_feature
from tests.support.counting_world import AT, HOUR, MINUTE, a_case, held, incidents, left, promised, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare():
    promised("standard", "priority")
    tier_feature()
    return AccountFactory(key="bare", name="Bare")


def hours(**rule) -> Allowance:
    allowance = time_world.hours(**rule)
    allowance.default_tier = "standard"
    return time_world.keep(allowance, deed=time_world.begin(by=time_world.SYSTEM, at=time_world.EPOCH))


def test_prepaid_hours_cover_by_themselves_while_some_are_left(bare):
    allowance = hours()
    time_world.sold(bare, allowance, 60)
    case = a_case(bare)
    promise = case.promises.last()
    assert (case.tier, promise.covered_by, promise.cover_name) == (
        "standard",
        f"balance:{allowance.pk}",
        "Support hours",
    )
    assert held(case) == []  # hours count by the time that is entered
    time_world.entered(case, 60, at=AT + HOUR)
    assert a_case(bare, at=AT + 2 * HOUR).tier == ""


def test_prepaid_incidents_cover_by_themselves_and_count(bare):
    pack = incidents(default_tier="standard")
    sold(bare, pack, 1)
    first, second = a_case(bare), a_case(bare, at=AT + MINUTE)
    assert (first.tier, first.promises.last().covered_by, len(held(first))) == ("standard", f"balance:{pack.pk}", 1)
    assert (second.tier, second.promises.last().covered_by, held(second)) == ("", "", [])
    assert left(bare, pack) == 0


def test_what_covers_by_itself_ends_at_zero_also_where_it_may_be_overdrawn(bare):
    pack = incidents(default_tier="standard", at_zero=AtZero.OVERDRAW)
    sold(bare, pack, 1)
    assert [a_case(bare, at=AT + n * MINUTE).tier for n in range(2)] == ["standard", ""]
    assert left(bare, pack) == 0


def test_a_better_tier_that_is_held_decides(bare):
    acme = holder("acme", "priority")
    pack = incidents(default_tier="standard")
    sold(acme, pack, 5)
    case = a_case(acme)
    assert (case.tier, case.promises.last().covered_by) == ("priority", "tier")
    assert left(acme, pack) == 4  # what the account holds counts on its incidents


def test_retired_it_covers_nobody(bare):
    pack = incidents(default_tier="standard", retired_at=AT - HOUR)
    sold(bare, pack, 5)
    case = a_case(bare)
    assert (case.tier, left(bare, pack)) == ("", 5)
    assert pack.counts == Counts.CASES
