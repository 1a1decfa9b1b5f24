"""Checks: from memory, one question to the desk however many ask, refreshed behind the caller's back."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from entitlement_client import Client, Closed, Fallback, KeyRefused, Unreachable
from entitlement_client.clock import DeskClock
from tests.client.fake import KEY, calls, feature, instant, off, relies_on, until


def test_the_first_check_asks_and_the_next_remember(desk, connect):
    client = connect()
    first, second = client.check("acme", "exports"), client.check("acme", "exports")
    assert (first.allowed, first.source, first.degraded, first.because) == (True, "live", False, "it is included")
    assert (second.source, second.as_of) == ("cache", first.as_of)
    assert len(desk.reads()) == 1


def test_an_answer_is_true_where_it_is_allowed(desk, connect):
    desk.sets["acme"].append(off("sso"))
    client = connect()
    assert client.check("acme", "exports")
    assert not client.check("acme", "sso")
    assert client.check("acme", "sso").why == "not_entitled"


def test_many_threads_share_one_question(desk, connect):
    desk.slow = 0.1
    client = connect()
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda _: client.check("acme", "exports"), range(24)))
    assert all(answer.allowed and not answer.degraded for answer in answers)
    assert len(desk.reads()) == 1


def test_what_changed_is_noticed_and_what_did_not_is_not_sent_again(desk, connect):
    client = connect(refresh_seconds=0.05)
    client.check("acme", "exports")
    assert until(lambda: len(desk.reads()) > 3)
    assert client.check("acme", "exports").source == "cache"
    desk.sets["acme"] = [off("exports")]
    assert until(lambda: not client.check("acme", "exports"))


def test_an_account_nobody_asks_about_any_more_is_left_alone(desk, connect, monkeypatch):
    monkeypatch.setattr("entitlement_client.background.ASKED_LATELY", 0.1)
    client = connect(refresh_seconds=0.02)
    client.check("acme", "exports")
    time.sleep(0.4)
    before = len(desk.reads())
    time.sleep(0.2)
    assert len(desk.reads()) == before
    assert client.check("acme", "exports").source == "live"


def test_invalidated_it_is_asked_anew(desk, connect):
    client = connect()
    client.check("acme", "exports")
    desk.sets["acme"] = [off("exports")]
    assert client.check("acme", "exports").allowed
    client.invalidate("acme")
    assert not client.check("acme", "exports").allowed


def test_nobody_s_account_is_refused_and_remembered_as_such(desk, connect):
    client = connect()
    answer = client.check("nobody", "exports")
    assert (answer.allowed, answer.why, answer.degraded) == (False, "unknown_account", False)
    assert client.check("nobody", "exports").source == "cache"
    assert len(desk.reads("nobody")) == 1


def test_a_feature_nobody_knows_is_refused(connect):
    answer = connect().check("acme", "teleport")
    assert (answer.allowed, answer.why) == (False, "unknown_feature")


def test_counted_by_what_is_left(desk, connect):
    desk.sets["acme"] = [calls(10, used=7)]
    client = connect()
    answer = client.check("acme", "calls", quantity=3)
    assert (answer.allowed, answer.limit, answer.used, answer.left, answer.because) == (True, 10, 7, 3, "3 left")
    refused = client.check("acme", "calls", quantity=4)
    assert (refused.allowed, refused.why, refused.because) == (False, "limit_reached", "3 is left, and this needs 4")


@pytest.mark.parametrize("quantity", [-1, 1.5, True, "3", 2**53])
def test_a_quantity_is_a_whole_number(connect, quantity):
    with pytest.raises((TypeError, ValueError)):
        connect().check("acme", "calls", quantity=quantity)


@pytest.mark.parametrize(("account", "name"), [("", "exports"), ("acme", "")])
def test_the_account_and_the_feature_are_named(connect, account, name):
    with pytest.raises(ValueError, match="Name the account"):
        connect().check(account, name)


@pytest.mark.parametrize("account", ["a/b", "..", "ünï", "stripe:cus_1", "a?b=c", "a#b", "%2e"])
def test_any_name_of_an_account_is_one_name(desk, connect, account):
    desk.sets[account] = [feature("exports")]
    assert connect().check(account, "exports").allowed is (account != "..")


def test_what_only_the_desk_can_tell_is_asked_once(desk, connect):
    desk.sets["acme"] = [feature("tier", kind="config", value="good", value_text="Good")]
    client = connect()
    assert client.check("acme", "tier", choice="good").because == "it is set to Good"
    assert client.check("acme", "tier", choice="fair").source == "live"
    assert (client.check("acme", "tier", choice="fair").source, client.check("acme", "tier", choice="better").allowed) == (
        "cache", False,
    )  # fmt: skip
    assert len([path for _, path, _ in desk.asked if path == "/api/v1/check"]) == 2


def test_only_so_many_accounts_are_kept(desk, connect):
    desk.sets |= {f"a{number}": [feature("exports")] for number in range(40)}
    client = connect(max_accounts=10)
    for number in range(40):
        client.check(f"a{number}", "exports")
    assert client.status().accounts <= 10
    assert client.remembered("a39", "exports").allowed


def test_a_bad_key_is_told_in_words_and_never_raised_by_a_check(desk, connect, caplog):
    client = connect(api_key="ed_wrong", defaults={"exports": Fallback("allow")})
    with caplog.at_level(logging.WARNING, "entitlement_client"):
        answer = client.check("acme", "exports")
    assert (answer.allowed, answer.degraded, answer.source) == (True, True, "fallback")
    assert "doesn't accept this API key (401)" in caplog.text
    assert not client.status().reachable
    with pytest.raises(KeyRefused, match="doesn't accept this API key"):
        connect(api_key="ed_wrong").ready()


def test_ready_says_what_stands_in_the_way(desk, connect):
    client = connect()
    client.ready()
    client.ready("acme")
    assert client.remembered("acme", "exports").allowed
    desk.trouble = "garbage"
    with pytest.raises(Unreachable, match="is no Entitlement Desk"):
        client.ready()


def test_a_closed_client_says_so(connect):
    client = connect()
    client.check("acme", "exports")
    client.close()
    client.close()
    with pytest.raises(Closed):
        client.check("acme", "exports")


@pytest.mark.parametrize("more", [{"url": "desk"}, {"api_key": ""}, {"refresh_seconds": 0}, {"timeout": 0}])
def test_a_client_that_could_not_work_is_not_made(more):
    with pytest.raises(ValueError):
        Client(**{"url": "http://127.0.0.1:9", "api_key": KEY, **more})


def test_a_trial_ends_on_time_without_the_desk(desk, connect):
    ends = float(int(time.time()) + 101)
    desk.sets["acme"] = [
        feature("exports", valid_until=instant(ends), **relies_on("last_known", 3600)),
        feature("sso", valid_until=instant(ends), **relies_on("last_known", 3600)),
    ]
    desk.later["acme"] = [(ends, [off("exports", **relies_on("last_known", 3600)), feature("sso")])]
    wall = [time.time()]
    client = connect(refresh_seconds=20.0, clock=DeskClock(wall=lambda: wall[0], monotonic=lambda: 0.0))
    assert client.check("acme", "exports").allowed
    assert until(lambda: client._shelf.known["acme"].foreseen_at is not None)
    desk.down()
    wall[0] += 99
    client.invalidate("acme")
    before = client.check("acme", "exports")
    assert (before.allowed, before.degraded) == (True, True)
    wall[0] += 3
    assert not client.check("acme", "exports").allowed
    assert client.check("acme", "sso").allowed
    wall[0] -= 50
    assert not client.check("acme", "exports").allowed
