"""Asked by the clock: what changed is found once, whatever pages, clocks and late commits do; a first reading goes on where
it was."""

from datetime import timedelta

import pytest

from desk.actions.crm.flows import pause, resume
from desk.actions.crm.hearing import make_due
from desk.domain.crm.flows import Flow
from desk.domain.crm.watermark import OVERLAP, SETTLING
from desk.integrations.crm.port import Declined, Kind
from desk.integrations.crm.running import run_flow
from desk.models import CrmCompany
from journal.domain.actor import SYSTEM
from tests.desk.flowing import flowing, the
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db
COMPANIES = Flow.COMPANIES


@pytest.fixture
def connection(memory):
    return flowing((COMPANIES,))


def looked_at(memory) -> list[str]:
    """Every company that was asked for since the last time, in order."""
    found = [id for what, ids in memory.asked if what == "companies" for id in ids]
    memory.asked.clear()
    return found


def run(connection, clock) -> None:
    assert run_flow(connection, COMPANIES, clock=clock)


def settled(memory, clock, *ids: str) -> None:
    """Companies that stand there for long enough."""
    for id in ids:
        memory.company(id)
    clock.passes(SETTLING.total_seconds() + 1)


def test_all_there_is_is_read_and_then_only_what_changes(connection, memory, clock):
    settled(memory, clock, "a", "b", "c")
    run(connection, clock)
    assert sorted(looked_at(memory)) == ["a", "b", "c"]
    run(connection, clock)
    assert looked_at(memory) == []
    settled(memory, clock, "b")
    run(connection, clock)
    assert looked_at(memory) == ["b"]
    assert the(connection, COMPANIES).mark_at == memory.companies["b"].changed_at


def test_what_has_not_settled_yet_is_looked_at_and_once_more_when_it_has(connection, memory, clock):
    """A second change within the same moment bears the same stamp."""
    memory.company("a")
    clock.passes(1)
    run(connection, clock)
    assert looked_at(memory) == ["a"]
    clock.passes(SETTLING.total_seconds() + 1)
    for _ in range(3):
        run(connection, clock)
    assert looked_at(memory) == ["a"]


def test_what_changes_again_and_again_is_seen_all_the_same(connection, memory, clock):
    """It bears the stamp of its last change, and never settles."""
    for number in range(5):
        memory.company("a", name=f"Acme {number}")
        clock.passes(SETTLING.total_seconds() - 1)
        run(connection, clock)
        assert looked_at(memory) == ["a"]
        assert CrmCompany.objects.get().name == f"Acme {number}"


@pytest.mark.parametrize("page_size", [1, 2, 3, 4])
def test_pages_may_end_between_equal_stamps(page_size, connection, memory, clock):
    memory.page_size = page_size
    settled(memory, clock, "a", "b", "c", "d", "e")
    run(connection, clock)
    run(connection, clock)
    assert sorted(looked_at(memory)) == ["a", "b", "c", "d", "e"]


def test_what_was_committed_late_is_found_behind_what_was_read(connection, memory, clock):
    memory.company("late", late=OVERLAP - timedelta(seconds=1))
    settled(memory, clock, "a")
    run(connection, clock)
    assert looked_at(memory) == ["a"]
    clock.passes(OVERLAP.total_seconds())
    run(connection, clock)
    assert looked_at(memory) == ["late"]


@pytest.mark.parametrize("skew", [-7200, -40, 40, 7200])
def test_the_crms_clock_counts_and_not_ours(skew, connection, memory, clock):
    memory.skew = timedelta(seconds=skew)
    settled(memory, clock, "a")
    run(connection, clock)
    settled(memory, clock, "b")
    run(connection, clock)
    assert looked_at(memory) == ["a", "b"]


def test_a_clock_that_is_put_back_loses_nothing(connection, memory, clock):
    memory.skew = timedelta(hours=1)
    settled(memory, clock, "a")
    run(connection, clock)
    memory.skew = timedelta(0)
    clock.passes(60)
    run(connection, clock)
    settled(memory, clock, "b")
    run(connection, clock)
    assert looked_at(memory) == ["a", "b"]


def test_a_first_reading_goes_on_where_its_run_ended(connection, memory, clock):
    memory.page_size = 2
    settled(memory, clock, "a", "b", "c", "d", "e")
    ends = iter([False, False, False, False, True])  # before the first page, and after its look
    run_flow(connection, COMPANIES, clock=clock, enough=lambda: next(ends, True))
    row = the(connection, COMPANIES)
    assert (looked_at(memory), row.expected, row.mark_at) == (["a", "b"], 5, None)
    assert row.after
    assert row.next_run_at == clock()
    run(connection, clock)
    assert looked_at(memory) == ["c", "d", "e"]
    assert the(connection, COMPANIES).mark_at is not None


