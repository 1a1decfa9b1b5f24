"""Names, rules and companies that change under a deal: it is followed, or a person is told, and nothing goes on unseen."""

from decimal import Decimal

import pytest

from desk.actions.crm.linking import leave_out, take_back
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, DealMapping, DealRule
from entitlements.actions.contract_endings import end_early
from entitlements.models import Contract, SubscriptionItem
from journal.domain.actor import SYSTEM
from tests.catalog.factories import PlanFactory
from tests.desk.crm import AT, MINUTE, crm, deal, hear, holds, line, open_findings, row_of
from tests.entitlements.world import DAY, publish_plan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\t"])
def test_a_deal_without_a_name_is_called_by_its_id(name):
    world = crm()
    hear(world, deal(line(), name=name))
    assert (Contract.objects.get().name, holds()) == ("d1", ["5 × team"])


def test_a_deal_whose_name_was_emptied_keeps_its_contracts_name():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(quantity="6"), name=" "), at=AT + DAY)
    assert (Contract.objects.get().name, holds(AT + DAY)) == ("Big one", ["6 × team"])


@pytest.mark.parametrize("text", ["Nul\x00l", "😀" * 300, "Ünïcode – “quoted”", "<script>alert(1)</script>", "x" * 500])
def test_whatever_characters_stand_in_it_are_kept(text):
    world = crm()
    DealMapping.objects.update(starts={"deal_field": "From"})
    told = {"name": text, "link": f"https://crm.example/{text}", "fields": {"From": "2026-03-02", "Else": text}}
    hear(world, deal(line(), line("l2", product=f"MUG {text}", N=text), **told))
    assert holds() == ["5 × team"]
    assert [kind for kind, _ in open_findings()] == ["unmapped"]
    hear(world, deal(line(), state=DealState.LOST, **told), at=AT + DAY)
    assert holds(AT + DAY) == []


def test_a_line_of_which_another_rule_speaks_by_now_goes_on_as_the_same_line():
    world = crm()
    hear(world, deal(line()))
    DealRule.objects.filter(key="team").update(key="team-anew")
    hear(world, deal(line(), name="Bigger one"), at=AT + DAY)
    assert Contract.objects.get().versions.count() == 1
    assert SubscriptionItem.objects.count() == 1
    hear(world, deal(line(quantity="7"), name="Bigger one"), at=AT + 2 * DAY)
    assert (row_of().lines, holds(AT + 2 * DAY)) == ({"team:l1": 1}, ["7 × team"])


def test_a_company_that_is_left_out_after_its_deal_became_a_contract_is_told():
    world = crm()
    hear(world, deal(line()))
    there = {"company": CrmCompany.objects.get(external_id="c1"), "by": SYSTEM, "at": AT + MINUTE}
    take_back(reason="A mistake", **there)
    leave_out(reason="A competitor", **there)
    hear(world, deal(line()), at=AT + DAY)
    key = Contract.objects.get().key
    words = f"Acme is no customer of ours, and contract {key} that the deal made goes on. Link the company, or end it by hand."
    assert open_findings() == [("whose", words)]
    end_early(contract=Contract.objects.get(), ends_at=AT + DAY, reason="A competitor", by=SYSTEM, at=AT + DAY)
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert open_findings() == []


def test_a_product_that_is_another_plan_of_the_same_name_by_now_becomes_that_plan():
    world = crm()
    hear(world, deal(line()))
    anew = PlanFactory(key="team_anew", name="Team")
    publish_plan(anew, {world.catalog.seats: Decimal(20)})
    DealRule.objects.filter(key="team").update(plan=anew)
    hear(world, deal(line()), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team_anew"]
