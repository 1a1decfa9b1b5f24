from datetime import UTC, datetime, timedelta

import pytest

from journal.domain.waiting import reminder_due, say_age


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-03-02T09:00", "2026-03-04T09:00"),  # Monday → Wednesday
        ("2026-03-05T09:00", "2026-03-09T09:00"),  # Thursday → Monday
        ("2026-03-06T17:30", "2026-03-10T17:30"),  # Friday → Tuesday
        ("2026-03-07T12:00", "2026-03-11T00:00"),  # Saturday counts from Monday's midnight
    ],
)
def test_weekends_do_not_count(asked, due):
    asked, due = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked, due))
    assert reminder_due(asked) == due


@pytest.mark.parametrize(
    ("days", "words"), [(0, "since today"), (1, "for 1 day"), (5, "for 5 days"), (-1, "since today")]
)
def test_an_age_in_words(days, words):
    at = datetime(2026, 3, 9, tzinfo=UTC)
    assert say_age(at - timedelta(days=days), at=at) == words
