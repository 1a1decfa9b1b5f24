"""How far a trial is extended, in the customer's own calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.extending import again_until, days_begun, extended_end, undo_until

END = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)
AMSTERDAM = "Europe/Amsterdam"
ZONES = st.sampled_from(["UTC", AMSTERDAM, "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "Asia/Kolkata"])


def test_days_keep_the_wall_clock_across_the_change_of_clocks() -> None:
    assert extended_end(END, zone=AMSTERDAM, days=7) == datetime(2026, 4, 3, 8, 0, tzinfo=UTC)


def test_through_a_day_is_the_first_instant_of_the_next_one_there() -> None:
    assert extended_end(END, zone=AMSTERDAM, through=date(2026, 3, 31)) == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(("through", "days"), [((2026, 3, 27), 1), ((2026, 4, 2), 7), ((2026, 3, 26), 0)])
def test_a_begun_day_counts_as_a_whole_one(through: tuple[int, int, int], days: int) -> None:
    new_end = extended_end(END, zone=AMSTERDAM, through=date(*through))
    assert days_begun(END, new_end, zone=AMSTERDAM) == days


@given(zone=ZONES, days=st.integers(1, 365), hours=st.integers(-20_000, 20_000))
def test_days_are_counted_back_as_they_were_said(zone: str, days: int, hours: int) -> None:
    end = END + timedelta(hours=hours)
    new_end = extended_end(end, zone=zone, days=days)
    assert new_end > end
    assert days_begun(end, new_end, zone=zone) == days


def test_either_days_or_a_day_is_given() -> None:
    with pytest.raises(ValueError, match="either"):
        extended_end(END, zone=AMSTERDAM)


def test_undoing_stays_open_for_ten_minutes_but_not_past_the_old_end() -> None:
    minutes = timedelta(minutes=1)
    assert undo_until(extended_at=END - 60 * minutes, extended_from=END) == END - 50 * minutes
    assert undo_until(extended_at=END - 3 * minutes, extended_from=END) == END


def test_a_trial_may_run_again_for_thirty_days() -> None:
    assert again_until(END, zone=AMSTERDAM) == datetime(2026, 4, 26, 8, 0, tzinfo=UTC)
