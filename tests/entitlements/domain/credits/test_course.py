"""A balance going on: what was settled isn't settled again, and what is told late becomes exactly the lines it takes."""

from datetime import timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Reset
from catalog.domain.window import MOMENT
from entitlements.domain.credits.burning import Checkpoint, Held
from entitlements.domain.credits.course import MARKS, Course, Source, corrections, mark_before, opening
from entitlements.domain.credits.grants import Grant, Use
from entitlements.domain.credits.grants import Reset as CreditReset
from entitlements.domain.credits.ledger import Kind, Movement
from entitlements.domain.credits.plan import PLAN
from entitlements.domain.credits.recurrence import Interval, Recurrence
from entitlements.domain.credits.run import run
from tests.entitlements.domain.credits.plans import CREDITS, customer, day

ONE = day("2026-01-01")
HOUR = timedelta(hours=1)


def begun(facts, *grants, at="2026-01-01"):
    source = Source(facts, CREDITS.key)
    return Course(source, grants=grants, start=opening(source, first=day(at)))


def test_a_reset_that_has_happened_does_not_happen_again_after_a_checkpoint():
    """What was filled in the same instant would be taken away by it."""
    daily = Grant("d", Decimal(10), ONE, recurrence=Recurrence(Interval(days=1), ONE), max_rollover=Decimal(0))
    reset = CreditReset(ONE + timedelta(days=1))
    kept = run([daily], [], [reset], reset.at, start=Checkpoint(ONE - MOMENT)).end
    assert run([daily], [], [reset], reset.at + HOUR, start=kept).balances == {"d": 10}


def test_a_short_period_that_followed_a_use_is_never_left_out():
    """What was beyond in one minute isn't owed in the next, not even to credits that came an hour later."""
    later = Grant("later", Decimal(50), ONE + HOUR, priority=100)
    course = begun(customer(("2026-01-01", "", 10), reset=Reset.MINUTE), later)
    course.advance(ONE + 2 * HOUR, [Use(ONE, Decimal(25), "u")])
    assert course.left == 60


def test_told_late_only_what_it_did_not_take_itself_is_put_right():
    before = Checkpoint(ONE, {"1": Held(Decimal(50)), "2": Held(Decimal(10))}, Decimal(0))
    after = Checkpoint(ONE, {"1": Held(Decimal(20)), "2": Held(Decimal(5))}, Decimal(7))
    told = [Movement(ONE, Kind.USE, Decimal(-30), "1", "late"), Movement(ONE, Kind.OVERAGE, Decimal(-2), use="late")]
    moved = list(corrections(before, after, told, at=ONE))
    assert [(line.grant, line.amount) for line in moved] == [("2", -5), ("", -5)]


def test_nothing_is_put_right_where_nothing_was_wrong():
    state = Checkpoint(ONE, {"1": Held(Decimal(50)), PLAN: Held(UNLIMITED)})
    assert list(corrections(state, state, [], at=ONE)) == []


def test_the_last_marks_are_kept_and_each_is_the_state_at_its_instant():
    course = begun(customer(("2020-01-01", "", 100)), at="2020-01-01")
    course.advance(day("2026-01-15"))
    assert len(course.marks) == MARKS
    assert [mark.at for mark in course.marks][-2:] == [day("2025-12-01"), day("2026-01-01")]
    assert mark_before(course.marks, day("2026-01-01"), or_then=True) is course.marks[-1]
    assert mark_before(course.marks, day("2026-01-01"), or_then=False) is course.marks[-2]
    assert mark_before(course.marks, day("2020-01-01"), or_then=True) is None


def test_what_is_used_up_for_good_is_live_no_more():
    packs = [Grant(str(n), Decimal(10), ONE) for n in range(2)]
    weekly = Grant("7", Decimal(1), ONE, recurrence=Recurrence(Interval(days=7), ONE))
    later = Grant("8", Decimal(5), ONE + timedelta(days=9))
    course = begun(customer(), *packs, weekly, later)
    course.advance(ONE + HOUR)
    course.burn(Use(course.at, Decimal(11), "u"))
    assert sorted(course.live()) == ["1", "7", "8"]
    assert "0" not in course.state.held


def test_time_never_goes_back():
    course = begun(customer(("2026-01-01", "", 100)))
    course.advance(day("2026-02-05"))
    course.advance(day("2026-01-05"))
    assert course.at == day("2026-02-05")


def test_lines_are_handed_out_once():
    course = begun(customer(("2026-01-01", "", 100)))
    course.advance(day("2026-01-05"))
    assert [line.kind for line in course.drained()] == [Kind.GRANT]
    assert course.drained() == []


def test_while_nothing_changes_nothing_is_looked_up_again_and_what_changes_is_not_missed():
    pack = Grant("1", Decimal(10), day("2026-01-10"), day("2026-01-20"), priority=100)
    course = begun(customer(("2026-01-01", "2026-03-10", 100)), pack)
    told = []
    for at in ("2026-01-02", "2026-01-09", "2026-01-10", "2026-01-19", "2026-01-20", "2026-02-01", "2026-03-10"):
        course.advance(day(at))
        told.append((course.left, course.quiet_until.date().isoformat()))
    assert told == [
        (100, "2026-01-10"), (100, "2026-01-10"), (110, "2026-01-20"), (110, "2026-01-20"), (100, "2026-02-01"),
        (100, "2026-03-01"), (0, "9999-12-31"),
    ]  # fmt: skip


def test_a_grant_taken_in_counts_also_where_it_was_quiet_before():
    course = begun(customer(("2026-01-01", "", 100)))
    course.advance(day("2026-01-05"))
    course.take_in([Grant("1", Decimal(10), day("2026-01-06"))])
    course.advance(day("2026-01-07"))
    assert course.left == 110
