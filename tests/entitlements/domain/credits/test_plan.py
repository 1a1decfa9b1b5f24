"""A plan's credits: one grant of the answer's value, set again each period, that nobody stored (docs/adr/0016)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED, Reset
from catalog.domain.window import MOMENT
from entitlements.domain.credits.burning import Checkpoint
from entitlements.domain.credits.course import Course, Source, corrections, mark_before, opening
from entitlements.domain.credits.grants import Use
from entitlements.domain.credits.ledger import Kind, totals
from entitlements.domain.credits.plan import PLAN, period_of, plan_credits
from entitlements.domain.credits.run import run
from entitlements.domain.credits.spelling import parse, spell
from entitlements.domain.facts import Mode
from entitlements.domain.periods import Periods
from tests.conftest import EXAMPLES
from tests.entitlements.domain.credits.plans import CREDITS, customer, day, override

MANY = settings(max_examples=3 * EXAMPLES)
HOUR = timedelta(hours=1)
FULL = customer(("2026-01-01", "", 100))


def told(facts, *uses, until, resets=()):
    """What stands at the instant after the uses, each ("2026-01-05", 30)."""
    used = [Use(day(at), Decimal(amount), f"u{n}") for n, (at, amount) in enumerate(uses)]
    source = Source(facts, CREDITS.key, tuple(day(at) for at in resets))
    first = min([day(until), *(use.at for use in used)])
    course = Course(source, grants=(), start=opening(source, first=first))
    course.advance(day(until), used)
    return course


def left(facts, *uses, until, **more):
    found = told(facts, *uses, until=until, **more).left
    return found if found is UNLIMITED else int(found)


def test_it_is_the_answers_value_less_what_was_used():
    assert left(FULL, until="2026-01-10") == 100
    assert left(FULL, ("2026-01-05", 30), until="2026-01-10") == 70


def test_each_period_begins_full_and_nothing_is_added_up():
    assert [left(FULL, ("2026-01-05", 30), until=at) for at in ("2026-01-31", "2026-02-01", "2026-05-01")] == [
        70,
        100,
        100,
    ]


def test_before_and_after_the_answer_there_is_nothing():
    held = customer(("2026-01-10", "2026-01-20", 100))
    assert [left(held, until=at) for at in ("2026-01-09", "2026-01-10", "2026-01-19", "2026-01-20")] == [0, 100, 100, 0]


@pytest.mark.parametrize(
    ("uses", "becomes", "is_left"),
    [(30, 200, 170), (30, 50, 20), (80, 50, 0), (80, 80, 0), (100, 150, 50), (0, 10, 10), (80, 0, 0)],
)
def test_another_value_moves_what_is_left_by_the_difference_never_below_zero(uses, becomes, is_left):
    changed = customer(("2026-01-01", "2026-01-15", 100), ("2026-01-15", "", becomes))
    assert left(changed, ("2026-01-05", uses), until="2026-01-16") == is_left


def test_down_and_up_again_leads_back_to_where_it_was():
    swings = customer(("2026-01-01", "2026-01-10", 100), ("2026-01-10", "2026-01-20", 20), ("2026-01-20", "", 100))
    assert [left(swings, ("2026-01-05", 80), until=at) for at in ("2026-01-09", "2026-01-12", "2026-01-21")] == [
        20,
        0,
        20,
    ]


def test_an_override_gives_more_while_it_lasts():
    more = customer(("2026-01-01", "", 100), overrides=(override(Mode.ADD, 50, "2026-01-10", "2026-01-20"),))
    assert [left(more, ("2026-01-05", 90), until=at) for at in ("2026-01-09", "2026-01-12", "2026-01-21")] == [
        10,
        60,
        10,
    ]


def test_back_within_its_period_it_finds_what_was_used_still_used():
    """Or whoever cancels and comes back would have a month twice."""
    back = customer(("2026-01-01", "2026-01-10", 100), ("2026-01-12", "", 100))
    uses = (("2026-01-05", 80),)
    assert [left(back, *uses, until=at) for at in ("2026-01-11", "2026-01-13", "2026-02-01")] == [0, 20, 100]


def test_without_a_limit_nothing_is_owed_and_use_is_still_counted():
    boundless = customer(("2026-01-01", "2026-01-15", UNLIMITED), ("2026-01-15", "", 100))
    assert left(boundless, ("2026-01-05", 10**9), until="2026-01-10") is UNLIMITED
    assert left(boundless, ("2026-01-05", 30), until="2026-01-16") == 70
    assert left(boundless, ("2026-01-05", 10**9), until="2026-01-16") == 0


def test_months_begin_where_the_customer_is():
    tokyo = customer(("2026-01-01", "", 100), zone="Asia/Tokyo")
    turn = datetime(2026, 1, 31, 15, 0, tzinfo=UTC)
    assert period_of(tokyo, CREDITS.key, at=turn).start == turn
    assert period_of(tokyo, CREDITS.key, at=turn - MOMENT).end == turn


def test_with_billing_the_31st_is_clamped_without_drift():
    billing = Periods(day("2026-01-31"), day("2026-01-31"))
    held = customer(("2026-01-31", "", 100), reset=Reset.BILLING, billing=billing)
    plan = plan_credits(held, CREDITS.key, since=day("2026-01-31"), until=day("2026-05-31"))
    assert [at.date().isoformat() for at in plan.starts] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip


def test_given_once_it_never_comes_again():
    once = customer(("2026-01-01", "", 100), reset=Reset.NEVER)
    assert left(once, ("2026-01-05", 30), until="2031-01-01") == 70


def test_a_reset_by_staff_sets_it_too():
    assert left(FULL, ("2026-01-05", 90), until="2026-01-10", resets=["2026-01-07"]) == 100


def test_short_periods_nobody_used_are_left_out_and_it_comes_to_the_same():
    """A reset each minute over a year is half a million turns; those that change nothing are not walked."""
    minutes = customer(("2026-01-01", "", 10), reset=Reset.MINUTE)
    course = told(minutes, ("2026-01-01", 4), ("2026-06-01", 7), until="2026-12-31")
    assert (course.left, len(course.burning.movements) < 20) == (10, True)
    assert left(minutes, ("2026-06-01", 25), until="2026-06-01") == 0


def test_unused_months_are_told_one_by_one():
    kinds = [line.kind.value for line in told(FULL, ("2026-01-05", 30), until="2026-03-01").burning.movements]
    assert kinds == ["grant", "use", "lapse", "recur", "lapse", "recur"]


amounts = st.one_of(st.sampled_from([0, 20, 50, 100]), st.just(UNLIMITED))
days = st.integers(1, 27).map(lambda n: f"2026-02-{n:02}")


@st.composite
def customers(draw):
    edges = sorted(set(draw(st.lists(days, min_size=1, max_size=5))))
    stretches = [(start, end, draw(amounts)) for start, end in pairwise([*edges, ""]) if draw(st.integers(0, 3))]
    return customer(*stretches, reset=draw(st.sampled_from([Reset.MONTH, Reset.WEEK, Reset.DAY, Reset.NEVER])))


uses = st.lists(st.tuples(days, st.integers(1, 60)), max_size=6)


@MANY
@given(customers(), uses, days)
def test_what_is_left_is_the_value_less_what_was_used_in_the_period(facts, rows, at):
    """The whole rule in one line, for a plan's credits alone."""
    until = day(at) + HOUR
    inside = [(when, amount) for when, amount in rows if day(when) <= until]
    course = told(facts, *inside, until=until.replace(tzinfo=None).isoformat())
    plan = plan_credits(facts, CREDITS.key, since=until, until=until).grant.amount
    begins = period_of(facts, CREDITS.key, at=until).start
    used = [line for line in course.burning.movements if line.grant == PLAN and line.kind is Kind.USE]
    covered = sum(-line.amount for line in used if begins is None or line.at >= begins)
    assert course.left == (UNLIMITED if plan is UNLIMITED else max(Decimal(0), plan - covered))


