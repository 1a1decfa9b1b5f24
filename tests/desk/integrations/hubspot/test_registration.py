"""What a connection with HubSpot needs, what it may do here, and where its records are looked at."""

import pytest

from desk.actions.crm.applied import NEEDS
from desk.integrations.crm.port import Kind, system_of
from desk.integrations.hubspot.pages import page_of
from journal.actions.connections import as_actor, set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.domain.refusal import Invalid
from journal.vendors import handled_types, known
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def entered(mode=Mode.LIVE, secrets=None, **settings):
    told = {
        "settings": {"portal": "48151623"} | settings,
        "secrets": {"access_token": "pat-1", "client_secret": "s"} | (secrets or {}),
    }
    return set_up(vendor="hubspot", name="HubSpot", mode=mode, **told, by=SYSTEM, at=AT)


def test_it_is_among_what_can_be_connected():
    assert known()["hubspot"].words == "HubSpot"
    assert system_of("hubspot").words == "HubSpot"
    assert entered().vendor == "hubspot"


@pytest.mark.parametrize(
    "settings", [{"portal": ""}, {"portal": "eu1-7"}, {"base": "https://api.hubapi.com"}, {"base": "http://10.0.0.7"}]
)
def test_what_would_not_work_is_refused(settings):
    with pytest.raises(Invalid):
        entered(**settings)


@pytest.mark.parametrize("purpose", ["access_token", "client_secret"])
def test_both_secrets_are_needed(purpose):
    with pytest.raises(Invalid):
        entered(secrets={purpose: ""})


def test_it_may_do_what_deals_need_and_nothing_of_staffs():
    by = as_actor(entered())
    assert all(by.may(need) for need in NEEDS)
    assert not by.may("entitlements.approve_concession")


def test_events_of_every_sort_about_companies_deals_and_lines_are_taken():
    types = set(handled_types("hubspot"))
    assert {
        "deal.propertyChange",
        "company.merge",
        "line_item.deletion",
        "object.restore",
        "deal.associationChange",
    } <= types
    assert "contact.creation" not in types


def test_a_record_is_looked_at_in_its_portal():
    connection = entered()
    assert page_of(connection, Kind.DEAL, "7001") == "https://app.hubspot.com/contacts/48151623/record/0-3/7001"
    assert page_of(connection, Kind.COMPANY, "5001") == "https://app.hubspot.com/contacts/48151623/record/0-2/5001"
    assert page_of(connection, Kind.COMPANY, "") == ""


def test_a_pretended_one_has_pages_of_deals_only():
    connection = entered(Mode.TEST, base="http://127.0.0.1:12113")
    assert page_of(connection, Kind.DEAL, "7001") == "http://127.0.0.1:12113/deal/7001"
    assert page_of(connection, Kind.COMPANY, "5001") == ""
