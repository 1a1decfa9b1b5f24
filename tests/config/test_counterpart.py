"""`make run` with a pretended Stripe: what is started, what each is told, and that production starts none."""

import os
import stat
import sys

import pytest

from config import counterpart, run
from config.supervisor import Program
from tests.journeys.desk import until


@pytest.fixture
def var(tmp_path, settings, monkeypatch):
    settings.VAR = tmp_path
    for name in ("DESK_URL", "DESK_BUY_URL", "DESK_COUNTERPART_KEY"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    for name in ("DESK_URL", "DESK_BUY_URL"):
        os.environ.pop(name, None)


def words_of(program: Program) -> str:
    return " ".join(program.command)


def test_without_it_there_is_the_desk_alone(var):
    assert [one.name for one in run.programs(port=8123)] == ["web", "worker 1", "clock"]
    assert "DESK_BUY_URL" not in os.environ


def test_with_it_both_know_of_each_other(var):
    *_, pretended, connecting = run.programs(port=8123, pretended=True, pretended_port=12345)
    assert "--port 12345 --webhook http://127.0.0.1:8123/hooks/stripe-demo" in words_of(pretended)
    assert "--base http://127.0.0.1:12345" in words_of(connecting)
    assert pretended.environment == connecting.environment
    assert os.environ["DESK_BUY_URL"].startswith("http://127.0.0.1:12345/?account=")


def test_only_what_connects_them_is_done_once(var):
    pretended, connecting = counterpart.programs(port=1, desk="http://127.0.0.1:2")
    assert (pretended.once, connecting.once) == (False, True)


def test_keys_are_made_once_kept_privately_and_in_no_command(var):
    keys = counterpart.keys()
    assert keys == counterpart.keys()
    assert keys["COUNTERPART_KEY"].startswith("sk_test_")
    assert keys["COUNTERPART_SECRET"].startswith("whsec_")
    assert stat.S_IMODE((var / "counterpart_key").stat().st_mode) == 0o600
    commands = " ".join(map(words_of, counterpart.programs(port=1, desk="http://127.0.0.1:2")))
    assert not [one for one in keys.values() if one in commands]


def test_production_starts_none(var, settings):
    settings.PRODUCTION = True
    with pytest.raises(SystemExit, match="DESK_ENV is production"):
        run.programs(port=8123, pretended=True)


def test_what_is_done_once_is_started_again_only_where_it_failed():
    good, bad = (Program("x", [sys.executable, "-c", f"raise SystemExit({code})"], once=True) for code in (0, 1))
    for program in (good, bad):
        program.start()
    assert until(lambda: good.is_dead() and bad.is_dead(), seconds=60)
    assert (good.is_done(), bad.is_done()) == (True, False)
