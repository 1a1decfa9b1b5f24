import pytest

from support.domain.clock_words import clock_words


@pytest.mark.parametrize(("minutes", "text"), [(0, "00:00"), (545, "09:05"), (1440, "24:00"), (1860, "31:00")])
def test_minutes_are_said_as_a_clock(minutes: int, text: str) -> None:
    assert clock_words(minutes) == text
