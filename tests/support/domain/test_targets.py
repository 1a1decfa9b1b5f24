from datetime import datetime

import pytest

from support.domain.targets import InvalidTarget, Target, TargetUnit, UnreadableTarget, due_at, parse_target, words
from tests.support.domain.desks import desk, local, table, wall

ZONE = "America/Los_Angeles"
# The published promise counts business hours from 06:00 to 18:00 local time, Monday to Friday.
PROMISED = desk("mon-fri 06:00-18:00", zone=ZONE, holidays="2026-07-03")

CELLS = """
  cell                                | amount | unit             | words
  1 hour, 24/7 x 365                  | 60     | minutes          | within 1 hour, around the clock
  2 hours, 24/7 x 365                 | 120    | minutes          | within 2 hours, around the clock
  2 business hours, Monday - Friday   | 120    | business_minutes | within 2 business hours
  4 business hours, Monday - Friday   | 240    | business_minutes | within 4 business hours
  12 business hours, Monday - Friday  | 720    | business_minutes | within 12 business hours
  1 business day, Monday - Friday     | 1      | business_days    | within 1 business day
  2 business days, Monday - Friday    | 2      | business_days    | within 2 business days
  30 minutes, 24/7                    | 30     | minutes          | within 30 minutes, around the clock
  90 Business Minutes , Mon–Fri       | 90     | business_minutes | within 90 business minutes
  1 day, 24x7                         | 1440   | minutes          | within 24 hours, around the clock
"""


@pytest.mark.parametrize(("cell", "amount", "unit", "said"), table(CELLS))
def test_a_cell_of_the_promise_is_read_and_said_again(cell: str, amount: str, unit: str, said: str) -> None:
    target = parse_target(f"  {cell} ")
    assert target == Target(int(amount), TargetUnit(unit), around_the_clock=unit == "minutes")
    assert words(target) == said


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "is not a response target; write it like '1 hour, 24/7 x 365'"),
        ("soon", "is not a response target"),
        ("1,hour", "is not a response target"),
        ("1.5 hours, 24/7", "is not a response target"),
        ("-1 hours, 24/7", "is not a response target"),
        ("1 week, 24/7", "is not a response target"),
        ("4 business hours", "is not a response target"),
        ("4 business hours, weekends", "'weekends' doesn't say when the clock runs"),
        ("4 hours, Monday - Friday", "Monday to Friday counts business time; write 'business hours'"),
        ("4 business hours, 24/7 x 365", "business time doesn't run 24/7"),
        ("0 hours, 24/7", "more than nothing"),
        ("367 business days, Monday - Friday", "no more than a year"),
        ("999999 hours, 24/7", "no more than a year"),
        ("9999999999 hours, 24/7", "is not a response target"),
        ("=1 hour, 24/7", "is not a response target"),
        ("١ hour, 24/7", "is not a response target"),
    ],
)
def test_anything_else_is_refused_in_words(cell: str, why: str) -> None:
    with pytest.raises(UnreadableTarget, match=why):
        parse_target(cell)


@pytest.mark.parametrize(("unit", "around"), [("minutes", False), ("business_days", True), ("business_minutes", True)])
def test_a_target_counts_around_the_clock_or_in_business_time(unit: str, around: bool) -> None:
    with pytest.raises(InvalidTarget, match="choose one"):
        Target(1, TargetUnit(unit), around_the_clock=around)


def test_the_promise_falls_due_in_the_business_hours_of_the_customer() -> None:
    rows = table("""
      promise                            | case came in     | due
      1 hour, 24/7 x 365                 | 2026-03-07 23:30 | 2026-03-08 00:30
      2 hours, 24/7 x 365                | 2026-03-08 01:00 | 2026-03-08 04:00
      4 business hours, Monday - Friday  | 2026-03-02 08:00 | 2026-03-02 12:00
      4 business hours, Monday - Friday  | 2026-03-02 14:00 | 2026-03-02 18:00
      4 business hours, Monday - Friday  | 2026-03-06 16:00 | 2026-03-09 08:00
      4 business hours, Monday - Friday  | 2026-03-07 12:00 | 2026-03-09 10:00
      12 business hours, Monday - Friday | 2026-03-02 06:00 | 2026-03-02 18:00
      12 business hours, Monday - Friday | 2026-03-02 06:01 | 2026-03-03 06:01
      1 business day, Monday - Friday    | 2026-03-02 10:00 | 2026-03-03 10:00
      1 business day, Monday - Friday    | 2026-03-06 17:00 | 2026-03-09 17:00
      1 business day, Monday - Friday    | 2026-03-06 18:00 | 2026-03-10 06:00
      2 business days, Monday - Friday   | 2026-07-02 10:00 | 2026-07-07 10:00
    """)
    for promise, came_in, expected in rows:
        deadline = due_at(parse_target(promise), calendar=PROMISED, start=local(came_in, ZONE))
        assert (promise, came_in, wall(deadline, ZONE)) == (promise, came_in, expected)


def test_around_the_clock_needs_no_calendar_and_business_time_does() -> None:
    start = local("2026-03-02 10:00")
    assert due_at(parse_target("1 hour, 24/7"), calendar=None, start=start) == local("2026-03-02 11:00")
    with pytest.raises(InvalidTarget, match="within 1 business day needs business hours to count by"):
        due_at(parse_target("1 business day, Monday - Friday"), calendar=None, start=start)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        due_at(parse_target("1 hour, 24/7"), calendar=None, start=datetime(2026, 3, 2))  # noqa: DTZ001


END_OF_DAY = """
  amount | words                              | came in          | due
  0      | by the end of the business day     | 2026-03-02 10:00 | 2026-03-02 18:00
  0      | by the end of the business day     | 2026-03-02 18:00 | 2026-03-03 18:00
  0      | by the end of the business day     | 2026-03-07 12:00 | 2026-03-09 18:00
  1      | by the end of 1 business day       | 2026-03-02 10:00 | 2026-03-03 18:00
  1      | by the end of 1 business day       | 2026-03-06 03:00 | 2026-03-09 18:00
  2      | by the end of 2 business days      | 2026-07-01 10:00 | 2026-07-06 18:00
"""


@pytest.mark.parametrize(("amount", "said", "came_in", "due"), table(END_OF_DAY))
def test_by_the_end_of_a_business_day(amount: str, said: str, came_in: str, due: str) -> None:
    target = Target(int(amount), TargetUnit.END_OF_DAY, around_the_clock=False)
    assert words(target) == said
    assert wall(due_at(target, calendar=PROMISED, start=local(came_in, ZONE)), ZONE) == due


@pytest.mark.parametrize(("amount", "unit"), [(-1, "end_of_day"), (367, "end_of_day"), (0, "business_days")])
def test_days_are_none_only_to_the_end_of_this_one_and_no_more_than_a_year(amount: int, unit: str) -> None:
    with pytest.raises(InvalidTarget, match="no more than a year"):
        Target(amount, TargetUnit(unit), around_the_clock=False)


def test_the_end_of_a_day_counts_by_business_hours() -> None:
    with pytest.raises(InvalidTarget, match="choose one"):
        Target(0, TargetUnit.END_OF_DAY, around_the_clock=True)
    with pytest.raises(InvalidTarget, match="by the end of the business day needs business hours to count by"):
        due_at(Target(0, TargetUnit.END_OF_DAY, around_the_clock=False), calendar=None, start=local("2026-03-02 10:00"))
