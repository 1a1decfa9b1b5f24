"""Whoever goes to look takes a ticket first; what is due is settled by a look that began after it was heard."""

import pytest

from desk.actions.crm.tickets import take_tickets
from desk.models import CrmCompany, CrmDeal
from tests.desk.crm import AT, MINUTE, company, crm, deal, hear, line, linked, row_of

pytestmark = pytest.mark.django_db


def test_each_gets_a_number_of_its_own_and_a_row():
    world = crm()
    told = {"connection": world.connection, "kind": CrmDeal, "at": AT}
    assert take_tickets(ids=["d2", "d1", "d1", ""], **told) == {"d1": 1, "d2": 1}
    assert take_tickets(ids=["d2", "d3"], **told) == {"d2": 2, "d3": 1}
    assert take_tickets(ids=[], **told) == {}
    assert CrmDeal.objects.count() == 3


def test_a_look_settles_what_was_heard_before_it_began_and_nothing_later():
    world = crm()
    hear(world, company())
    for due_at, left in ((AT, None), (AT + MINUTE, None), (AT + 2 * MINUTE, AT + 2 * MINUTE)):
        CrmCompany.objects.filter(external_id="c2").update(due_at=due_at, tries=3, failed="Away")
        hear(world, company(), at=AT + MINUTE)
        assert (linked().due_at, linked().tries, linked().failed) == (left, 0, "")


def test_a_deal_of_a_company_that_nobody_looked_at_has_it_looked_at():
    world = crm()
    hear(world, deal(line(), company="c5"))
    assert (linked("c5").due_at, linked("c5").told_at) == (AT, None)
    assert row_of().outcome == "Its company hasn’t been looked at yet"
