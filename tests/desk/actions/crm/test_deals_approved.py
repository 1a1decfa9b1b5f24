"""What is beyond policy waits for somebody, is asked for anew only where the deal says something else, and a no is a no."""

import pytest

from desk.domain.crm.told import DealState
from entitlements.actions.contract_drafts import discard
from entitlements.models import Contract, Override
from entitlements.models.contract import ContractState
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed
from journal.models import Approval, Notice
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, crm, deal, hear, holds, line, open_findings, row_of, verbs
from tests.entitlements.contracts import amended, selling, signed
from tests.entitlements.world import DAY, subscribed, value
from tests.journal.factories import StaffFactory

pytestmark = pytest.mark.django_db


def seats(number, *, team="5"):
    return (line(quantity=team), line("l2", "SEATS", "1", Seats=str(number)))


def pending():
    return Approval.objects.get(state=Approval.State.PENDING)


def approve(at):
    approvals.approve(approval=pending(), by=actor("finance"), at=at)


def reject(at, note="Too much"):
    approvals.reject(approval=pending(), by=actor("finance"), at=at, note=note)


def test_it_waits_and_heard_again_asks_for_nothing_more():
    world = crm()
    heard = hear(world, deal(*seats(7)))
    assert heard.words == f"Contract {Contract.objects.get().key} waits for approval"
    assert holds() == []
    so_far = verbs()
    assert hear(world, deal(*seats(7)), at=AT + MINUTE).words == "It waits for somebody’s approval"
    assert verbs() == so_far
    approve(AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    hear(world, deal(*seats(7)), at=AT + 2 * DAY)
    assert value(world.acme, "seats", AT + 2 * DAY) == 17
    assert Contract.objects.get().versions.count() == 1


def test_whoever_sold_it_doesnt_approve_it_and_is_told_what_was_decided():
    world, seller = crm(), StaffFactory(email="sal@desk.example", permissions=["entitlements.approve_concession"])
    hear(world, deal(*seats(7), owner="Sal@Desk.example"))
    asked = pending()
    assert asked.asked_by == f"{world.connection.name} for {seller.name()}"
    with pytest.raises(NotAllowed, match="asked for this in your name"):
        approvals.approve(approval=asked, by=seller.as_actor(), at=AT + MINUTE)
    assert holds(AT + MINUTE) == []
    approve(AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    message = Notice.objects.get(kind="approval_decided")
    assert message.recipient == "sal@desk.example"
    assert f"approved what {world.connection.name} asked for in your name" in message.body


def test_who_sold_it_may_be_told_after_it_was_asked_for():
    world, seller = crm(), StaffFactory(email="sal@desk.example", permissions=["entitlements.approve_concession"])
    StaffFactory(email="pat@desk.example")
    hear(world, deal(*seats(7)))
    hear(world, deal(*seats(7), owner="nobody@elsewhere.example"), at=AT + MINUTE)
    assert pending().requested_for_key == ""
    hear(world, deal(*seats(7), owner="sal@desk.example"), at=AT + 2 * MINUTE)
    hear(world, deal(*seats(7), owner="pat@desk.example"), at=AT + 3 * MINUTE)
    assert pending().asked_by == f"{world.connection.name} for {seller.name()}"
    with pytest.raises(NotAllowed, match="asked for this in your name"):
        approvals.approve(approval=pending(), by=seller.as_actor(), at=AT + DAY)


@pytest.mark.parametrize("owner", ["", "nobody@elsewhere.example", "left@desk.example", "two@desk.example"])
def test_a_deal_that_nobody_here_is_known_to_have_sold_waits_for_whoever_may(owner):
    world = crm()
    StaffFactory(email="left@desk.example", is_active=False)
    for _ in range(2):
        StaffFactory(email="two@desk.example")
    hear(world, deal(*seats(7), owner=owner))
    assert pending().asked_by == world.connection.name


def test_a_longer_trial_isnt_approved_by_whoever_sold_it_either():
    world, seller = crm(), StaffFactory(email="sal@desk.example", permissions=["entitlements.approve_concession"])
    subscribed(world.acme, world.catalog.team, trial_days=14)
    hear(world, deal(fields={"Kind": "trial", "TrialDays": "7"}, owner="sal@desk.example"))
    assert pending().requested_for_key == f"staff:{seller.pk}"


def test_a_deal_that_says_something_else_meanwhile_takes_the_request_back_and_asks_anew():
    world = crm()
    hear(world, deal(*seats(7)))
    hear(world, deal(*seats(9)), at=AT + MINUTE)
    assert sorted(Approval.objects.values_list("state", flat=True)) == ["pending", "withdrawn"]
    approve(AT + DAY)
    assert value(world.acme, "seats", AT + DAY) == 19
    assert Contract.objects.get().versions.count() == 1


def test_a_deal_that_is_lost_meanwhile_leaves_nothing_to_approve():
    world = crm()
    hear(world, deal(*seats(7)))
    hear(world, deal(*seats(7), state=DealState.LOST), at=AT + MINUTE)
    assert Approval.objects.get().state == "withdrawn"
    assert Contract.objects.get().versions.get().state == ContractState.DISCARDED
    assert not Override.objects.exists()


def test_what_was_rejected_is_told_and_not_asked_for_again():
    world = crm()
    hear(world, deal(*seats(7)))
    reject(AT + MINUTE)
    for minutes in (2, 3):
        hear(world, deal(*seats(7)), at=AT + minutes * MINUTE)
    assert Approval.objects.count() == 1
    ((kind, words),) = open_findings()
    assert kind == "refused"
    assert "rejected what the deal asks for: Too much. It isn’t asked for again" in words
    hear(world, deal(*seats(3)), at=AT + DAY)
    assert (pending().state, open_findings()) == ("pending", [])
    approve(AT + DAY)
    assert value(world.acme, "seats", AT + DAY) == 13


def test_an_amendment_that_was_rejected_leaves_what_was_signed():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(*seats(7)), at=AT + DAY)
    reject(AT + DAY)
    hear(world, deal(*seats(7)), at=AT + DAY + MINUTE)
    assert holds(AT + DAY + MINUTE) == ["5 × team"]
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert open_findings() == []
    states = Contract.objects.get().versions.order_by("number").values_list("state", flat=True)
    assert list(states) == [ContractState.SIGNED, ContractState.DISCARDED]
    hear(world, deal(line(quantity="6")), at=AT + 3 * DAY)
    assert holds(AT + 3 * DAY) == ["6 × team"]


def test_a_rejected_draft_that_somebody_threw_away_is_concluded_anew_by_another_deal():

    world = crm()
    hear(world, deal(*seats(7)))
    reject(AT + MINUTE)
    discard(version=Contract.objects.get().versions.get(), by=SYSTEM, at=AT + 2 * MINUTE)
    hear(world, deal(*seats(7)), at=AT + 3 * MINUTE)
    assert Contract.objects.count() == 1
    hear(world, deal(line()), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    assert row_of().contract == Contract.objects.order_by("-pk").first()


def test_an_amendment_beside_a_draft_of_staff_is_told():

    world = crm()
    hear(world, deal(line()))
    amended(Contract.objects.get(), at=AT + MINUTE)
    hear(world, deal(line(quantity="9")), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    assert open_findings() == [("refused", "Version 2 is being drafted already. Finish that one first.")]


def test_what_staff_added_to_the_contract_outlives_the_deal():

    world = crm()
    hear(world, deal(line()))
    version = amended(Contract.objects.get(), at=AT + MINUTE)
    selling(version, world.catalog.team, 2, at=AT + MINUTE)
    signed(version, by=SYSTEM, at=AT + MINUTE)
    hear(world, deal(line(), state=DealState.LOST), at=AT + DAY)
    assert holds(AT + DAY) == ["2 × team"]
