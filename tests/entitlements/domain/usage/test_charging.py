"""Whether an operation fits, and what its counters say then."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED, Aggregation, Enforcement
from entitlements.domain.usage.allowances import Cap, OveragePrice, SubjectAllowance, cost_of, lines_of, paid_for
from entitlements.domain.usage.charging import Tallied, counted, land, let_go
from entitlements.domain.usage.operations import Act, UnfitUse, Why
from tests.conftest import EXAMPLES
from tests.entitlements.domain.usage.worlds import AT, SEATS, holder, month, operation, terms


def decided(given_terms, quantity=1, act=Act.CONSUME, *, used=0, held=0, subject="", choice="", price=None, caps=(),
            **bounds):  # fmt: skip
    """One operation on counters that all say the same before it."""
    own = holder(given_terms, price=price, caps=tuple(caps))
    lines = lines_of([own], at=AT, subject=subject, choice=choice, **bounds)
    counters = {line.key: Tallied(used=Decimal(used), held=Decimal(held), total=Decimal(used)) for line in lines}
    told = operation(quantity, act, subject=subject, choice=choice, until=AT + timedelta(hours=1))
    return land(told, lines, counters, amount=Decimal(quantity))


@pytest.mark.parametrize(
    ("more", "used", "held", "quantity", "allowed"),
    [
        ({}, 0, 0, 10, True),
        ({}, 0, 0, 11, False),
        ({}, 9, 0, 1, True),
        ({}, 9, 1, 1, False),
        ({}, 12, 0, 0, True),
        ({"limit": 0}, 0, 0, 1, False),
        ({"limit": None}, 0, 0, 0, False),
        ({"limit": UNLIMITED}, 10**12, 0, 10**9, True),
        ({"enforcement": Enforcement.SOFT}, 10, 0, 5, True),
        ({"enforcement": Enforcement.TRACK}, 10, 0, 5, True),
        ({"enforcement": Enforcement.SOFT, "overage_percent": 20}, 10, 0, 2, True),
        ({"enforcement": Enforcement.SOFT, "overage_percent": 20}, 10, 0, 3, False),
        ({"overage_percent": 15}, 10, 0, 1, True),  # 11.5 counted down to whole ones
        ({"overage_percent": 15}, 10, 0, 2, False),
        ({"buffer_percent": 10}, 8, 0, 1, True),
        ({"buffer_percent": 10}, 9, 0, 1, False),
        ({"buffer_percent": 10, "enforcement": Enforcement.SOFT}, 9, 0, 5, True),
    ],
)
def test_what_fits(more, used, held, quantity, allowed):
    assert decided(terms(**more), quantity, used=used, held=held).outcome.allowed is allowed


@pytest.mark.parametrize("act", [Act.REPORT, Act.COMMIT])
def test_what_happened_is_counted_whatever_the_limit(act):
    landed = decided(terms(), 25, act)
    assert (landed.outcome.allowed, landed.outcome.over, landed.outcome.left) == (True, 15, 0)


@pytest.mark.parametrize("aggregation", [Aggregation.PEAK, Aggregation.AVERAGE, Aggregation.LATEST])
def test_levels_are_told_and_never_refused(aggregation):
    assert decided(terms(5, aggregation), 99).outcome.allowed


def test_a_hold_takes_room_and_is_no_use():
    landed = decided(terms(), 4, Act.RESERVE, used=3)
    assert (landed.outcome.used, landed.outcome.held, landed.outcome.left) == (3, 4, 3)
    [(_, tallied)] = landed.counters
    assert let_go(tallied, Decimal(4)) == Tallied(used=Decimal(3), total=Decimal(3))


def test_a_part_bounds_its_choice_and_the_whole_bounds_all():
    split = terms(100, sub_limits={"model.large": Decimal(10)})
    assert decided(split, 10, choice="model.large").outcome.allowed
    refused = decided(split, 11, choice="model.large")
    assert (refused.outcome.why, refused.counters) == (Why.PART_REACHED, ())
    assert decided(split, 11, choice="model.small").outcome.allowed


def test_a_subjects_limit_bounds_it_under_the_accounts():
    budget = SubjectAllowance(Decimal(3))
    assert decided(terms(), 4, subject="agent:a", allowance=budget).outcome.why is Why.SUBJECT_REACHED
    assert decided(terms(), 4, subject="agent:a").outcome.allowed
    landed = decided(terms(), 3, subject="agent:a", allowance=budget)
    assert {key.subject for key, _ in landed.counters} == {"", "agent:a"}


def test_a_budget_for_a_task_counts_from_its_start():
    since = AT - timedelta(days=40)
    lines = lines_of([holder(terms())], at=AT, subject="task", allowance=SubjectAllowance(Decimal(3), since))
    assert [line.key.start for line in lines] == [month().start, since]


def test_each_seat_has_its_own_and_the_account_as_much_as_its_seats():
    each = terms(5, each_of=SEATS)
    assert decided(each, 5, subject="ann", used=0).outcome.allowed
    assert decided(each, 6, subject="ann").outcome.why is Why.SUBJECT_REACHED


def test_a_seat_with_a_limit_of_its_own_is_counted_once_and_bound_by_the_smaller():
    each = terms(5, each_of=SEATS)
    for own, most in ((Decimal(3), 3), (Decimal(9), 5)):
        lines = lines_of([holder(each)], at=AT, subject="ann", allowance=SubjectAllowance(own))
        assert [(line.key.subject, line.most) for line in lines] == [("", None), ("ann", most)]


@pytest.mark.parametrize(("until", "end"), [(None, None), (AT + timedelta(days=1), datetime(2026, 4, 1, tzinfo=UTC))])
def test_a_budget_that_begins_with_the_period_shares_its_counter_and_goes_on(until, end):
    budget = SubjectAllowance(Decimal(3), month().start, until)
    lines = lines_of([holder(terms(5, each_of=SEATS))], at=AT, subject="ann", allowance=budget)
    assert [(line.key.subject, line.most) for line in lines] == [("", None), ("ann", 3)]
    assert lines[1].end == end


def test_a_parents_spend_cap_bounds_its_children():
    tracked = terms(8, enforcement=Enforcement.TRACK)
    above = holder(tracked, 2, price=OveragePrice(1_000_000, 1, "USD"), caps=(Cap(5_000_000, "USD"),))
    lines = lines_of([holder(terms(8, shared=True, enforcement=Enforcement.TRACK)), above], at=AT)
    counters = {month(1): Tallied(), month(2): Tallied(used=Decimal(10))}
    assert land(operation(4), lines, counters, amount=Decimal(4)).outcome.why is Why.PARENT_REACHED
    assert land(operation(3), lines, counters, amount=Decimal(3)).outcome.allowed


def test_a_shared_allowance_counts_on_the_parent_too():
    shared = [holder(terms(10, shared=True), 1), holder(terms(10), 2)]
    lines = lines_of(shared, at=AT)
    counters = {month(1): Tallied(used=Decimal(2)), month(2): Tallied(used=Decimal(9))}
    assert land(operation(2), lines, counters, amount=Decimal(2)).outcome.why is Why.PARENT_REACHED
    landed = land(operation(1), lines, counters, amount=Decimal(1))
    assert [key.account_id for key, _ in landed.counters] == [1, 2]


def test_a_spend_cap_pays_for_so_much_and_no_more():
    tracked, price = terms(8, enforcement=Enforcement.TRACK), OveragePrice(125_000, 1, "USD")
    caps = [Cap(1_000_000, "USD")]
    assert decided(tracked, 8, used=8, price=price, caps=caps).outcome.allowed
    assert decided(tracked, 9, used=8, price=price, caps=caps).outcome.why is Why.CAP_REACHED
    assert not decided(tracked, 1, used=8, price=price, caps=[Cap(10**9, "EUR")]).outcome.allowed


def test_the_plans_own_percentage_is_no_cap_of_the_customers():
    tracked = terms(enforcement=Enforcement.TRACK, overage_percent=20)
    price = OveragePrice(1_000_000, 1, "USD")
    refused = decided(tracked, 3, used=10, price=price).outcome
    assert (refused.why, refused.because) == (
        Why.LIMIT_REACHED, "13 would be 1 over 12, which is 20 % beyond 10",
    )  # fmt: skip
    assert decided(tracked, 3, used=10, price=price, caps=[Cap(9_000_000, "USD")]).outcome.why is Why.LIMIT_REACHED
    assert decided(tracked, 2, used=10, price=price, caps=[Cap(1_000_000, "USD")]).outcome.why is Why.CAP_REACHED


@settings(max_examples=20 * EXAMPLES)
@given(st.integers(0, 10**9), st.integers(0, 10**7), st.integers(1, 10**6))
def test_what_a_cap_pays_for_never_costs_more_than_the_cap(micros, price, per):
    unit = OveragePrice(price, per, "USD")
    paid = paid_for(Cap(micros, "USD"), unit)
    assert cost_of(paid, unit) <= micros or price == 0
    assert price == 0 or cost_of(paid + 1, unit) > micros


def test_more_cannot_be_given_back_than_is_held():
    with pytest.raises(UnfitUse):
        decided(terms(), -1, Act.REPORT)


def test_what_happened_before_a_reset_counts_no_more():
    lines = lines_of([holder(terms())], at=AT)
    reset = Tallied(since=AT + timedelta(minutes=1))
    landed = land(operation(5, Act.REPORT), lines, {month(): reset}, amount=Decimal(5))
    assert landed.counters == ((month(), reset),)


events = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=12)


@settings(max_examples=20 * EXAMPLES)
@given(events)
def test_every_aggregation_says_what_its_definition_says(told):
    """Against the definitions, over all events at once."""
    said = {kind: Tallied() for kind in Aggregation}
    seen: set[int] = set()
    for minutes, amount in told:
        for kind in Aggregation:
            at = AT + timedelta(minutes=minutes)
            said[kind] = counted(kind, said[kind], amount=Decimal(amount), at=at, new=amount not in seen)
        seen.add(amount)
    amounts = [amount for _, amount in told]
    assert said[Aggregation.SUM].used == sum(amounts)
    assert said[Aggregation.DISTINCT].used == len(set(amounts))
    assert said[Aggregation.PEAK].used == max(amounts, default=0)
    assert said[Aggregation.AVERAGE].used == (sum(amounts) // len(amounts) if amounts else 0)
    last = max(enumerate(told), key=lambda entry: (entry[1][0], entry[0]), default=(0, (0, 0)))
    assert said[Aggregation.LATEST].used == last[1][1]


wanted = st.lists(st.tuples(st.sampled_from([Act.CONSUME, Act.RESERVE]), st.integers(0, 9)), max_size=40)


@settings(max_examples=20 * EXAMPLES)
@given(wanted, st.integers(0, 60))
def test_nothing_passes_the_limit_and_what_fits_alone_is_never_refused(asked, limit):
    lines = lines_of([holder(terms(limit))], at=AT)
    counters = {month(): Tallied()}
    for act, quantity in asked:
        before = counters[month()]
        landed = land(
            operation(quantity, act, until=AT + timedelta(hours=1)), lines, counters, amount=Decimal(quantity)
        )
        assert landed.outcome.allowed is (before.used + before.held + quantity <= limit or quantity == 0)
        counters.update(landed.counters)
        assert counters[month()].used + counters[month()].held <= limit
