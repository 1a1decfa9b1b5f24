"""One sale is sold once: what two CRMs tell of, what is held already, and what gives nothing is told, and never doubled."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import Combine
from catalog.models import Plan
from desk.actions.crm.findings import keep_as_is
from desk.domain.crm.told import Deal, DealState
from desk.models import CrmCompany, CrmFinding, DealMapping
from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.models import Contract
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureRevisionFactory, PlanFactory, PlanVersionFactory, publish_now
from tests.desk.crm import AT, MINUTE, World, crm, deal, hear, holds, line, mapped, open_findings, row_of, ruled
from tests.entitlements.world import DAY, subscribed, term, value
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db


def other_crm(world: World, **more: Any) -> World:
    connection = ConnectionFactory(**more)
    mapped(connection, world.catalog)
    told = {"external_id": "p1", "account": world.acme, "name": "Acme", "told": {"name": "Acme"}, "told_at": AT}
    CrmCompany.objects.create(connection=connection, **told)
    return World(connection, world.catalog, world.acme)


def copied(*lines: Any, **more: Any) -> Deal:
    return deal(*lines, **{"id": "t1", "company": "p1"} | more)


def by_the_seat(world: World) -> Plan:
    plan = PlanFactory(key="seat", name="Seat")
    draft = PlanVersionFactory(plan=plan)
    keep(term(draft, world.catalog.seats, Decimal(1), scaling="per_unit"), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft, at=EPOCH)
    ruled(DealMapping.objects.get(), "seat", "plan", products=["SEAT"], plan=plan, position=9)
    return plan


def doubted() -> Iterator[str]:
    return (words for kind, words in open_findings() if kind == "doubted")


# One sale that two CRMs tell of -------------------------------------------------------------------------------------
def test_a_deal_that_another_crm_copied_becomes_nothing_twice():
    world = crm()
    other = other_crm(world)
    hear(world, deal(line()))
    heard = hear(other, copied(line(quantity="6"), name=" big  ONE "))
    assert (Contract.objects.count(), holds(), heard.moved) == (1, ["5 × team"], False)
    (words,) = doubted()
    assert f"“Big one” made contract {Contract.objects.get().key} of, so nothing was made of it again" in words
    hear(other, copied(line(quantity="6")), at=AT + DAY)
    assert Contract.objects.count() == 1


def test_where_the_first_of_two_copies_is_lost_the_other_becomes_the_contract():
    world = crm()
    other = other_crm(world)
    hear(world, deal(line()))
    hear(other, copied(line()))
    hear(world, deal(line(), state=DealState.LOST), at=AT + DAY)
    hear(other, copied(line()), at=AT + DAY + MINUTE)
    assert (holds(AT + DAY + MINUTE), list(doubted())) == (["5 × team"], [])


def test_a_copied_trial_is_not_made_longer_twice():
    world = crm()
    other = other_crm(world)
    subscribed(world.acme, world.catalog.team, trial_days=14)
    longer = {"fields": {"Kind": "trial", "TrialDays": "7"}}
    hear(world, deal(**longer))
    assert not hear(other, copied(**longer)).moved


@pytest.mark.parametrize("told", [{"name": "Another"}, {"lines": (line(product="FEE"),)}])
def test_another_sale_in_another_crm_is_another(told):
    world = crm()
    other = other_crm(world)
    hear(world, deal(line()))
    hear(other, copied(*told.pop("lines", [line()]), **told))
    assert not any("looks like" in words for words in doubted())


def test_what_is_only_tried_out_keeps_nobody_from_what_they_bought():
    world = crm()
    live = other_crm(world, mode="live")
    hear(world, deal(line()))
    hear(live, copied(line()))
    assert Contract.objects.count() == 2


# Held already -------------------------------------------------------------------------------------------------------
def test_a_renewal_beside_a_contract_that_goes_on_is_told_until_that_ends():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), id="d2", name="Renewal"), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team", "5 × team"]
    first = row_of("d1").contract
    assert first is not None
    (words,) = doubted()
    assert words.startswith(f"Team is held already, by contract {first.key}. If this deal renews")
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert len(list(doubted())) == 1
    hear(world, deal(line(), state=DealState.LOST), at=AT + 2 * DAY)
    hear(world, deal(line(), id="d2", name="Renewal"), at=AT + 3 * DAY)
    assert list(doubted()) == []


def test_what_somebody_decided_to_keep_is_not_told_again():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), id="d2"), at=AT + DAY)
    keep_as_is(finding=CrmFinding.objects.get(), reason="It is more of it", by=SYSTEM, at=AT + DAY)
    hear(world, deal(line(), id="d2"), at=AT + 3 * DAY)
    assert list(doubted()) == []


def test_what_is_billed_elsewhere_is_told_and_a_trial_is_not():
    world = crm()
    subscribed(world.acme, world.catalog.team, trial_days=14)
    hear(world, deal(line()))
    assert list(doubted()) == []
    subscription = subscribed(world.acme, world.catalog.team)
    type(subscription).objects.filter(pk=subscription.pk).update(billed_by="stripe", billing_id="sub_1")
    hear(world, deal(line(), id="d2"))
    assert any("held already" in words for words in doubted())


# Lines that don't add up --------------------------------------------------------------------------------------------
def test_a_plan_on_two_lines_of_which_the_greatest_counts_is_told():
    world = crm()
    by_the_seat(world)
    hear(world, deal(line(product="SEAT"), line("l2", product="SEAT", quantity="3")))
    assert value(world.acme, "seats", AT) == 5
    (words,) = doubted()
    assert words.startswith(
        "Seat stands on 2 lines, and by the rules of its features the greatest counts (5) and not all"
    )


def test_where_the_feature_adds_up_two_lines_are_what_they_say():
    world = crm()
    by_the_seat(world)
    FeatureRevisionFactory(feature=world.catalog.seats, effective_at=AT - DAY, combine=Combine.ADD)
    hear(world, deal(line(product="SEAT"), line("l2", product="SEAT", quantity="3")))
    assert (value(world.acme, "seats", AT), list(doubted())) == (8, [])


# An account that isn't open -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSED])
def test_a_sale_to_an_account_that_is_not_open_is_told_until_it_is(standing):
    world = crm()
    set_standing(account=world.acme, standing=standing, reason="Unpaid", by=SYSTEM, at=AT)
    hear(world, deal(line()), at=AT + MINUTE)
    assert value(world.acme, "seats", AT + MINUTE) is None
    (words,) = doubted()
    assert words.startswith(f"Acme is {standing.value}, so nothing of the contract is given.")
    set_standing(account=world.acme, standing=Standing.OPEN, reason="Paid", by=SYSTEM, at=AT + DAY)
    hear(world, deal(line()), at=AT + DAY + MINUTE)
    assert (value(world.acme, "seats", AT + DAY + MINUTE), list(doubted())) == (10, [])
