"""Nothing is taken for gone, and nobody for another, by what HubSpot doesn't show."""

import pytest

from desk.domain.crm.told import DealState
from desk.integrations.crm.port import Kind, LoginRefused
from desk.integrations.hubspot import fetching, reading
from desk.integrations.hubspot.client import PORTAL
from desk.integrations.hubspot.names import LINES
from desk.models import CrmCalls
from journal.domain.receiving import Later
from tests.desk.integrations.hubspot.conftest import NO_FIELDS
from tests.fakes.hubspot import kinds


def read(portal, deal):
    with portal.open() as crm:
        return crm.deals([deal.id], fields=NO_FIELDS)[deal.id]


def read_company(portal, company):
    with portal.open() as crm:
        return crm.companies([company.id])[company.id]


def _everything(crm, id, *, until):
    return crm.changed(Kind.DEAL, since=None, until=until), crm.deals([id], fields=NO_FIELDS)


def hidden(portal, kind, key):
    """As if the desk's app might not see it: nothing is known of it, deleted or not."""
    return portal.fake.state.records[kind].pop(key)


def test_what_was_deleted_is_surely_gone(portal):
    deal, company = portal.sold({"name": "Team", "quantity": 2}), portal.fake.add("companies", name="Abel")
    portal.fake.delete(deal)
    portal.fake.delete(company)
    assert (read(portal, deal).state, read(portal, deal).unsure) == (DealState.GONE, "")
    assert (read_company(portal, company).gone, read_company(portal, company).unsure) == (True, "")


def test_what_nobody_knows_of_is_not_surely_gone(portal):
    deal, company = portal.sold({"name": "Team", "quantity": 2}), portal.fake.add("companies", name="Abel")
    hidden(portal, kinds.DEAL, deal.id)
    hidden(portal, kinds.COMPANY, company.id)
    assert read(portal, deal).state is DealState.GONE
    assert "knows no such deal any more" in read(portal, deal).unsure
    assert "knows no such company any more" in read_company(portal, company).unsure


def test_what_was_merged_is_surely_made_part_of_another(portal):
    one, other = (portal.fake.add("companies", name=name) for name in ("Abel", "Abel Ltd"))
    left = portal.fake.merge(one, other)
    assert (read_company(portal, other).into, read_company(portal, other).unsure) == (left.id, "")


def test_a_line_that_is_listed_and_not_shown_leaves_the_deal_unsure(portal, monkeypatch):
    deal = portal.sold({"name": "Team", "quantity": 2}, {"name": "More", "quantity": 1})
    lines = [row.id for row in portal.fake.state.alive(kinds.LINE)]
    assert (len(read(portal, deal).lines), read(portal, deal).unsure) == (2, "")

    def with_one_more(line, kind, other, ids, **more):
        found = fetching.links(line, kind, other, ids, **more)
        return found | {deal.id: [*found[deal.id], ("7", frozenset())]} if other == LINES else found

    monkeypatch.setattr(reading, "links", with_one_more)
    assert [row.id for row in read(portal, deal).lines] == lines
    assert "has line 7, and doesn’t show it" in read(portal, deal).unsure
    monkeypatch.undo()
    portal.fake.delete(portal.fake.state.get(kinds.LINE, lines[1]))
    assert (len(read(portal, deal).lines), read(portal, deal).unsure) == (1, "")


def test_a_deal_of_which_the_stage_is_not_shown_is_not_surely_open(portal):
    deal = portal.sold({"name": "Team", "quantity": 2})
    assert read(portal, deal).unsure == ""
    del portal.fake.state.records[kinds.DEAL][deal.id].values["hs_is_closed_won"]
    assert "doesn’t say whether the deal is won" in read(portal, deal).unsure


@pytest.mark.parametrize("answer", ["{}", ""])
@pytest.mark.parametrize(
    "path", ["/deals/batch/read", "/line_items/batch/read", "/deals/line_items/batch/read", "/search"]
)
def test_an_answer_that_lists_nothing_at_all_is_none(portal, path, answer, monkeypatch):
    """200, and nothing that says what was asked for: such as of a machine on the way."""
    deal = portal.sold({"name": "Team", "quantity": 2})
    with portal.open() as crm:
        ask = crm.line._asked

        def cut(call, told, more):
            before = len(portal.fake.requests)
            found = ask(call, told, more)
            asked = portal.fake.requests[before:]
            return crm.line._read(answer.encode()) if any(path in one.path for one in asked) else found

        monkeypatch.setattr(crm.line, "_asked", cut)
        with pytest.raises(Later, match="can’t be read"):
            _everything(crm, deal.id, until=portal.now)


def test_a_token_of_another_portal_is_refused_before_anything_is_asked(portal):
    portal.connection.settings[PORTAL] = "999"
    company = portal.fake.add("companies", name="Abel")
    with pytest.raises(LoginRefused, match="that of portal 48151623, and this connection is with portal 999"):
        read_company(portal, company)
    assert not portal.asked("/crm/")
    assert CrmCalls.objects.get().login_refused_at is not None
