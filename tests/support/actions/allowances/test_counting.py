"""Cases take incidents of prepaid help and give them back: when, of which, and what follows where none is left."""

import pytest

from entitlements.models import CreditEntry, UsageEvent
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.actions.allowances.counting import settle_after_event
from support.actions.allowances.rules import Rule, edit_allowance
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, Counts
from support.models import CaseCount
from tests.support.casework import holder
from tests.support.counting_world import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    RESOLVING,
    a_case,
    comes_to,
    given_to,
    held,
    holds,
    incidents,
    left,
    plan_of_incidents,
    promised,
    settled,
    sold,
    supported,
    writes_again,
)
from tests.support.factories import CoverFactory

pytestmark = pytest.mark.django_db


def test_a_case_takes_one_when_it_is_opened():
    acme, pack = supported(10)
    case = a_case(acme)
    assert left(acme, pack) == 9
    (row,) = held(case)
    assert (row.at, row.overdrawn, row.event_id) == (AT, False, f"case:{case.pk}:1")
    event = UsageEvent.objects.get()
    assert (event.source, event.event_id, event.act) == ("desk:support", row.event_id, "consume")


def test_asked_again_it_takes_no_other():
    acme, pack = supported(10)
    case = a_case(acme)
    for n in range(3):
        settled(case, at=AT + n * HOUR)
    assert (left(acme, pack), CaseCount.objects.count()) == (9, 1)


def test_where_cases_count_when_they_are_resolved_it_takes_one_then():
    acme, pack = supported(10, counted_on=RESOLVING)
    case = a_case(acme)
    assert left(acme, pack) == 10
    comes_to(case, "resolved", at=AT + HOUR)
    assert left(acme, pack) == 9
    assert held(case)[0].at == AT + HOUR
    comes_to(case, "closed", at=AT + 2 * HOUR)
    assert (left(acme, pack), held(case)[0].at) == (9, AT + HOUR)


def test_opened_again_it_gives_it_back_and_resolved_again_takes_it_again():
    acme, pack = supported(10, counted_on=RESOLVING)
    case = a_case(acme)
    comes_to(case, "resolved", at=AT + HOUR)
    writes_again(case, at=AT + 2 * HOUR)
    assert (left(acme, pack), held(case)) == (10, [])
    assert CreditEntry.objects.filter(kind="given_back").get().note == f"Given back: {case.number} was opened again"
    comes_to(case, "resolved", at=AT + 3 * HOUR)
    assert left(acme, pack) == 9
    assert [row.event_id for row in CaseCount.objects.order_by("pk")] == [f"case:{case.pk}:1", f"case:{case.pk}:2"]


def test_cancelled_it_gives_back_what_it_took():
    acme, pack = supported(10)
    case = a_case(acme)
    comes_to(case, "cancelled")
    assert left(acme, pack) == 10
    row = CaseCount.objects.get()
    assert (row.given_back_at, row.give_back_reason) == (AT + HOUR, f"{case.number} was cancelled")


def test_what_it_took_at_the_opening_stays_taken_when_it_is_resolved_and_opened_again():
    acme, pack = supported(10)
    case = a_case(acme)
    comes_to(case, "resolved")
    writes_again(case, at=AT + 2 * HOUR)
    assert (left(acme, pack), CaseCount.objects.count()) == (9, 1)


def test_given_to_another_customer_it_gives_back_there_and_takes_here():
    acme, pack = supported(10)
    other = holder("other")
    sold(other, pack, 5)
    case = a_case(acme)
    given_to(case, other)
    assert (left(acme, pack), left(other, pack)) == (10, 4)
    assert CaseCount.objects.first().give_back_reason == f"{case.number} is another customer’s"


def test_while_nobody_knows_whose_it_is_nothing_is_counted():
    acme, pack = supported(10)
    case = a_case(None)
    assert not CaseCount.objects.exists()
    given_to(case, acme)
    assert left(acme, pack) == 9
    assert held(case)[0].at == AT


def test_the_last_one_is_taken_and_the_next_case_is_not_covered():
    acme, pack = supported(1)
    first, second = a_case(acme), a_case(acme, at=AT + MINUTE)
    assert (left(acme, pack), first.tier, second.tier) == (0, "standard", "")
    assert (len(held(first)), held(second)) == (1, [])
    assert "Nothing is left of Incidents" in second.promises.last().why


def test_overdrawn_where_that_was_agreed_and_shown():
    acme, pack = supported(1, at_zero=AtZero.OVERDRAW)
    a_case(acme)
    second = a_case(acme, at=AT + MINUTE)
    assert (left(acme, pack), second.tier) == (-1, "standard")
    assert [row.overdrawn for row in held(second)] == [True]


def test_a_part_that_is_used_up_blocks_as_the_whole_does():
    promised("standard")
    pack, other = incidents(channels=True), holder("other")
    holds(other, plan_of_incidents(pack.feature, 10, {Channel.PHONE: 1}))
    first = a_case(other, channel=Channel.PHONE)
    second = a_case(other, channel=Channel.PHONE, at=AT + MINUTE)
    third = a_case(other, channel=Channel.EMAIL, at=AT + MINUTE)
    assert [case.tier for case in (first, second, third)] == ["standard", "", "standard"]
    assert left(other, pack, at=AT + HOUR) == 8


