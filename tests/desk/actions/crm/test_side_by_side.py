"""Two who look at the same moment: the later asked wins, and nothing is doubled."""

from collections.abc import Callable
from typing import Any

import pytest

from desk.models import CrmCompany
from entitlements.models import Account, Contract
from journal.domain.refusal import Stale
from tests.desk.crm import (
    AT,
    MINUTE,
    asked,
    chosen,
    company,
    crm,
    deal,
    hear,
    holds,
    line,
    linked,
    open_findings,
    row_of,
)
from tests.entitlements.world import account
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def worked(*acts: Callable[[], Any]) -> list[Any]:
    found = at_once(*acts)
    assert not [one for one in found if isinstance(one, Exception)], found
    return found


def test_two_first_looks_at_one_company_open_one_account():
    world = crm()
    chosen(world, opens_accounts=True)
    said = company(name="Gamma", domain="gamma.example")
    worked(*[lambda: hear(world, said) for _ in range(2)])
    assert Account.objects.filter(name="Gamma").count() == 1
    assert linked().account == Account.objects.get(name="Gamma")


def test_two_companies_of_one_domain_are_one_account():
    world = crm()
    chosen(world, opens_accounts=True)
    said = [company(id, name, domain="gamma.example") for id, name in (("c2", "Gamma"), ("c3", "Else"))]
    worked(*[lambda one=one: hear(world, one) for one in said])
    assert CrmCompany.objects.exclude(external_id="c1").values("account").distinct().count() == 1


def test_a_won_deal_looked_at_twice_at_once_becomes_one_contract():
    world = crm()
    worked(*[lambda: hear(world, deal(line())) for _ in range(2)])
    assert (Contract.objects.count(), holds()) == (1, ["5 × team"])


def test_of_two_workers_with_two_tickets_the_later_wins():
    world = crm()
    hear(world, deal(line()))
    older, newer = asked(world, deal()), asked(world, deal())
    worked(
        lambda: hear(world, deal(line(quantity="2")), ticket=older),
        lambda: hear(world, deal(line(quantity="8")), ticket=newer),
    )
    assert (holds(AT), row_of().applied) == (["8 × team"], newer)


def test_two_deals_of_one_account_are_two_contracts():
    world = crm()
    worked(*[lambda id=id: hear(world, deal(line(), id=id)) for id in ("d1", "d2", "d3")])
    assert Contract.objects.values("key").distinct().count() == 3


def test_tickets_taken_at_once_are_each_of_their_own():
    world = crm()
    tickets = worked(*[lambda: asked(world, deal()) for _ in range(4)])
    assert sorted(tickets) == [1, 2, 3, 4]


def test_who_was_slower_to_number_a_contract_tries_again_and_nobody_is_told_of_a_refusal():
    world = crm()
    ids = [f"n{number}" for number in range(6)]
    for id in ids:
        told = {"external_id": id, "account": account(id), "told_at": AT}
        CrmCompany.objects.create(connection=world.connection, **told)
    said = [deal(line(), id=id, company=id) for id in ids]
    found = at_once(*[lambda one=one: hear(world, one) for one in said])
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Stale)], found
    for one in said:
        hear(world, one, at=AT + MINUTE)
    assert (Contract.objects.count(), open_findings()) == (len(ids), [])
