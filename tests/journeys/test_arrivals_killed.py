"""Whoever takes what arrived dies without a word: each arrival is taken all the same, and what it does is done once."""

import json
from pathlib import Path
from typing import Any

import pytest

from journal.integrations.receiving import MOST_TAKERS
from tests.journeys.desk import Desk, desk_in, kill, migrated_desk_in, rows_in, until

ARRIVALS, LATER = 60, 10
DONE = "journal_inbound WHERE state = 'done'"
pytestmark = pytest.mark.kill


def world(desk: Desk, *words: str) -> dict[str, Any]:
    return dict(json.loads(desk.run("-m", "tests.journeys.arrivals_world", *words)))


def test_each_arrival_is_taken_and_what_it_does_is_done_once(tmp_path: Path) -> None:
    migrated_desk_in(tmp_path)
    desk = desk_in(tmp_path, DJANGO_SETTINGS_MODULE="tests.journeys.arrivals_settings")
    assert world(desk, "send", str(ARRIVALS)) == {"refused": 0}
    with desk.worker() as worker:
        assert until(lambda: rows_in(tmp_path, DONE) > MOST_TAKERS, seconds=60, pause=0.01)
        kill(worker)
    left = world(desk, "tally", "lapse")
    assert 0 < left["states"]["waiting"] < ARRIVALS, "it was to die in the middle"
    assert left["ended"] <= MOST_TAKERS, "only what was under way when it died is taken again"
    with desk.worker():
        assert until(lambda: rows_in(tmp_path, DONE) == ARRIVALS, seconds=60)
        world(desk, "send", str(LATER))
        assert until(lambda: rows_in(tmp_path, DONE) == ARRIVALS + LATER, seconds=60)
    told = world(desk, "tally")
    assert told["states"] == {"done": ARRIVALS + LATER}
    assert told["told"] == ARRIVALS + LATER
    print("taken within (s), the latest ones:", [round(lag, 2) for lag in told["lags"][:LATER]])
