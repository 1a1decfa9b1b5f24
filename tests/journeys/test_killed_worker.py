"""Bad luck changes when things happen, never what is true: the worker dies without a word, again and again."""

import random
import time
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, kill, migrated_desk_in, rows_in, until

ACCOUNTS = 40
KILLS = 3

pytestmark = pytest.mark.kill


def accepted(folder: Path) -> int:
    log = folder / "accepted.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def kill_in_the_middle(desk: Desk, folder: Path, *, random_pause: random.Random) -> None:
    """Wait until this worker has had something accepted, then kill it while it is at the next."""
    before = accepted(folder)
    with desk.worker() as worker:
        assert until(lambda: accepted(folder) > before or accepted(folder) == ACCOUNTS, seconds=60, pause=0.01)
        time.sleep(random_pause.uniform(0, 0.15))
        kill(worker)


def test_no_row_is_lost_and_none_is_sent_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    random_pause = random.Random(seed)
    desk = migrated_desk_in(tmp_path)
    desk.run("-m", "tests.journeys.world", "prepare", str(ACCOUNTS))
    for _ in range(KILLS):
        kill_in_the_middle(desk, tmp_path, random_pause=random_pause)
    with desk.worker():
        assert until(lambda: _finished(tmp_path), seconds=90)
    told = desk.tally("settle")
    assert told["changes"] == told["changed_accounts"] == told["notices"] == ACCOUNTS
    assert len(told["accepted"]) == len(set(told["accepted"])), "an e-mail went out twice"
    assert set(told["sent"]) <= set(told["accepted"]), "a row says sent, and nothing was"
    doubtful = told["outbound"].get("doubtful", 0)
    assert told["outbound"].get("sent", 0) + doubtful == ACCOUNTS, told["outbound"]
    assert doubtful <= KILLS + 1, "only what was under way when a worker died may be doubtful; the last one dies too"


def _finished(folder: Path) -> bool:
    waiting = "journal_outbound WHERE state = 'pending' AND kind <> 'webhook'"
    return rows_in(folder, "journal_notice") == ACCOUNTS and not rows_in(folder, waiting)


def told_so_far(folder: Path) -> int:
    return rows_in(folder, "entitlements_entitlementchange")


def test_a_sweep_killed_in_the_middle_is_finished_by_the_next(tmp_path: Path) -> None:
    desk = migrated_desk_in(tmp_path)
    desk.run("-m", "tests.journeys.world", "prepare", str(ACCOUNTS))
    with desk.worker() as worker:
        assert until(lambda: told_so_far(tmp_path) > 3, seconds=60, pause=0.002)
        kill(worker)
    told_by_the_first = told_so_far(tmp_path)
    assert 0 < told_by_the_first < ACCOUNTS, "the worker was to die in the middle of its sweep"
    with desk.worker():
        assert until(lambda: told_so_far(tmp_path) == ACCOUNTS, seconds=60)
    told = desk.tally("settle")
    assert told["changes"] == told["changed_accounts"] == told["notices"] == ACCOUNTS
