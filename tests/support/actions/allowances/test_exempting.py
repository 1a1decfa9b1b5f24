"""A case left uncounted for a reason, and counted after all: who may, what it gives back, what is audited."""

import pytest

from entitlements.models import CreditEntry
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.allowances.exempting import NothingLeft, OwnCase, TooLateToCount, count_case, exempt_case
from tests.conftest import actor
from tests.support.casework import holder
from tests.support.counting_world import (
    AT,
    DAY,
    HOUR,
    RESOLVING,
    a_case,
    comes_to,
    given_to,
    held,
    left,
    sold,
    supported,
)

pytestmark = pytest.mark.django_db
ANN = actor("support", "Ann")
BEN = actor("support", "Ben")


def exempted(case, *, by=BEN, at=AT + HOUR, reason="Our release broke it"):
    return exempt_case(case=case, reason=reason, by=by, at=at)


def test_it_is_given_back_and_both_ledgers_say_why():
    acme, pack = supported(10)
    case = a_case(acme, by=ANN)
    exempted(case)
    case.refresh_from_db()
    assert (case.uncounted_at, case.uncounted_by, case.uncounted_reason) == (AT + HOUR, "Ben", "Our release broke it")
    assert (left(acme, pack), held(case)) == (10, [])
    note = CreditEntry.objects.get(kind="given_back").note
    assert note == f"Given back: {case.number} isn’t counted: Our release broke it"
    audit = AuditEvent.objects.get(verb="case:exempt")
    assert (audit.reason, audit.account_key, audit.changes) == (
        "Our release broke it",
        "acme",
        {"counted": ["yes", "no"]},
    )


def test_it_stays_uncounted_whatever_happens():
    acme, pack = supported(10, counted_on=RESOLVING)
    case = a_case(acme)
    exempted(case)
    comes_to(case, "resolved", at=AT + 2 * HOUR)
    assert left(acme, pack) == 10


def test_also_when_it_turns_out_to_be_another_customers():
    acme, pack = supported(10)
    other = holder("other")
    sold(other, pack, 5)
    case = a_case(acme)
    exempted(case)
    given_to(case, other, at=AT + 2 * HOUR)
    assert (left(acme, pack), left(other, pack)) == (10, 5)


def test_counted_after_all_it_counts_from_its_opening():
    acme, pack = supported(10)
    case = a_case(acme)
    exempted(case)
    count_case(case=case, reason="It was theirs after all", by=ANN, at=AT + 2 * HOUR)
    assert (left(acme, pack), held(case)[0].at) == (9, AT)
    assert AuditEvent.objects.get(verb="case:count").changes == {"counted": ["no: Our release broke it", "yes"]}


def test_where_nothing_is_left_meanwhile_it_stays_uncounted():
    acme, pack = supported(1)
    case = a_case(acme)
    exempted(case)
    a_case(acme, at=AT + 2 * HOUR)
    with pytest.raises(NothingLeft, match="Nothing is left of Incidents"):
        count_case(case=case, reason="It was theirs", by=ANN, at=AT + 3 * HOUR)
    case.refresh_from_db()
    assert case.uncounted_at is not None
    assert left(acme, pack) == 0


def test_too_long_ago_it_stays_uncounted():
    acme, pack = supported(10)
    case = a_case(acme)
    exempted(case)
    with pytest.raises(TooLateToCount, match="more than 90 days ago"):
        count_case(case=case, reason="Theirs", by=ANN, at=AT + 100 * DAY)
    case.refresh_from_db()
    assert case.uncounted_at is not None
    assert left(acme, pack) == 10


def test_whoever_opened_it_does_not_decide_that_it_is_free():
    acme, pack = supported(10)
    case = a_case(acme, by=ANN)
    with pytest.raises(OwnCase, match="a colleague has to decide"):
        exempted(case, by=ANN)
    assert left(acme, pack) == 9


def test_twice_is_refused():
    acme, _ = supported(10)
    case = a_case(acme)
    exempted(case)
    with pytest.raises(Stale, match="Ben has left"):
        exempted(case, by=ANN)
    count_case(case=case, reason="Theirs", by=ANN, at=AT + HOUR)
    with pytest.raises(Stale, match="counted as any other"):
        count_case(case=case, reason="Theirs", by=ANN, at=AT + HOUR)


@pytest.mark.parametrize(("reason", "says"), [("  ", "Say why"), ("x" * 301, "Keep it to 300 characters")])
def test_a_reason_is_asked_for(reason, says):
    acme, _ = supported(10)
    case = a_case(acme)
    with pytest.raises(Invalid, match=says) as refused:
        exempted(case, reason=reason)
    assert refused.value.field == "reason"


def test_who_may_not_is_refused():
    acme, _ = supported(10)
    case = a_case(acme)
    with pytest.raises(NotAllowed):
        exempted(case, by=actor("sales"))
