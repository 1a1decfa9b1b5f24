"""What no CRM tells is looked at anew: what holds something each hour, all of it each night, in portions."""

from datetime import timedelta

import pytest

from desk.actions.crm import anew
from desk.actions.crm.anew import look_anew
from desk.domain.crm.flows import Flow
from desk.models import CrmCompany, CrmDeal, CrmFlow
from tests.desk.flowing import company, deal, flowing
from tests.entitlements.factories import ContractFactory, ContractVersionFactory, SubscriptionPhaseFactory
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def connection():
    made = flowing()
    CrmFlow.objects.update(mark_at=AT)
    return made


def due(model) -> set[str]:
    return set(model.objects.filter(due_at__isnull=False).values_list("external_id", flat=True))


def test_each_hour_the_deals_that_hold_something(connection):
    deal(connection, "holds", state="won", contract=ContractFactory(), told_at=AT)
    deal(connection, "ends later", state="won", contract=ContractFactory(ends_at=AT + 2 * HOUR), told_at=AT)
    deal(connection, "ended", state="won", contract=ContractFactory(ends_at=AT), told_at=AT)
    deal(connection, "lost", state="lost", contract=ContractFactory(), told_at=AT)
    deal(connection, "nothing", state="won", told_at=AT)
    deal(connection, "just looked at", state="won", contract=ContractFactory(), told_at=AT + HOUR / 2)
    company(connection, "c", told_at=AT)
    assert look_anew(at=AT + HOUR, nightly=False) == 2
    assert due(CrmDeal) == {"holds", "ends later"}
    assert due(CrmCompany) == set()


def test_each_night_every_company_that_may_be_a_customer_and_every_won_deal(connection):
    company(connection, "c", told_at=AT)
    company(connection, "gone", told_at=AT, gone=True)
    company(connection, "left out", told_at=AT, left_out=True)
    company(connection, "failed", told_at=AT, failed="Locked")
    deal(connection, "won", state="won", told_at=AT)
    deal(connection, "open", state="open", told_at=AT)
    assert look_anew(at=AT + 20 * HOUR, nightly=True) == 0
    assert look_anew(at=AT + 21 * HOUR, nightly=True) == 2
    assert (due(CrmCompany), due(CrmDeal)) == ({"c"}, {"won"})


def test_portions_leave_room_for_what_is_told(connection, monkeypatch):
    monkeypatch.setattr(anew, "AT_ONCE", 3)
    for number in range(5):
        company(connection, f"old {number}", told_at=AT + timedelta(seconds=number))
    company(connection, "told of", told_at=AT, due_at=AT)
    assert look_anew(at=AT + 24 * HOUR, nightly=True) == 2
    assert due(CrmCompany) == {"told of", "old 0", "old 1"}


def test_what_rests_or_is_being_read_for_the_first_time_is_left_alone(connection):
    company(connection, "c", told_at=AT)
    CrmFlow.objects.filter(flow=Flow.COMPANIES).update(mark_at=None)
    assert look_anew(at=AT + 24 * HOUR, nightly=True) == 0


def test_each_hour_what_waits_for_somebody_and_each_night_what_could_not_be_ended(connection):
    asked = ContractVersionFactory().contract
    deal(connection, "lost, and waits", state="lost", contract=asked, told_at=AT)
    deal(connection, "lost, and not ended", state="lost", contract=ContractFactory(), told_at=AT)
    assert look_anew(at=AT + HOUR, nightly=False) == 1
    assert due(CrmDeal) == {"lost, and waits"}
    look_anew(at=AT + 21 * HOUR, nightly=True)
    assert due(CrmDeal) == {"lost, and waits", "lost, and not ended"}


def test_each_hour_a_deal_that_made_a_trial_longer(connection):
    deal(connection, "longer", state="won", trial=SubscriptionPhaseFactory(), told_at=AT)
    assert look_anew(at=AT + HOUR, nightly=False) == 1