@MANY
@given(customers(), uses, st.lists(days, max_size=3))
def test_kept_and_read_again_anywhere_it_comes_to_the_same(facts, rows, stops):
    ends = "2026-02-28"
    whole = told(facts, *rows, until=ends)
    source = Source(facts, CREDITS.key)
    used = sorted((Use(day(at), Decimal(n), f"u{k}") for k, (at, n) in enumerate(rows)), key=lambda use: use.at)
    start = opening(source, first=min([day(ends), *(use.at for use in used)]))
    course = Course(source, grants=(), start=start)
    for stop in [*sorted(day(stop) + HOUR for stop in stops), day(ends)]:
        course.advance(stop, [use for use in used if course.at < use.at <= stop])
        kept = parse(spell(course.state))
        course = Course(source, grants=(), start=kept, marks=[parse(spell(mark)) for mark in course.marks])
    assert (course.left, course.state.overage) == (whole.left, whole.state.overage)


@MANY
@given(customers(), uses, st.tuples(days, st.integers(1, 60)))
def test_told_late_and_put_right_it_comes_to_what_it_would_have_been(facts, rows, late):
    source, ends = Source(facts, CREDITS.key), day("2026-02-28")
    used = [Use(day(at), Decimal(n), f"u{k}") for k, (at, n) in enumerate(rows)]
    missed = Use(day(late[0]), Decimal(late[1]), "late")
    before = told(facts, *rows, until="2026-02-28")
    whole = told(facts, *rows, late, until="2026-02-28")
    mark = mark_before(before.marks, missed.at, or_then=True)
    if mark is None:
        mark = opening(source, first=min(use.at for use in [*used, missed]))
    again = Course(source, grants=(), start=mark)
    again.advance(ends, [use for use in [*used, missed] if use.at >= mark.at])
    assert (again.left, again.state.overage) == (whole.left, whole.state.overage)
    lines = [line for line in again.burning.movements if line.use == "late"]
    moved = [*lines, *corrections(before.state, again.state, lines, at=missed.at)]
    assert before.state.balance + sum(line.moves for line in moved) == again.state.balance


@MANY
@given(customers(), uses)
def test_a_plans_credits_add_up_too(facts, rows):
    course = told(facts, *rows, until="2026-02-28")
    finite = sum(held.left for held in course.state.held.values() if held.left is not UNLIMITED)
    assert totals(course.burning.movements).left == finite


def test_the_engine_and_a_course_agree():
    plan = plan_credits(FULL, CREDITS.key, since=day("2026-01-01"), until=day("2026-04-01"))
    rows = (("2026-01-05", 130), ("2026-02-05", 10))
    used = [Use(day(at), Decimal(amount), f"u{n}") for n, (at, amount) in enumerate(rows)]
    found = run([plan.grant], used, plan.resets, day("2026-04-01"), start=Checkpoint(day("2026-01-01") - MOMENT))
    assert list(found.movements) == told(FULL, *rows, until="2026-04-01").burning.movements
