"""What an act noted, in the words of the screens."""

from typing import Any

import pytest

from entitlements.admin.wording import say_noted


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("timing", "at_renewal", "At the next renewal"),
        ("proration", "credit", "Settle the days that are left on the next invoice"),
        ("timing", "some day", "some day"),
        ("until", "2026-03-14T08:00:00+00:00", "14 March 2026 09:00 (Amsterdam)"),
        ("moments", ["2026-03-14T08:00:00+00:00", "2026-03-01"], "14 March 2026 09:00 (Amsterdam), 2026-03-01"),
        ("moments", [], "nothing"),
        (
            "period",
            "2026-03-01T00:00:00+00:00 to 2026-04-01T09:30:00.5Z",
            "1 March 2026 01:00 (Amsterdam) to 1 April 2026 11:30 (Amsterdam)",
        ),
        ("words", "2026-99-01T00:00:00+00:00", "2026-99-01T00:00:00+00:00"),
        ("name", "", "nothing"),
        ("scopes", {"a": 1}, "{'a': 1}"),
    ],
)
def test_instants_choices_and_lists_are_said_for_readers(name: str, value: Any, said: str) -> None:
    assert say_noted(name, value, zone="Europe/Amsterdam") == said
