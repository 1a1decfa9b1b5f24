"""Maintenance: through which day, and what was released by then."""

from datetime import date

import pytest

from entitlements.domain.licences.maintenance import covers, maintained_until, plain_version


@pytest.mark.parametrize(
    ("issued", "months", "until"),
    [
        ("2026-03-02", 12, "2027-03-01"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-08-31", 6, "2027-02-27"),
        ("2024-02-29", 12, "2025-02-27"),
        ("2026-01-31", 1, "2026-02-27"),
        ("9999-06-01", 24, "9999-12-31"),
    ],
)  # fmt: skip
def test_maintenance_lasts_so_many_months(issued: str, months: int, until: str) -> None:
    assert maintained_until(date.fromisoformat(issued), months=months) == date.fromisoformat(until)


def test_the_last_day_belongs_to_it() -> None:
    last = date(2027, 3, 1)
    assert covers(last, last)
    assert not covers(last, date(2027, 3, 2))
    assert covers(None, date(2099, 1, 1))


def test_a_version_is_the_same_however_it_is_written() -> None:
    assert [plain_version(text) for text in (" v4.2 ", "V4.2", "4.2", "vista", "v")] == [
        "4.2",
        "4.2",
        "4.2",
        "vista",
        "v",
    ]
