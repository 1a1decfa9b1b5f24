import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.target_text import read_cell, read_target, write_target
from support.domain.targets import LONGEST_DAYS, LONGEST_MINUTES, Target, TargetUnit, UnreadableTarget
from tests.support.domain.desks import table

TYPED = """
  typed                              | amount | unit             | written
  1 h                                | 60     | minutes          | 1 h
  1h                                 | 60     | minutes          | 1 h
  30 min                             | 30     | minutes          | 30 min
  30m                                | 30     | minutes          | 30 min
  90 minutes                         | 90     | minutes          | 1 h 30 min
  1 h 30 min                         | 90     | minutes          | 1 h 30 min
  1h30                               | 90     | minutes          | 1 h 30 min
  1.5 hours                          | 90     | minutes          | 1 h 30 min
  0,5 h                              | 30     | minutes          | 30 min
  1 day                              | 1440   | minutes          | 1 day
  24 h                               | 1440   | minutes          | 1 day
  3 days 24/7                        | 4320   | minutes          | 3 days
  2 Hours, around the clock          | 120    | minutes          | 2 h
  1,440 minutes                      | 1440   | minutes          | 1 day
  1 hour, 24/7 x 365                 | 60     | minutes          | 1 h
  4 business hours                   | 240    | business_minutes | 4 business hours
  4 working hrs                      | 240    | business_minutes | 4 business hours
  1.5 business hours                 | 90     | business_minutes | 90 business minutes
  4 business hours, Monday - Friday  | 240    | business_minutes | 4 business hours
  2 business days                    | 2      | business_days    | 2 business days
  1 working day                      | 1      | business_days    | 1 business day
  end of day                         | 0      | end_of_day       | end of day
  EOD                                | 0      | end_of_day       | end of day
  by the end of the business day     | 0      | end_of_day       | end of day
  same business day                  | 0      | end_of_day       | end of day
  end of next business day           | 1      | end_of_day       | end of next business day
  end of 1 business day              | 1      | end_of_day       | end of next business day
  by the end of 2 business days      | 2      | end_of_day       | end of 2 business days
"""


@pytest.mark.parametrize(("typed", "amount", "unit", "written"), table(TYPED))
def test_a_cell_is_read_as_people_type_it(typed: str, amount: str, unit: str, written: str) -> None:
    target = read_target(f" {typed}  ")
    assert target == Target(int(amount), TargetUnit(unit), around_the_clock=unit == "minutes")
    assert write_target(target) == written


@pytest.mark.parametrize("empty", ["", "  ", "-", "–", "none", "No target"])
def test_an_empty_cell_promises_nothing(empty: str) -> None:
    assert read_cell(empty) is None


REFUSED = """
  typed                     | why
  soon                      | is not a target. Write it like '1 h'
  1                         | is not a target
  h                         | is not a target
  next business day         | 'end of next business day'
  NBD                       | '1 business day' for the same hour of it
  1 week                    | '5 business days'
  0 h                       | more than nothing
  2 years                   | is not a target
  367 business days         | no more than a year
  999999 h                  | no more than a year
  1.01 min                  | whole minutes
  1.5 business days         | write business hours for a part of one
  4 business hours 24/7     | business time doesn't run 24/7
  2 business days, 24/7     | business time doesn't run 24/7
  end of day, 24/7          | has no end to count to
  4 hours, Monday - Friday  | write 'business hours'
  -1 h                      | is not a target
  ١ h                       | is not a target
  =1 h                      | is not a target
"""


@pytest.mark.parametrize(("typed", "why"), table(REFUSED))
def test_anything_else_is_refused_with_how_to_write_it(typed: str, why: str) -> None:
    with pytest.raises(UnreadableTarget) as refused:
        read_target(typed)
    assert why in str(refused.value)


def targets() -> st.SearchStrategy[Target]:
    days = st.integers(1, LONGEST_DAYS)
    minutes = st.integers(1, LONGEST_MINUTES)
    return st.one_of(
        minutes.map(lambda n: Target(n, TargetUnit.MINUTES, around_the_clock=True)),
        minutes.map(lambda n: Target(n, TargetUnit.BUSINESS_MINUTES, around_the_clock=False)),
        days.map(lambda n: Target(n, TargetUnit.BUSINESS_DAYS, around_the_clock=False)),
        st.integers(0, LONGEST_DAYS).map(lambda n: Target(n, TargetUnit.END_OF_DAY, around_the_clock=False)),
    )


@given(targets())
def test_what_is_written_is_read_as_the_same_target(target: Target) -> None:
    assert read_target(write_target(target)) == target


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        target = read_cell(text)
    except UnreadableTarget:
        return
    assert target is None or read_target(write_target(target)) == target
