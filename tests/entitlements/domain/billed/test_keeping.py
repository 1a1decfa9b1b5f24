"""What was told is kept as it was told."""

import json

from catalog.domain.window import Window
from entitlements.domain.billed.keeping import kept_told, told_from
from tests.entitlements.domain.billed.told import TRIAL, billed, comes, day, item


def test_read_back_it_is_the_same() -> None:
    said = billed(
        item(period=Window(day(0), day(30))),
        item("extra", 3, id="si_2"),
        state=TRIAL,
        trial_ends_at=day(9),
        ends_at=day(60),
        comes=(comes(20, item("pro")),),
    )
    assert told_from(json.loads(json.dumps(kept_told(said)))) == said
    assert told_from(kept_told(said) | {"paused_until": None}) == said, "as rows from before say"
