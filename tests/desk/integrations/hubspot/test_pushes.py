"""What HubSpot tells is proved, stored and looked at within the moment: deals by their lines too, merges from all sides."""

import pytest

from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from journal.domain.arrival import ArrivalState


@pytest.fixture
def on(portal):
    for flow in (Flow.COMPANIES, Flow.DEALS):
        CrmFlow.objects.create(connection=portal.connection, flow=flow, state=FlowState.ACTIVE)
    portal.listen()
    return portal


def states(arrivals):
    return {row.state for row in arrivals}


def deal_of(row):
    return CrmDeal.objects.get(external_id=row.id)


def last_look(row):
    return deal_of(row).asked


def test_a_company_that_changes_is_looked_at(on):
    company = on.fake.add("companies", name="Halden", domain="halden.example")
    assert states(on.deliver()) == {ArrivalState.DONE}
    on.fake.edit(company, name="Halden Robotics")
    on.deliver()
    assert CrmCompany.objects.get(external_id=company.id).name == "Halden Robotics"


def test_a_deal_that_is_won_is_looked_at_once_for_all_that_was_told(on):
    deal = on.sold({"name": "Team", "quantity": 3}, stage="contractsent")
    on.deliver()
    looks = last_look(deal)
    on.fake.edit(deal, dealstage="closedwon", amount=900)
    arrivals = on.deliver()
    assert states(arrivals) == {ArrivalState.DONE}
    assert (deal_of(deal).state, last_look(deal)) == (DealState.WON, looks + 1)


def test_a_line_that_changes_has_its_deal_looked_at(on):
    deal = on.sold({"name": "Team", "quantity": 3})
    on.deliver()
    [line] = on.fake.state.alive("0-8")
    on.fake.edit(line, quantity=5)
    on.deliver()
    assert [one["quantity"] for one in deal_of(deal).told["lines"]] == ["5"]


def test_a_line_that_was_deleted_has_the_deal_looked_at_that_was_read_with_it(on):
    deal = on.sold({"name": "Team", "quantity": 3}, {"name": "Setup", "quantity": 1})
    on.deliver()
    on.fake.delete(on.fake.state.alive("0-8")[0])
    assert states(on.deliver()) == {ArrivalState.DONE}
    assert [one["name"] for one in deal_of(deal).told["lines"]] == ["Setup"]


def test_a_line_of_no_deal_is_nobodys(on):
    on.fake.delete(on.fake.add("line_items", name="Loose"))
    assert [row.outcome for row in on.deliver()] == ["The line belongs to no deal."]


def test_a_deal_that_was_deleted_is_gone_and_comes_back(on):
    deal = on.sold()
    on.deliver()
    on.fake.delete(deal)
    on.deliver()
    assert deal_of(deal).state == DealState.GONE
    on.fake.restore(deal)
    on.deliver()
    assert deal_of(deal).state == DealState.WON


def test_of_a_merge_all_sides_are_looked_at(on):
    one, other = on.sold(), on.sold()
    on.deliver()
    left = on.fake.merge(one, other)
    on.deliver()
    assert [deal_of(row).state for row in (one, other, left)] == [DealState.GONE, DealState.GONE, DealState.WON]


@pytest.mark.parametrize("beside", [[], ["deal.propertyChange", "deal.creation"]])
def test_a_merge_tells_of_all_sides_whatever_else_is_told_of_the_one_that_is_left(on, beside):
    one, other = on.sold(), on.sold()
    on.deliver()
    left = on.fake.merge(one, other)
    told = on.fake.notices[on.sent :]
    on.fake.notices[on.sent :] = [
        *(row for row in told if row.type in beside and row.event["objectId"] == int(left.id)),
        *(row for row in told if row.type == "deal.merge"),
    ]
    assert states(on.deliver()) == {ArrivalState.DONE}
    assert [deal_of(row).state for row in (one, other, left)] == [DealState.GONE, DealState.GONE, DealState.WON]


def test_a_deal_of_another_company_is_looked_at_with_it(on):
    deal = on.sold()
    on.deliver()
    other = on.fake.add("companies", name="Reseller")
    on.fake.relate(deal, other, 5)
    on.deliver()
    assert deal_of(deal).company_id_there == other.id


def test_what_is_said_twice_is_stored_once(on):
    on.fake.add("companies", name="Halden")
    stored = len(on.deliver())
    on.sent = 0
    assert len(on.deliver()) == stored


def test_what_is_about_nothing_here_is_done_with_a_word(on):
    on.listen("object.creation@contacts")
    on.fake.add("contacts", email="ada@halden.example")
    assert [row.outcome for row in on.deliver()] == [
        "It is about no company, deal or line of one, so there is nothing to look at."
    ]


def test_whoever_signs_otherwise_or_tells_of_another_portal_is_refused(on):
    on.fake.add("companies", name="Halden")
    event = on.fake.notices[0].event
    assert on.post(event, secret="another") == 400
    assert on.post(event, at=on.fake.now - 3600_000) == 400
    assert on.post(event, at=on.fake.now + 3600_000) == 400
    assert on.post(event | {"portalId": 7}) == 400
    assert on.post(event) == 200


def test_while_hubspot_cannot_answer_what_was_told_waits(on):
    on.fake.add("companies", name="Halden")
    on.fake.inject("503", next=None)
    arrivals = on.deliver()
    assert states(arrivals) == {ArrivalState.WAITING}
    assert {row.attempts for row in arrivals} == {0}, "it counts as no try"


def test_a_flow_that_is_not_on_is_left_alone(portal):
    portal.listen()
    portal.sold()
    assert all("is not switched on here" in row.outcome for row in portal.deliver() if "deal" in row.subject)
    assert not CrmDeal.objects.exists()
