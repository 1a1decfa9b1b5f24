"""Ends under tacit renewal, as users of other systems expected them and didn't get them.

The cases are those of glpi-project/glpi issues #23084 (notice counts back from the renewed end) and #15893 (first the
whole initial term, then by the year). Our terms are whole days, and notice is agreed in days: two months before
28 August are 61.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from entitlements.domain.contract_terms import Terms


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_rn_01_notice_counts_back_from_the_renewed_end_not_from_the_first() -> None:
    terms = Terms(date(2024, 8, 29), "Europe/Paris", 12, True, 12, notice_days=61)
    assert terms.term(1).last_day == date(2025, 8, 28)
    running = terms.running(at(date(2026, 2, 11)))
    assert running is not None
    assert running.last_day == date(2026, 8, 28)
    assert terms.last_day_for_notice(running) == date(2026, 6, 28)


def test_rn_02_first_the_whole_initial_term_then_by_the_year() -> None:
    terms = Terms(date(2020, 8, 1), "UTC", 36, True, 12, notice_days=90)
    running = terms.running(at(date(2020, 9, 1)))
    assert running is not None
    assert running.ends_at == datetime(2023, 8, 1, tzinfo=UTC)
    later = terms.running(at(date(2023, 9, 1)))
    assert later is not None
    assert later.ends_at == datetime(2024, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("years", range(1, 9))
def test_the_end_that_counts_is_the_first_after_today_however_often_it_has_renewed(years: int) -> None:
    terms = Terms(date(2024, 8, 29), "Europe/Paris", 12, True, 12, notice_days=61)
    running = terms.running(at(date(2024 + years, 8, 28)))
    assert running is not None
    assert running.last_day == date(2024 + years, 8, 28)
    assert terms.last_day_for_notice(running) == running.last_day - timedelta(days=61)
