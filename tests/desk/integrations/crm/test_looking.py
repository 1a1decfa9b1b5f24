"""Records of a CRM are looked at as they stand now; one that can't be followed holds up no other one."""

from datetime import timedelta

import pytest

from desk.actions.crm import deals as deal_actions
from desk.actions.crm.hearing import make_due
from desk.domain.crm.flows import Flow
from desk.domain.crm.told import DealState
from desk.integrations.crm.looking import drain, look_at
from desk.integrations.crm.port import Kind
from desk.models import CrmCompany, CrmDeal, CrmFlow
from entitlements.actions.contract_endings import end_early
from entitlements.models import Contract
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.domain.refusal import Stale
from tests.desk.domain.crm.deals import line
from tests.desk.flowing import flowing
from tests.desk.mapped import switched_on, team
from tests.entitlements.world import AT, account, catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(memory):
    catalog()
    made = flowing()
    switched_on(made, team())
    account("acme")
    memory.company("c1", own_key="acme")
    memory.deal("d1", company="c1", state=DealState.WON, closed_on=AT.date(), lines=(line(product="TEAM-SEAT"),))
    return made


def test_a_won_deal_is_in_force_after_one_look_though_nobody_knew_its_company(connection, memory):
    (applied,) = look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert (applied.account_key, applied.moved) == ("acme", True)
    assert Contract.objects.get().account.key == "acme"
    assert [what for what, _ in memory.asked] == ["opened", "deals", "companies"]


def test_a_company_that_was_only_heard_of_is_looked_at_before_its_deal(connection):
    CrmCompany.objects.create(connection=connection, external_id="c1", due_at=AT)
    (applied,) = look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert (applied.account_key, applied.moved) == ("acme", True)


def test_looked_at_again_nothing_is_done_twice(connection):
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    (applied,) = look_at(connection, Kind.DEAL, ["d1", "d1"], at=AT)
    assert not applied.moved
    assert Contract.objects.count() == 1


def test_of_two_who_look_the_one_who_asked_later_wins(connection, memory):
    read = memory.deals_

    def slowly(ids, *, fields):
        memory.deals_, found = read, read(ids, fields=fields)
        memory.deal("d1", state=DealState.LOST)
        look_at(connection, Kind.DEAL, ["d1"], at=AT)
        return found

    memory.deals_ = slowly
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert CrmDeal.objects.get().state == DealState.LOST
    assert not Contract.objects.exists()


def test_whoever_wrote_the_same_meanwhile_is_let_by(connection, monkeypatch):
    follow, tries = deal_actions.apply_deal, []

    def late(**told):
        tries.append(told)
        if len(tries) == 1:
            raise Stale("Somebody has changed it meanwhile.")
        return follow(**told)

    monkeypatch.setattr(deal_actions, "apply_deal", late)
    (applied,) = look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert (applied.moved, CrmDeal.objects.get().tries, len(tries)) == (True, 0, 2)


@pytest.mark.parametrize("state", ["new", "paused"])
def test_while_a_flow_is_not_on_a_push_looks_at_nothing(state, connection, memory):
    CrmFlow.objects.filter(flow=Flow.DEALS).update(state=state)
    (applied,) = look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert "not switched on here" in applied.words
    assert memory.asked == []


def test_while_companies_do_not_come_in_no_deal_brings_one(connection, memory):
    CrmFlow.objects.filter(flow=Flow.COMPANIES).update(state="paused")
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert CrmCompany.objects.get().told_at is None
    assert not Contract.objects.exists()


def test_what_cant_be_asked_now_is_said_to_whoever_asks(connection, memory):
    memory.fails("deals", Later("Too many calls", after=timedelta(minutes=1)))
    with pytest.raises(Later, match="Too many calls"):
        look_at(connection, Kind.DEAL, ["d1"], at=AT)


def test_one_that_cant_be_followed_is_tried_again_and_holds_up_no_other(connection, memory, monkeypatch):
    memory.deal("d0", company="c1")
    follow = deal_actions.apply_deal

    def stumbling(*, deal, **told):
        if deal.id == "d0":
            raise ValueError("Nobody thought of that")
        return follow(deal=deal, **told)

    monkeypatch.setattr(deal_actions, "apply_deal", stumbling)
    applied = look_at(connection, Kind.DEAL, ["d0", "d1"], at=AT)
    assert [one.words for one in applied][-1] == "It couldn’t be followed, and is tried again by itself."
    assert Contract.objects.count() == 1
    row = CrmDeal.objects.get(external_id="d0")
    assert (row.tries, row.failed) == (1, "ValueError: Nobody thought of that")
    assert row.due_at == AT + timedelta(seconds=10)


