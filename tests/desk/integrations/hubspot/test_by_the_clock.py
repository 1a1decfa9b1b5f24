"""HubSpot asked by the clock: everything at first, then what changed, for a few calls; and what a worker's end leaves."""

from datetime import timedelta

import pytest

from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.told import DealState
from desk.integrations.crm.running import run_flow
from desk.integrations.hubspot import searching
from desk.models import CrmCompany, CrmDeal, CrmFlow
from tests.entitlements.world import AT


@pytest.fixture
def on(portal, clock):
    for flow in (Flow.COMPANIES, Flow.DEALS):
        CrmFlow.objects.create(connection=portal.connection, flow=flow, state=FlowState.ACTIVE)
    portal.clock = clock
    return portal


def run(portal, flow, **more):
    assert run_flow(portal.connection, flow, clock=lambda: portal.now, **more)
    row = CrmFlow.objects.get(flow=flow)
    assert row.trouble == ""
    return row


def later(portal, **by):
    """Both clocks go on."""
    portal.fake.advance(seconds=timedelta(**by).total_seconds())
    portal.clock.move_to(portal.now)


def settled(portal):
    """What is younger than half a minute may not all be there yet, and is left to the next look."""
    later(portal, minutes=1)


def test_everything_is_read_at_first_then_only_what_changed(on):
    deals = [on.sold({"name": "Team", "quantity": place + 1}) for place in range(5)]
    settled(on)
    run(on, Flow.DEALS)
    assert CrmDeal.objects.filter(state=DealState.WON).count() == 5
    looked = dict(CrmDeal.objects.values_list("external_id", "asked"))
    on.fake.edit(deals[2], dealstage="contractsent")
    settled(on)
    run(on, Flow.DEALS)
    assert CrmDeal.objects.get(state=DealState.OPEN).external_id == deals[2].id
    again = {key for key, asked in CrmDeal.objects.values_list("external_id", "asked") if asked > looked[key]}
    assert again == {deals[2].id}


def test_a_line_that_changes_is_found_though_its_deal_says_nothing(on):
    deal = on.sold({"name": "Team", "quantity": 3})
    settled(on)
    run(on, Flow.DEALS)
    on.fake.edit(on.fake.state.alive("0-8")[0], quantity=5)
    settled(on)
    run(on, Flow.DEALS)
    assert [one["quantity"] for one in CrmDeal.objects.get(external_id=deal.id).told["lines"]] == ["5"]


def test_a_reading_that_was_ended_goes_on_where_it_was(on, monkeypatch):
    monkeypatch.setattr(searching, "PAGE", 20)
    for place in range(50):
        on.fake.add("companies", name=f"C{place}")
    settled(on)
    pages = iter([False, False, True])
    run(on, Flow.COMPANIES, enough=lambda: next(pages, True))
    assert 0 < CrmCompany.objects.count() < 50
    for _ in range(2):
        later(on, seconds=30)
        run(on, Flow.COMPANIES)
    assert CrmCompany.objects.filter(told_at__isnull=False).count() == 50
    assert set(CrmCompany.objects.values_list("asked", flat=True)) == {1}, "nobody twice"


def test_what_the_index_learns_late_is_found_all_the_same(on):
    on.fake.settings.index_lag = 60
    early = on.fake.add("companies", name="Late in the index")
    later(on, seconds=45)
    run(on, Flow.COMPANIES)
    assert not CrmCompany.objects.exists()
    later(on, seconds=45)
    run(on, Flow.COMPANIES)
    assert CrmCompany.objects.get().external_id == early.id


def test_a_look_at_a_quiet_portal_costs_a_few_calls(on):
    on.sold({"name": "Team"})
    settled(on)
    for flow in (Flow.COMPANIES, Flow.DEALS):
        run(on, flow)
        later(on, minutes=20)
        run(on, flow)
        later(on, seconds=30)
        before = len(on.fake.requests)
        run(on, flow)
        assert len(on.fake.requests) - before <= 4


def test_hubspots_clock_counts_and_not_ours(on):
    on.fake.skew(-120)
    on.fake.add("companies", name="Halden")
    on.fake.advance(seconds=60)
    on.clock.move_to(AT + timedelta(seconds=60))
    run(on, Flow.COMPANIES)
    assert CrmCompany.objects.get().name == "Halden"
