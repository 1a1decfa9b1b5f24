"""What is remembered of a portal for a while, and how fast it is searched."""

from datetime import date, timedelta

from desk.integrations.crm.port import Kind
from desk.integrations.hubspot import client
from desk.integrations.hubspot import portal as portal_asked
from desk.integrations.hubspot.client import KNOWN_FOR
from desk.models import CrmCalls
from tests.desk.integrations.hubspot.conftest import NO_FIELDS
from tests.desk.integrations.hubspot.test_client import MIDNIGHT, ask
from tests.entitlements.world import AT


def test_the_fifth_search_of_a_second_waits(portal, monkeypatch):
    slept = []
    with portal.open() as crm:
        monkeypatch.setattr(client.time, "sleep", slept.append)
        for _ in range(5):
            crm.line.parts.pace()
        monkeypatch.undo()
    assert len(slept) == 1
    assert 0 < slept[0] <= 1


def test_what_is_known_is_asked_again_after_a_while_and_where_the_clock_went_back(portal):
    asked = iter(range(9))
    with portal.open() as crm:
        told = [
            crm.line.parts.known("it", lambda: next(asked), at=at) for at in (AT, AT + KNOWN_FOR / 2, AT + KNOWN_FOR)
        ]
        assert told == [0, 0, 1]
        assert crm.line.parts.known("it", lambda: next(asked), at=AT) == 2


def test_what_was_used_before_midnight_is_not_todays(portal):
    portal.fake.spend(1000)
    for hours in (14.5, 0.75):
        portal.fake.advance(hours=hours)
        ask(portal, AT + timedelta(hours=14.5 if hours == 14.5 else 15.25))
    row = CrmCalls.objects.get()
    assert row.resets_at == MIDNIGHT + timedelta(days=1)
    assert row.used < 100


def test_a_zone_that_nobody_here_knows_is_none(portal):
    deal = portal.sold(closedate="2026-03-31T23:30:00Z")
    for zone in ("Mars/Olympus", "../etc", ""):
        with portal.open() as crm:
            crm.line.parts.keep("details", {"timeZone": zone}, at=crm.line.at)
            assert crm.deals([deal.id], fields=NO_FIELDS)[deal.id].closed_on == date(2026, 3, 31)


def test_a_property_that_is_hidden_there_is_not_offered(portal):
    portal.fake.state.properties["0-3"]["amount"]["hidden"] = True
    with portal.open() as crm:
        assert "amount" not in [one.name for one in crm.fields_of(Kind.DEAL)]


def test_both_sides_of_a_merge_cost_one_question(portal):
    one, other = (portal.fake.add("companies", name=name) for name in ("Halden", "Halden AS"))
    left = portal.fake.merge(one, other)
    with portal.open() as crm:
        found = crm.companies([one.id, other.id, left.id])
    assert [found[key].into for key in (one.id, other.id)] == [left.id, left.id]
    assert portal.asked("/objects/companies/", "GET") == []


def test_no_more_products_are_listed_than_can_be_chosen_from(portal, monkeypatch):
    monkeypatch.setattr(portal_asked, "MOST_PRODUCTS", 100)
    for place in range(130):
        portal.fake.add("products", name=f"P{place}")
    with portal.open() as crm:
        assert len(crm.products()) == 100