def test_what_is_due_is_looked_at_once_and_due_no_more(connection, memory):
    memory.deal("d2", company="c1")
    for id in ("d1", "d2"):
        CrmDeal.objects.create(connection=connection, external_id=id)
    make_due(model=CrmDeal, connection=connection, ids=["d1", "d2"], at=AT)
    assert drain(connection, Kind.DEAL, at=AT) == 2
    assert not CrmDeal.objects.filter(due_at__isnull=False).exists()
    assert drain(connection, Kind.DEAL, at=AT) == 0


def test_what_is_due_later_is_left_until_then(connection):
    CrmDeal.objects.create(connection=connection, external_id="d1", due_at=AT + timedelta(seconds=1))
    assert drain(connection, Kind.DEAL, at=AT) == 0
    assert drain(connection, Kind.DEAL, at=AT + timedelta(seconds=1)) == 1


def test_after_the_last_try_it_waits_for_a_person(connection, memory):
    CrmDeal.objects.create(connection=connection, external_id="d1", due_at=AT, tries=7)
    del memory.deals["d1"]
    memory.deals_ = lambda ids, *, fields: {}
    assert drain(connection, Kind.DEAL, at=AT) == 0
    row = CrmDeal.objects.get()
    assert (row.due_at, row.tries, row.failed) == (None, 8, "The CRM said nothing of it when it was asked for it.")


# What may be there and isn't shown --------------------------------------------------------------------------------------
HIDDEN = "The CRM shows no such deal any more: deleted for good, or hidden from the desk."


def hide(memory, id="d1", **told):
    memory.deal(id, state=DealState.GONE, lines=(), unsure=HIDDEN, **told)


def test_a_deal_that_may_only_be_hidden_takes_nothing_away_and_waits_for_a_person(connection, memory):
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    hide(memory)
    at = AT + timedelta(days=1)
    make_due(model=CrmDeal, connection=connection, ids=["d1"], at=at)
    while CrmDeal.objects.filter(due_at__isnull=False).exists():
        drain(connection, Kind.DEAL, at=at)
        at += timedelta(hours=6)
    row = CrmDeal.objects.get()
    assert (row.state, row.tries, row.failed) == (DealState.WON, 8, HIDDEN)
    assert Contract.objects.get().ends_at is None


def test_seen_again_it_goes_on_as_if_nothing_had_been(connection, memory):
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    hide(memory)
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    memory.deal("d1", state=DealState.WON, lines=(line(product="TEAM-SEAT"),), unsure="")
    look_at(connection, Kind.DEAL, ["d1"], at=AT + timedelta(hours=1))
    row = CrmDeal.objects.get()
    assert (row.tries, row.failed, Contract.objects.get().ends_at) == (0, "", None)


def test_once_a_person_ended_what_it_made_it_is_believed_to_be_gone(connection, memory):
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    hide(memory)
    at = AT + timedelta(days=1)
    end_early(contract=Contract.objects.get(), ends_at=at, reason="The deal is off", by=SYSTEM, at=at)
    (applied,) = look_at(connection, Kind.DEAL, ["d1"], at=at)
    assert CrmDeal.objects.get().state == DealState.GONE
    assert not applied.findings


def test_a_deal_that_made_nothing_is_believed_to_be_gone(connection, memory):
    hide(memory)
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert (CrmDeal.objects.get().state, CrmDeal.objects.get().failed) == (DealState.GONE, "")


def test_a_won_deal_of_which_a_part_is_hidden_becomes_nothing_yet(connection, memory):
    memory.deal("d1", unsure="A line isn’t shown.")
    look_at(connection, Kind.DEAL, ["d1"], at=AT)
    assert CrmDeal.objects.get().failed == "A line isn’t shown."
    assert not Contract.objects.exists()


def test_a_linked_company_that_may_only_be_hidden_stays_as_it_is(connection, memory):
    look_at(connection, Kind.COMPANY, ["c1", "c2"], at=AT)
    memory.company("c1", gone=True, unsure=HIDDEN)
    memory.company("c2", gone=True, unsure=HIDDEN)
    look_at(connection, Kind.COMPANY, ["c1", "c2"], at=AT)
    rows = CrmCompany.objects.order_by("external_id")
    assert [(row.gone, row.failed) for row in rows] == [(False, HIDDEN), (True, "")]


def test_a_record_that_cant_be_read_is_asked_for_alone_and_holds_up_no_other(connection, memory):
    for number in range(2, 9):
        memory.deal(f"d{number}", company="c1")
    read = memory.deals_

    def stumbling(ids, *, fields):
        if "d3" in ids:
            raise OverflowError("date value out of range")
        return read(ids, fields=fields)

    memory.deals_ = stumbling
    look_at(connection, Kind.DEAL, [f"d{number}" for number in range(1, 9)], at=AT)
    told = {row.external_id for row in CrmDeal.objects.exclude(told_at=None)}
    assert told == {f"d{number}" for number in (1, 2, 4, 5, 6, 7, 8)}
    assert CrmDeal.objects.get(external_id="d3").failed == "OverflowError: date value out of range"
