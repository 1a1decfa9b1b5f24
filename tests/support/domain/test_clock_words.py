import pytest

from support.domain.clock_words import UnreadableClock, clock_words, parse_clock


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("9:05", 545), (" 24:00 ", 1440), ("31:00", 1860)])
def test_a_time_of_day_is_minutes_from_midnight(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("minutes", [0, 545, 1440, 1860, 2880])
def test_minutes_are_said_as_they_are_read(minutes: int) -> None:
    assert parse_clock(clock_words(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "9", "09:60", "48:01", "-1:00", "9am", "０９:００", "09:00:00"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnreadableClock, match="is not a time of day; write it like 09:00"):
        parse_clock(text)
