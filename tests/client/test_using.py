"""Counting: exact while the desk is there, by its fallback while it isn't, told later once, never twice, never lost."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from entitlement_client import FileStore, QueueFull, RequestRefused, ScopeMissing
from entitlement_client.clock import DeskClock
from tests.client.fake import calls, feature, relies_on, until

NO_ZONE = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)


def use_of(desk):
    return desk.sets["acme"][0]["use"]["used"]


@pytest.fixture
def acme(desk):
    desk.sets["acme"] = [calls(10, used=7), feature("wipes"), calls(10, feature="sends", **relies_on("deny"))]
    return desk


def cut_off(desk, client):
    """Known, and then the desk goes."""
    client.check("acme", "calls")
    desk.down()


def test_consumed_and_what_is_left_is_known_at_once(acme, connect):
    client = connect()
    client.check("acme", "calls")
    answer = client.consume("acme", "calls", 2, id="a")
    assert (answer.allowed, answer.used, answer.left, answer.source) == (True, 9, 1, "live")
    assert (client.check("acme", "calls").left, client.check("acme", "calls", quantity=2).allowed) == (1, False)
    refused = client.consume("acme", "calls", 2)
    assert (refused.allowed, refused.why, refused.offers[0].name) == (False, "limit_reached", "Team")
    assert use_of(acme) == 9


def test_a_mistake_is_told_as_one(acme, connect):
    client = connect()
    client.consume("acme", "calls", id="a")
    client.report("acme", "calls", id="b")
    assert until(lambda: "b" in acme.counted)
    with pytest.raises(RequestRefused, match="named something else") as refused:
        client.consume("acme", "calls", id="b")
    assert (refused.value.status, refused.value.code) == (422, "event_reused")
    assert client.consume("nobody", "calls").why == "unknown_account"
    acme.trouble = 403
    with pytest.raises(ScopeMissing):
        client.consume("acme", "calls")


def test_away_what_was_left_may_be_used_and_is_told_once_it_is_back(acme, connect):
    client = connect()
    cut_off(acme, client)
    answers = [client.consume("acme", "calls", id=f"c{number}") for number in range(5)]
    assert [one.allowed for one in answers] == [True, True, True, False, False]
    assert all(one.degraded for one in answers)
    assert client.status().waiting_reports == 3
    acme.up()
    assert until(lambda: client.status().waiting_reports == 0)
    assert sorted(acme.counted) == ["c0", "c1", "c2"]
    assert use_of(acme) == 10


def test_away_what_can_t_be_undone_is_refused(acme, connect):
    client = connect()
    cut_off(acme, client)
    answer = client.consume("acme", "sends")
    assert (answer.allowed, answer.why, answer.degraded) == (False, "unreachable", True)
    assert client.status().waiting_reports == 0


def test_threads_together_use_no_more_than_was_left(acme, connect):
    client = connect()
    cut_off(acme, client)
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda number: client.consume("acme", "calls", id=str(number)), range(32)))
    assert sum(one.allowed for one in answers) == 3


def test_asked_again_with_its_id_it_counts_once(acme, connect):
    client = connect()
    cut_off(acme, client)
    first, again = (client.consume("acme", "calls", id="a") for _ in range(2))
    assert first == again
    assert client.status().waiting_reports == 1
    acme.up()
    assert until(lambda: client.status().waiting_reports == 0)
    assert client.consume("acme", "calls", id="a").allowed
    assert use_of(acme) == 8


def test_an_answer_that_was_lost_is_not_counted_twice(acme, connect):
    client = connect()
    client.check("acme", "calls")
    acme.lose_answers = True
    assert client.consume("acme", "calls", id="a").degraded
    assert use_of(acme) == 8
    acme.lose_answers = False
    assert until(lambda: client.status().waiting_reports == 0)
    assert (use_of(acme), client.status().refused_reports) == (8, 0)


def test_reported_at_once_and_sent_behind_the_caller_s_back(acme, connect):
    client = connect()
    happened = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert client.report("acme", "calls", 5, id="job-1", at=happened, subject="u1") == "job-1"
    assert until(lambda: "job-1" in acme.counted)
    told = acme.counted["job-1"]
    assert (told["quantity"], told["at"], told["subject"], told["act"]) == (5, "2026-03-02T09:00:00Z", "u1", "report")
    assert client.report("acme", "calls", -5) != client.report("acme", "calls", -5)


def test_reports_wait_for_the_desk_and_for_a_restart(acme, connect, tmp_path):
    client = connect(store=FileStore(tmp_path))
    cut_off(acme, client)
    client.report("acme", "calls", 2, id="kept")
    client.close()
    acme.up()
    assert not acme.counted
    again = connect(store=FileStore(tmp_path))
    assert until(lambda: "kept" in acme.counted)
    assert until(lambda: again.status().waiting_reports == 0)
    assert not list((tmp_path / "waiting").glob("*"))


def test_what_the_desk_will_never_count_is_dropped_and_said(acme, connect, caplog):
    client = connect()
    with caplog.at_level(logging.ERROR, "entitlement_client"):
        client.report("nobody", "calls", id="lost")
        client.report("acme", "calls", id="fine")
        assert until(lambda: client.status().waiting_reports == 0)
    assert client.status().refused_reports == 1
    assert "The desk refuses lost (unknown_account)" in caplog.text
    assert "fine" in acme.counted


def test_only_so_many_wait(acme, connect):
    client = connect(max_waiting=2)
    cut_off(acme, client)
    client.report("acme", "calls", 0, id="a")
    client.report("acme", "calls", 0, id="b")
    client.report("acme", "calls", 0, id="b")
    with pytest.raises(QueueFull):
        client.report("acme", "calls")
    answer = client.consume("acme", "calls")
    assert (answer.allowed, answer.why) == (False, "unreachable")


@pytest.mark.parametrize("mistake", [{"quantity": 1.5}, {"quantity": True}, {"quantity": 2**53}, {"at": NO_ZONE}])
def test_a_report_that_can_t_be_is_refused_at_once(connect, mistake):
    with pytest.raises((TypeError, ValueError)):
        connect().report("acme", "calls", **mistake)


def test_what_is_held_is_committed_or_given_back(acme, connect):
    client = connect()
    with client.reserve("acme", "calls", 2, id="r1") as hold:
        assert hold
        hold.commit(1)
    with client.reserve("acme", "calls", 1, id="r2"):
        pass
    assert until(lambda: {"res_r1:commit", "res_r2:release"} <= acme.counted.keys())
    assert acme.counted["res_r1:commit"] == {"quantity": 1}
    assert "res_r1:release" not in acme.counted
    refused = client.reserve("acme", "calls", 99)
    assert not refused
    with pytest.raises(ValueError, match="Nothing is held"):
        refused.commit(1)


def test_away_holds_are_kept_here(acme, connect):
    client = connect()
    cut_off(acme, client)
    with client.reserve("acme", "calls", 2, id="r1") as hold:
        assert hold
        assert client.check("acme", "calls").left == 1
        assert not client.reserve("acme", "calls", 2)
        hold.commit(3)
    assert client.check("acme", "calls").left == 0
    with client.reserve("acme", "calls", 0):
        pass
    acme.up()
    assert until(lambda: "r1:commit" in acme.counted)
    assert (acme.counted["r1:commit"]["act"], acme.counted["r1:commit"]["quantity"]) == ("report", 3)


def test_away_a_hold_that_nobody_settled_ends_with_its_time(acme, connect):
    now = [time.time()]
    client = connect(clock=DeskClock(wall=lambda: now[0], monotonic=lambda: 0.0))
    cut_off(acme, client)
    hold = client.reserve("acme", "calls", 2, id="r1", hold_seconds=60)
    assert client.check("acme", "calls").left == 1
    now[0] += 61
    client._background.wake()
    assert until(lambda: client.check("acme", "calls").left == 3)
    hold.release()  # too late, and gives nothing back twice
    assert client.check("acme", "calls").left == 3


def test_asked_over_the_network_the_desk_answers_itself(acme, connect):
    client = connect()
    answer = client.ask("acme", "wipes", point="POST /wipe")
    assert (answer.source, answer.because) == ("live", "the desk says so")
    told = [body for _method, path, body, *_ in acme.asked if path.endswith("/check")]  # the set is refreshed beside it
    assert told == [{"account": "acme", "feature": "wipes", "point": "POST /wipe"}]
    cut_off(acme, client)
    assert client.ask("acme", "calls").allowed
