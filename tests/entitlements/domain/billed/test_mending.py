"""Only a little is mended by itself: not where more than 5 % and more than 20 differ."""

import pytest

from entitlements.domain.billed.mending import too_many


@pytest.mark.parametrize(
    ("differ", "looked", "brake"),
    [(0, 0, False), (20, 20, False), (21, 420, False), (21, 419, True), (250, 5000, False), (251, 5000, True)],
)
def test_the_brake_goes_by_share_and_number(differ: int, looked: int, brake: bool) -> None:
    assert too_many(differ, looked) is brake
