"""Ends that are to be renewed are announced 90, 60 and 30 days ahead: to both sides, once, and anew where they move."""

from datetime import date

import pytest

from entitlements.actions.contract_endings import give_notice
from entitlements.actions.contract_signing import sign
from entitlements.actions.contracts import announce_ahead
from entitlements.actions.reminders import USUAL, add_reminder, change_reminder, install_usual, remove_reminder
from entitlements.actions.renewals.deciding import let_end, mark_renewed, renew
from entitlements.actions.renewals.making import offer_contract
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.actions.subscriptions import end
from entitlements.actions.sweep import sweep
from entitlements.models import Account, Contract, Reminder, SweepMark
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.announcements import Audience, coming
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid
from journal.models import AuditEvent, Notice
from tests.conftest import actor
from tests.entitlements.ending import contract, credits, customer, ending, maintained, renewing, task
from tests.entitlements.factories import ContactFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
HUNDRED = AT + 100 * DAY


@pytest.fixture
def acme() -> Account:
    SweepMark.objects.create(swept_to=AT)
    install_usual(at=AT)
    acme = customer()
    ContactFactory(account=acme, name="Bea Buyer", email="bea@acme.example")
    return acme


def told(to: str = "bea") -> list[str]:
    rows = Notice.objects.filter(kind="end_announced", recipient__startswith=to)
    return list(rows.order_by("pk").values_list("subject", flat=True))


def days(to: str = "bea") -> list[str]:
    rows = Notice.objects.filter(kind="end_announced", recipient__startswith=to).order_by("created_at")
    return [f"{row.created_at:%d %B}" for row in rows]


def swept(*days_on: int) -> None:
    """The sweep of these days, so many after `AT`."""
    for count in days_on:
        SweepMark.objects.update(swept_to=AT + (count - 1) * DAY)
        sweep(at=AT + count * DAY)


def planned(*, within: int = 120, to: Audience = Audience.CUSTOMER) -> list[str]:
    """The days on which the ends of everybody are announced, as things stand."""
    found = coming(at=AT, within=within * DAY, most=100)
    return [f"{one.at:%d %B}" for one in found if one.audience is to]


def test_a_subscription_for_one_term_is_announced_three_times_to_both_sides(acme: Account) -> None:
    ending(acme, on=HUNDRED)
    assert planned() == planned(to=Audience.OWNER) == ["12 March", "11 April", "11 May"]
    swept(9, 10, 11, 40, 70, 99)
    assert days() == days("ana") == ["12 March", "11 April", "11 May"]
    assert set(told()) == {"Your subscription to Team lasts until 10 June 2026 11:00 (Amsterdam)"}


@pytest.mark.parametrize("sort", [EndOf.MAINTENANCE, EndOf.CREDITS])
def test_maintenance_and_credits_are_announced(acme: Account, sort: EndOf) -> None:
    last = date(2026, 6, 9)
    if sort is EndOf.MAINTENANCE:
        maintained(acme, until=last)
    else:
        credits(acme, through_on=last)
    assert planned() == ["11 March", "10 April", "10 May"]
    swept(9)
    what = {EndOf.MAINTENANCE: "Your maintenance of licence", EndOf.CREDITS: "Your 10 credits of Prepaid help"}[sort]
    assert told()[0].startswith(what)


def test_under_tacit_renewal_the_days_count_back_from_the_end_of_the_running_term(acme: Account) -> None:
    agreed = renewing(acme, months=6)
    assert planned(within=290) == ["03 June", "03 July", "02 August", "01 December"]
    swept(93)
    assert told()[0] == (
        f"Your running term of contract {agreed.key} (Framework agreement) lasts through 1 September 2026 (Amsterdam)"
    )
    body = Notice.objects.filter(recipient__startswith="bea").earliest("pk").body
    assert "It renews by itself for 6 months, unless notice is given through 2 August 2026." in body


def test_what_was_given_notice_for_is_told_as_an_end(acme: Account) -> None:
    renewing(acme, months=6)
    give_notice(contract=Contract.objects.get(), said_by="Bea", by=SYSTEM, at=AT + DAY)
    swept(93)
    assert told()[0].startswith("Your contract C-2026-0001 (Framework agreement) lasts")


def test_an_end_that_moves_is_announced_anew_and_one_that_comes_back_is_not(acme: Account) -> None:
    row = ending(acme, on=HUNDRED)
    swept(10, 40)
    assert len(told()) == 2
    end(subscription=row, ends_at=HUNDRED + 15 * DAY, reason="", by=SYSTEM, at=AT + 50 * DAY)
    swept(55)
    assert told()[-1] == "Your subscription to Team lasts until 25 June 2026 11:00 (Amsterdam)"
    end(subscription=row, ends_at=HUNDRED, reason="", by=SYSTEM, at=AT + 60 * DAY)
    swept(10, 40)
    assert len(told()) == 3


