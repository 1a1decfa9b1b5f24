"""A contract's term is counted from the day that the deal says, whenever somebody looks at it or approves it."""

from datetime import timedelta

import pytest

from catalog.domain.window import start_of_day
from desk.models import DealMapping
from entitlements.domain.contract_terms import months_after
from entitlements.models import Contract
from journal.actions import approvals
from journal.models import Approval
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, TODAY, crm, deal, hear, line, verbs
from tests.entitlements.contracts import amended, signed, with_terms
from tests.entitlements.world import DAY

pytestmark = pytest.mark.django_db
EARLIER, LATER = TODAY - timedelta(days=10), TODAY + timedelta(days=10)


def lasting(months, *lines, **more):
    return deal(line(), *lines, fields={"Months": str(months)}, **more)


def seats(number):
    return line("l2", "SEATS", "1", Seats=str(number))


def approve(at):
    approvals.approve(approval=Approval.objects.get(state="pending"), by=actor("finance"), at=at)


def counts():
    """The months of the version that was written last, and the day from which they are counted."""
    version = Contract.objects.get().versions.exclude(state="discarded").order_by("-number").first()
    days = {start_of_day(day, version.zone): day for day in (EARLIER, TODAY, LATER)}
    return version.term_months, days.get(version.term_starts_at, version.term_starts_at)


@pytest.fixture
def world():
    made = crm()
    DealMapping.objects.update(months={"deal_field": "Months"})
    return made


def test_approved_days_later_it_is_counted_from_the_day_on_which_it_was_won(world):
    hear(world, lasting(12, seats(7)))
    approve(AT + 3 * DAY)
    assert counts() == (12, TODAY)


def test_won_on_an_earlier_day_than_was_told_it_is_counted_from_that(world):
    hear(world, lasting(12))
    hear(world, lasting(12, closed_on=EARLIER), at=AT + DAY)
    assert counts() == (12, EARLIER)
    so_far = verbs()
    hear(world, lasting(12, closed_on=EARLIER), at=AT + 2 * DAY)
    assert verbs() == so_far


def test_put_off_it_is_counted_from_that_day_also_where_nobody_looks_until_the_next(world):
    hear(world, lasting(12))
    hear(world, lasting(12, closed_on=LATER), at=AT + DAY)
    hear(world, lasting(12, closed_on=LATER), at=AT + 11 * DAY)
    assert counts() == (12, LATER)


def test_other_terms_that_wait_stay_as_they_were_asked_for_where_a_line_changes_meanwhile(world):
    hear(world, lasting(12))
    hear(world, lasting(24, seats(7)), at=AT + DAY)
    hear(world, lasting(24, seats(9)), at=AT + DAY + MINUTE)
    approve(AT + 3 * DAY)
    assert counts() == (24, TODAY)


def test_another_first_day_that_waits_stays_as_it_was_asked_for_where_a_line_changes_meanwhile(world):
    hear(world, lasting(12))
    hear(world, lasting(12, seats(7), closed_on=EARLIER), at=AT + DAY)
    hear(world, lasting(12, seats(9), closed_on=EARLIER), at=AT + DAY + MINUTE)
    approve(AT + 3 * DAY)
    assert counts() == (12, EARLIER)


def test_another_first_day_that_waits_stays_where_other_months_are_said_and_taken_back(world):
    hear(world, lasting(12))
    hear(world, lasting(12, seats(7), closed_on=EARLIER), at=AT + DAY)
    hear(world, lasting(24, seats(7), closed_on=EARLIER), at=AT + DAY + MINUTE)
    hear(world, lasting(12, seats(7), closed_on=EARLIER), at=AT + DAY + 2 * MINUTE)
    approve(AT + 3 * DAY)
    assert counts() == (12, EARLIER)


def test_terms_that_staff_agreed_stay_where_the_deal_says_others_and_takes_them_back(world):
    hear(world, lasting(12))
    signed(amended(Contract.objects.get(), term_months=36, renewal_months=36, at=AT + MINUTE), at=AT + MINUTE)
    hear(world, lasting(24, seats(7)), at=AT + DAY)
    hear(world, lasting(12, seats(7)), at=AT + DAY + MINUTE)
    approve(AT + 3 * DAY)
    assert counts() == (36, TODAY)


def test_terms_that_staff_wrote_into_a_rejected_draft_stay_where_a_line_changes(world):
    hear(world, lasting(12))
    hear(world, lasting(12, seats(7)), at=AT + DAY)
    approvals.reject(approval=Approval.objects.get(), by=actor("finance"), at=AT + DAY, note="Only for longer")
    with_terms(Contract.objects.get().versions.get(number=2), term_months=18, at=AT + DAY)
    hear(world, lasting(12, seats(5)), at=AT + 2 * DAY)
    approve(AT + 3 * DAY)
    assert counts()[0] == 18


def test_another_notice_begins_no_new_term(world):
    hear(world, lasting(12, closed_on=None))
    DealMapping.objects.update(notice_days=30)
    hear(world, lasting(12, closed_on=None), at=AT + 3 * DAY)
    assert counts() == (12, TODAY)
    assert Contract.objects.get().versions.get(number=2).notice_days == 30


@pytest.mark.parametrize(("months", "day", "ends"), [(24, TODAY, 2028), (6, TODAY, 2026), (12, EARLIER, 2027)])
def test_what_does_not_renew_ends_when_the_deal_says_by_now(world, months, day, ends):
    DealMapping.objects.update(renews=False)
    hear(world, lasting(12))
    hear(world, lasting(months, closed_on=day), at=AT + DAY)
    contract = Contract.objects.get()
    last_day = months_after(day, months)
    assert (last_day.year, contract.ends_at) == (ends, start_of_day(last_day, contract.account.zone))
