"""How much each tab of an account's page reads: the same however long the account's history is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk.slots import tabs
from entitlements.actions.contacts import add_contact
from entitlements.domain.facts import Mode
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from journal.models import Staff
from tests.desk.admin.reading import address
from tests.entitlements.factories import AnswerGivenFactory, EntitlementChangeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db

READS = {
    "overview": 58,
    "entitlements": 49,
    "usage": 70,
    "seats": 72,
    "licences": 50,
    "cases": 52,
    "coverage": 59,
    "subscriptions": 72,
    "contracts": 51,
    "overrides": 55,
    "timeline": 58,
    "contacts": 51,
    "family": 62,
    "keys": 51,
    "audit": 51,
}


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def desk(db: None) -> Client:
    person = Staff.objects.create_user("finance", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=["finance", "sales"]))  # between them they open every tab
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def acme(db: None) -> tuple[Account, Catalog]:
    sold, acme = catalog(), account()
    subscribed(acme, sold.team, at=AT - 9 * DAY)
    return acme, sold


def reads(desk: Client, tab: str) -> int:
    desk.get(address(tab))
    with CaptureQueriesContext(connection) as captured:
        assert desk.get(address(tab)).status_code == 200
    return len(captured)


def live(held_by: Account, sold: Catalog, hours: range) -> None:
    """Some history: overrides, boundaries, contacts, programs that asked."""
    for hour in hours:
        at = AT - timedelta(hours=hour)
        overridden(held_by, sold.storage, Mode.ADD, GB, at=at)
        EntitlementChangeFactory(account=held_by, effective_at=at)
        add_contact(account=held_by, name="Bea", email=f"bea{hour}@acme.example", by=SYSTEM, at=at)
        AnswerGivenFactory(account=held_by, told=f"Key {hour}", told_at=at)


def test_each_tab_reads_the_same_however_much_happened(desk: Client, acme: tuple[Account, Catalog]) -> None:
    live(*acme, range(1, 3))
    young = {tab.key: reads(desk, tab.key) for tab in tabs()}
    live(*acme, range(3, 12))
    assert {tab.key: reads(desk, tab.key) for tab in tabs()} == young
    assert {key: count for key, count in young.items() if count > READS[key]} == {}


def test_every_tab_has_a_number_of_its_own() -> None:
    assert {tab.key for tab in tabs()} == READS.keys()


def test_a_family_of_many_is_read_like_one_of_few(desk: Client, acme: tuple[Account, Catalog]) -> None:
    account("first", parent=acme[0])
    few = reads(desk, "family")
    for number in range(12):
        account(f"child-{number}", parent=acme[0])
    assert reads(desk, "family") == few