def test_after_a_silence_only_the_nearest_is_told(acme: Account) -> None:
    ending(acme, on=HUNDRED)
    sweep(at=AT + 80 * DAY)
    assert len(told()) == 1


def test_nobody_is_warned_of_an_end_that_was_renewed_but_of_one_that_was_let_end(acme: Account) -> None:
    ending(acme, on=HUNDRED)
    sweep_renewals(at=AT)
    mark_renewed(renewal=task(), what="Order 7", starts_at=HUNDRED, by=actor("sales"), at=AT)
    assert planned() == []
    swept(10)
    assert told() == []
    other = ending(acme, on=HUNDRED + DAY)
    sweep_renewals(at=AT)
    let_end(renewal=task(subject_key=str(other.pk)), reason="They leave", by=actor("sales"), at=AT)
    assert len(planned()) == 3


def test_a_contract_may_have_days_of_its_own(acme: Account) -> None:
    agreed = contract(acme, months=3)
    announce_ahead(contract=agreed, days=[45, 10, 45], by=SYSTEM, at=AT)
    assert planned() == ["17 April", "22 May"]
    assert AuditEvent.objects.get(verb="contract:announce_ahead").changes["announced_days"] == [[], [45, 10]]


def test_days_that_can_not_be_are_refused_beside_the_field(acme: Account) -> None:
    agreed = contract(acme)
    with pytest.raises(Invalid, match="1 to 365") as refused:
        announce_ahead(contract=agreed, days=[400], by=SYSTEM, at=AT)
    assert refused.value.field == "days"


def test_days_of_ones_own_go_to_whom_the_table_tells_and_else_to_the_owner(acme: Account) -> None:
    for row in Reminder.objects.filter(end_of=EndOf.CONTRACT):
        remove_reminder(reminder=row, by=SYSTEM, at=AT)
    agreed = contract(acme, months=3)
    announce_ahead(contract=agreed, days=[45], by=SYSTEM, at=AT)
    assert (planned(to=Audience.OWNER), planned()) == (["17 April"], [])


def test_a_desk_that_had_a_table_before_gets_only_what_it_never_had() -> None:
    add_reminder(end_of=EndOf.CONTRACT, days_before=45, tells_customer=False, tells_owner=True, by=SYSTEM, at=AT)
    gone = add_reminder(end_of=EndOf.COVER, days_before=45, tells_customer=False, tells_owner=True, by=SYSTEM, at=AT)
    remove_reminder(reminder=gone, by=SYSTEM, at=AT)
    added = install_usual(at=AT)
    assert added == sum(1 for one in USUAL if one[0] not in {EndOf.CONTRACT, EndOf.COVER})
    assert list(Reminder.objects.filter(end_of=EndOf.CONTRACT).values_list("days_before", flat=True)) == [45]
    assert not Reminder.objects.filter(end_of=EndOf.COVER).exists()
    assert install_usual(at=AT) == 0


def test_nobody_is_warned_of_a_contract_whose_next_one_is_signed(acme: Account) -> None:
    old = contract(acme)
    sweep_renewals(at=AT)
    offer = offer_contract(str(old.pk), AT)
    told = {"through_on": None, "reason": "They go on", "by": actor("sales"), "at": AT}
    renew(renewal=task(), starts_on=offer.starts_on, **told)
    assert len(planned()) == 3
    sign(version=Contract.objects.exclude(pk=old.pk).get().versions.get(), by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    found = coming(at=AT, within=120 * DAY, most=100)
    assert [one.end.key for one in found if one.end.key == f"contract:{old.pk}"] == []


def test_an_end_that_moved_so_near_that_its_days_have_passed_is_told_at_once_and_once(acme: Account) -> None:
    row = ending(acme, on=HUNDRED)
    sweep_renewals(at=AT)
    assert told() == []
    end(subscription=row, ends_at=AT + 20 * DAY, reason="", by=SYSTEM, at=AT + DAY)
    for _ in range(2):
        sweep_renewals(at=AT + DAY)
        swept(1, 2, 10, 19)
    assert told() == ["Your subscription to Team lasts until 22 March 2026 10:00 (Amsterdam)"]
    assert len(told("ana")) == 1


def test_where_no_contact_is_told_the_owner_is_told_so(acme: Account) -> None:
    ending(customer("quiet"), on=HUNDRED)
    for row in Reminder.objects.filter(end_of=EndOf.SUBSCRIPTION, days_before=90):
        change = {"days_before": 90, "tells_customer": True, "tells_owner": False}
        change_reminder(reminder=row, **change, by=SYSTEM, at=AT)
    swept(9, 10, 11)
    assert (told(), len(told("ana"))) == ([], 1)
    assert "Nobody at the customer has been told of this" in Notice.objects.get(recipient__startswith="ana").body
