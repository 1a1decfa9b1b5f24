from datetime import timedelta

import pytest

from journal.domain.actor import SYSTEM
from support.actions.assets.moving import move_asset
from support.actions.assets.replacing import replace_asset
from support.domain.cover_terms import VisitState
from support.queries.assets.service import replacements, service_history
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import press, registered
from tests.support.factories import CaseFactory, CoverFactory, VisitFactory, WorkItemFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme")


def test_the_life_of_a_device_is_told_across_its_owners(acme, at):
    beta = AccountFactory(name="Beta", key="beta")
    asset = registered(acme, press())
    CaseFactory(account=acme, asset=asset, subject="It squeaks", opened_at=at)
    cover = CoverFactory(account=acme, name="Maintenance")
    VisitFactory(
        cover=cover,
        account=acme,
        asset=asset,
        state=VisitState.DONE,
        settled_at=at + DAY,
        settled_by="Bea",
        note="Oiled",
    )
    VisitFactory(cover=cover, account=acme, asset=asset, number=2)  # still to come: not of its past
    asset = move_asset(asset=asset, account=beta, reason="Sold", moved_at=at + 2 * DAY, by=SYSTEM, at=at + 9 * DAY)
    WorkItemFactory(account=beta, asset=asset, description="New belt", done_at=at + 3 * DAY)
    told = [(one.kind.value, one.account.name) for one in service_history(asset)]
    assert told == [("work", "Beta"), ("move", "Beta"), ("visit", "Acme"), ("case", "Acme"), ("registered", "Acme")]
    assert "It squeaks" in service_history(asset)[3].words
    assert service_history(asset)[2].further == "Oiled"


def test_a_chain_of_replacements_is_read_both_ways(acme, at):
    first = registered(acme, press(), "P-1")
    second = replace_asset(asset=first, serial="P-2", reason="Broken", by=SYSTEM, at=at)
    third = replace_asset(asset=second, serial="P-3", reason="Broken", by=SYSTEM, at=at + DAY)
    assert replacements(second).before == (first,)
    assert replacements(second).after == (third,)
    assert replacements(third).before == (second, first)
    assert replacements(first).after == (second, third)
    second.refresh_from_db()
    assert [one.kind.value for one in service_history(second)] == ["retired", "replaced"]
    assert service_history(second)[1].words == "Took the place of P-1"


def test_a_long_life_is_read_in_as_many_reads_as_a_short_one(acme, at, django_assert_max_num_queries):
    asset = registered(acme, press())
    for number in range(12):
        CaseFactory(account=acme, asset=asset, opened_at=at)
        WorkItemFactory(account=acme, asset=asset, description=f"Part {number}")
    with django_assert_max_num_queries(6):
        assert len(service_history(asset)) == 25
