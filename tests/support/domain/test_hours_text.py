"""Opening hours as people type them, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.calendar import Calendar
from support.domain.hours_text import UnreadableHours, parse_hours, say_hours
from tests.support.domain.desks import table

READ = """
  typed                              | means
  09:00-17:00                        | 540-1020
  9-17                               | 540-1020
  9:00 – 17:30                       | 540-1050
  9.30 to 17.30                      | 570-1050
  9h-17h30                           | 540-1050
  0900-1730                          | 540-1050
  9am-5pm                            | 540-1020
  9:15 a.m. until 5 p.m.             | 555-1020
  9-5pm                              | 540-1020
  12 am - 12 pm                      | 0-720
  noon to midnight                   | 720-1440
  09:00-12:30, 13:30-17:00           | 540-750 810-1020
  13:30-17:00; 09:00-12:30           | 540-750 810-1020
  08:00-12:00 and 12:00-17:00        | 480-720 720-1020
  22:00-06:00                        | 1320-1800
  22-6                               | 1320-1800
  10pm-6am                           | 1320-1800
  22:00–06:00 the next day           | 1320-1800
  22:00-30:00                        | 1320-1800
  18:00-24:00                        | 1080-1440
  18:00-00:00                        | 1080-1440
  06:00-07:00 next day               | 360-1860
  08:00-08:00 (+1)                   | 480-1920
  00:00-24:00                        | 0-1440
  00:00-00:00                        | 0-1440
  24 hours                           | 0-1440
  24/7                               | 0-1440
  closed                             |
  -                                  |
  Closed                             |
"""

REFUSED = """
  typed                              | because
  nine to five                       | “nine” in “nine to five” is no time of day
  09:00                              | is no opening time
  09:00-12:00-17:00                  | is no opening time
  -17:00                             | is no opening time
  9-5                                | write it like 09:00-17:00
  9am-5                              | until 05:00 the next morning
  08:00-08:00                        | closes when it opens
  25:00-26:00                        | opens after the end of its day
  09:00-49:00                        | later than the end of the next day
  09:00-30:00 next day               | later than the end of the next day
  09:75-17:00                        | “09:75” in
  13pm-5pm                           | from 1 to 12
  09:00-12:00, 09:00-12:00           | is there twice
  09:00-12:00, 11:00-13:00           | overlap; make one stretch
  22:00-06:00, 23:00-23:30           | overlap; make one stretch
  ٩-17                               | no time of day
"""


def windows(text):
    return tuple(tuple(int(edge) for edge in each.split("-")) for each in text.split())


@pytest.mark.parametrize(("typed", "means"), table(READ))
def test_what_people_type_is_read(typed, means):
    assert parse_hours(typed) == windows(means)


@pytest.mark.parametrize(("typed", "because"), table(REFUSED))
def test_what_cannot_be_meant_is_refused_in_words(typed, because):
    with pytest.raises(UnreadableHours) as refused:
        parse_hours(typed)
    assert because in str(refused.value)


def test_a_line_for_each_stretch_is_read_too():
    assert parse_hours("09:00-12:00\n13:00-17:00\n") == ((540, 720), (780, 1020))


def test_no_novel_is_read():
    with pytest.raises(UnreadableHours, match="too long"):
        parse_hours("09:00-10:00," * 40)
    with pytest.raises(UnreadableHours, match="at most 24"):
        parse_hours(",".join(f"0:{minute}-0:{minute + 1}" for minute in range(10, 36)))


@pytest.mark.parametrize(
    ("given_windows", "said"),
    [
        ((), "closed"),
        (((0, 1440),), "24 hours"),
        (((540, 750), (810, 1020)), "09:00-12:30, 13:30-17:00"),
        (((1320, 1800),), "22:00-06:00"),
        (((480, 1920),), "08:00-08:00 next day"),
        (((360, 2880),), "06:00-24:00 next day"),
    ],
)
def test_there_is_one_way_to_write_them(given_windows, said):
    assert say_hours(given_windows) == said


@st.composite
def days(draw):
    """Windows of one day that may stand beside each other: a line of rising edges, only the last may leave the day."""
    edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=12, unique=True)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if pairs and pairs[-1][0] < 1440 and draw(st.booleans()):
        opens = pairs[-1][0]
        pairs[-1] = (opens, draw(st.integers(opens + 1, 2880)))
    return tuple(pairs)


@given(days())
def test_what_was_written_is_read_back(given_windows):
    assert parse_hours(say_hours(given_windows)) == given_windows


@given(st.text(alphabet="0123456789:-–,.apmhto nexdy+()", max_size=40))
def test_whatever_is_read_can_be_counted_by_a_calendar(typed):
    try:
        found = parse_hours(typed)
    except UnreadableHours:
        return
    if found:
        overlaps_tomorrow = found[-1][1] - 1440 > found[0][0]
        weekly = {0: found} if overlaps_tomorrow else dict.fromkeys(range(7), found)
        Calendar(zone="UTC", weekly=weekly)
    assert parse_hours(say_hours(found)) == found