def test_a_reading_that_goes_on_keeps_its_end_and_asks_for_no_page_twice(connection, memory, clock):
    memory.page_size = 2
    settled(memory, clock, "a", "b", "c", "d", "e")
    ends = iter([False, False, False, False, True])
    run_flow(connection, COMPANIES, clock=clock, enough=lambda: next(ends, True))
    clock.passes(60)
    run(connection, clock)
    told = [about for what, about in memory.asked if what == "changed"]
    assert len({until for _, _, until, _ in told}) == 1
    assert len({after for _, _, _, after in told}) == len(told) == 3


def test_what_changes_during_a_long_reading_is_found_by_the_next(connection, memory, clock):
    memory.page_size = 1
    settled(memory, clock, "a", "b")
    ends = iter([False, False, False, False, True])
    run_flow(connection, COMPANIES, clock=clock, enough=lambda: next(ends, True))
    settled(memory, clock, "a", "c")
    clock.passes(3600)
    run(connection, clock)
    run(connection, clock)
    assert looked_at(memory) == ["a", "b", "a", "c"]


def test_a_page_that_is_no_longer_good_begins_the_reading_anew_and_repeats_nothing(connection, memory, clock):
    memory.page_size = 2
    settled(memory, clock, "a", "b", "c")
    ends = iter([False, False, False, False, True])
    run_flow(connection, COMPANIES, clock=clock, enough=lambda: next(ends, True))
    memory.fails("changed", Declined("This page has expired."))
    run(connection, clock)
    assert the(connection, COMPANIES).trouble == "This page has expired."
    run(connection, clock)
    pages = [about[-1] for what, about in memory.asked if what == "changed"]
    assert (pages[0], bool(pages[1]), pages[2]) == ("", True, "")
    assert sorted(looked_at(memory)) == ["a", "b", "c"]
    assert the(connection, COMPANIES).trouble == ""


def test_what_is_due_is_looked_at_though_nobody_says_what_changed(connection, memory, clock):
    settled(memory, clock, "a")
    run(connection, clock)
    looked_at(memory)
    make_due(model=CrmCompany, connection=connection, ids=["a"], at=clock())
    memory.fails("changed", Declined("Not now."))
    run(connection, clock)
    assert looked_at(memory) == ["a"]
    assert the(connection, COMPANIES).trouble == "Not now."


def test_pages_in_a_circle_end_the_run_and_not_the_worker(connection, memory, clock):
    settled(memory, clock, "a")
    page = memory.changed(Kind.COMPANY, since=None, until=clock())
    memory.changed = lambda *_, **__: type(page)(page.hints, "round")
    run(connection, clock)
    assert "the one that it has just told" in the(connection, COMPANIES).trouble


def test_a_paused_flow_goes_on_with_what_changed_meanwhile(connection, memory, clock):
    settled(memory, clock, "a")
    run(connection, clock)
    pause(connection=connection, flow=COMPANIES, reason="Wrong links", by=SYSTEM, at=clock())
    settled(memory, clock, "b")
    assert not run_flow(connection, COMPANIES, clock=clock)
    resume(connection=connection, flow=COMPANIES, by=SYSTEM, at=clock())
    run(connection, clock)
    assert looked_at(memory) == ["a", "b"]


def test_who_is_linked_is_linked_by_the_reading(connection, memory, clock):
    account("acme")
    memory.company("a", own_key="acme")
    clock.passes(60)
    run(connection, clock)
    assert CrmCompany.objects.get().account.key == "acme"
    row = the(connection, COMPANIES)
    assert (row.moved, row.skipped, row.failed) == (1, 0, 0)
    assert row.last_ok_at == clock()
    assert row.next_run_at == clock() + timedelta(seconds=20)


def test_that_the_next_look_comes_within_half_a_minute_of_the_change(connection, memory, clock):
    """A run begins every twenty seconds."""
    run(connection, clock)
    memory.company("a")
    changed = clock()
    clock.at = the(connection, COMPANIES).next_run_at
    run(connection, clock)
    assert looked_at(memory) == ["a"]
    assert clock() - changed < timedelta(seconds=30)
    assert clock() > AT