def test_heard_of_late_it_counts_when_it_was_opened():
    acme, pack = supported(1)
    case = a_case(acme, at=AT + 3 * DAY, opened_at=AT)
    assert (held(case)[0].at, UsageEvent.objects.get().act) == (AT, "report")
    late = a_case(acme, at=AT + 4 * DAY, opened_at=AT - HOUR)
    assert (late.tier, held(late), left(acme, pack)) == ("", [], 0)


def test_longer_ago_than_use_can_be_told_it_stays_uncounted_and_covered():
    acme, pack = supported(10)
    case = a_case(acme, at=AT + 100 * DAY, opened_at=AT)
    assert (case.tier, held(case), left(acme, pack, at=AT + 100 * DAY)) == ("standard", [], 10)


def test_a_resolved_case_was_delivered_so_that_it_counts_below_zero():
    acme, pack = supported(1, counted_on=RESOLVING)
    cases = [a_case(acme), a_case(acme, at=AT + MINUTE)]
    for case in cases:
        comes_to(case, "resolved", at=AT + HOUR)
    assert left(acme, pack) == -1
    assert [row.overdrawn for row in CaseCount.objects.order_by("pk")] == [False, True]


def test_resolved_earlier_than_was_known_it_counts_from_then():
    acme, pack = supported(10, counted_on=RESOLVING)
    case = a_case(acme)
    comes_to(case, "resolved", at=AT + 3 * HOUR)
    comes_to(case, "resolved", at=AT + 4 * HOUR, happened_at=AT + HOUR)
    assert (held(case)[0].at, left(acme, pack)) == (AT + HOUR, 9)


def test_what_was_bought_later_does_not_reach_back_to_older_cases():
    acme, _ = supported(1)
    fresh = incidents("fresh")
    case = a_case(acme)
    sold(acme, fresh, 5, at=AT + HOUR)
    comes_to(case, "waiting", at=AT + 2 * HOUR)
    assert left(acme, fresh) == 5


def test_of_several_the_one_that_would_go_unused_first_is_taken():
    acme, pack = supported(10)
    short = incidents("short")
    sold(acme, short, 1, expires_at=AT + 5 * DAY)
    case = a_case(acme)
    assert [row.allowance for row in held(case)] == [short]
    second = a_case(acme, at=AT + MINUTE)
    assert [row.allowance for row in held(second)] == [pack]
    assert (left(acme, pack), left(acme, short, at=AT + HOUR)) == (9, 0)


def test_a_cover_of_which_that_was_not_agreed_counts_nothing():
    acme, pack = supported(10)
    CoverFactory(account=acme, tier="standard", priority=1, counted=False)
    case = a_case(acme)
    assert case.promises.last().covered_by.startswith("cover:")
    assert (left(acme, pack), held(case)) == (10, [])


def test_a_cover_of_which_it_was_agreed_counts():
    acme, pack = supported(10)
    CoverFactory(account=acme, tier="standard", priority=1, counted=True)
    case = a_case(acme)
    assert case.promises.last().covered_by.startswith("cover:")
    assert left(acme, pack) == 9


def test_who_has_no_prepaid_help_takes_nothing():
    acme, pack = supported(10)
    case = a_case(holder("other"))
    assert (held(case), left(acme, pack)) == ([], 10)


def test_counted_from_its_opening_it_stays_so_whatever_the_rule_becomes():
    acme, pack = supported(10)
    case, gone = a_case(acme), a_case(acme)
    edit_allowance(allowance=pack, rule=Rule(Counts.CASES, RESOLVING), by=SYSTEM, at=AT)
    for number, state in enumerate(("waiting", "resolved", "open")):
        comes_to(case, state, at=AT + number * HOUR)
        assert [row.at for row in held(case)] == [AT]
    comes_to(gone, "cancelled")
    assert left(acme, pack) == 9


def test_two_in_hand_are_told_apart_from_another_feature_of_credits():
    """Credits that no allowance names are nobody's incidents."""
    acme, pack = supported(10)
    pack.retired_at = AT - DAY
    keep(pack, deed=begin(by=SYSTEM, at=AT))
    assert held(a_case(acme)) == []


def test_noting_reads_no_more_for_cases_that_count_on_nothing(django_assert_max_num_queries):
    acme, _ = supported(10)
    case = a_case(acme)
    with django_assert_max_num_queries(3):
        settle_after_event(case, at=AT, deed=begin(by=SYSTEM, at=AT))


def test_opening_reads_the_facts_once_to_count(django_assert_max_num_queries):
    acme, _ = supported(10)
    case = open_case(account=acme, subject="x", channel=Channel.EMAIL, severity="high", by=SYSTEM, at=AT)
    CaseCount.objects.filter(case=case).delete()
    with django_assert_max_num_queries(41):
        settled(case)
