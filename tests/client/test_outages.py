"""The desk away, in every way it can be: each fallback as its row says, nobody waits twice, and it recovers by itself."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from entitlement_client import Fallback
from entitlement_client.circuit import LATEST, Circuit
from entitlement_client.clock import DeskClock
from tests.client.fake import calls, feature, instant, off, relies_on, until

TROUBLE = ["down", "hang", "garbage", "drop", 500, 503, 429, 401, 403, 302]


class Wall:
    """A clock the test turns."""

    def __init__(self) -> None:
        self.at = time.time()

    def __call__(self) -> float:
        return self.at

    @property
    def clock(self) -> DeskClock:
        return DeskClock(wall=self, monotonic=lambda: 0.0)


@pytest.fixture
def wall():
    return Wall()


def cut(desk, trouble):
    if trouble == "down":
        desk.down()
    else:
        desk.trouble = trouble


def mend(desk):
    if desk._server is None:
        desk.up()
    desk.trouble = 0


def known(desk, connect, wall, **more):
    """A client that knows acme: reads, pays and wipes, each with the fallback of its kind."""
    desk.sets["acme"] = [
        feature("reads", **relies_on("last_known", 3600)), feature("pays", **relies_on("allow")),
        feature("wipes", **relies_on("deny")), off("sso", **relies_on("last_known", 3600)), calls(10, used=7),
    ]  # fmt: skip
    client = connect(clock=wall.clock, **more)
    client.check("acme", "reads")
    return client


@pytest.mark.parametrize("trouble", TROUBLE)
def test_each_fallback_holds_says_so_and_ends(desk, connect, wall, trouble):
    client = known(desk, connect, wall)
    cut(desk, trouble)
    wall.at += 1000

    def told():
        found = {name: client.check("acme", name) for name in ("reads", "pays", "wipes", "sso")}
        assert all(one.degraded and one.source == "fallback" for one in found.values())
        return {name: one.allowed for name, one in found.items()}

    assert told() == {"reads": True, "pays": True, "wipes": False, "sso": False}
    wall.at += 3000
    assert told() == {"reads": False, "pays": True, "wipes": False, "sso": False}
    mend(desk)
    assert until(lambda: not client.check("acme", "reads").degraded)
    assert client.check("acme", "wipes").allowed


@pytest.mark.parametrize("trouble", ["down", "hang", "garbage", 500])
def test_what_was_never_known_goes_by_the_product_s_default(desk, connect, trouble):
    client = connect(defaults={"exports": Fallback("allow"), "sso": Fallback("last_known", 3600)})
    cut(desk, trouble)
    answers = {name: client.check("acme", name) for name in ("exports", "sso", "other")}
    assert {name: one.allowed for name, one in answers.items()} == {"exports": True, "sso": False, "other": False}
    assert {one.degraded for one in answers.values()} == {True}
    assert answers["other"].why == "unreachable"


@pytest.mark.parametrize("age", [1000, 10_000_000])
def test_who_is_known_not_to_have_it_is_not_let_go_on(desk, connect, wall, age):
    goes_on = relies_on("allow")
    desk.sets["acme"] = [
        feature("pays", **goes_on), off("never", **goes_on), feature("switched_off", **(goes_on | {"value": False})),
        off("denied", **(goes_on | {"state": "denied"})), calls(10, used=10, **goes_on),
    ]  # fmt: skip
    client = connect(clock=wall.clock)
    client.check("acme", "pays")
    desk.down()
    wall.at += age
    told = {name: client.check("acme", name) for name in ("pays", "never", "switched_off", "denied", "calls", "other")}
    assert all(one.degraded and one.source == "fallback" for one in told.values())
    assert {name: (one.allowed, one.why) for name, one in told.items()} == {
        "pays": (True, None), "never": (False, "not_entitled"), "switched_off": (False, "not_entitled"),
        "denied": (False, "not_entitled"), "calls": (True, None), "other": (False, "unreachable"),
    }  # fmt: skip
    assert told["denied"].because == "it is denied, as last known"


def test_what_goes_on_ends_with_a_trial_where_it_is_known_what_follows(desk, connect, wall):
    ends = wall.at + 60
    goes_on = relies_on("allow")
    for account in ("acme", "unforeseen"):
        desk.sets[account] = [feature("exports", valid_until=instant(ends), **goes_on)]
    desk.later["acme"] = [(ends, [off("exports", **goes_on)])]
    client = connect(clock=wall.clock)
    for account in ("acme", "unforeseen"):
        client.check(account, "exports")
    assert until(lambda: all(known.foreseen_at is not None for known in client._shelf.known.values()))
    client._shelf.known["unforeseen"] = client._shelf.known["unforeseen"].followed_by((), at=wall.at)
    desk.down()
    wall.at += 59
    assert client.check("acme", "exports").allowed
    wall.at += 1000
    ended = client.check("acme", "exports")
    assert (ended.allowed, ended.why, ended.degraded) == (False, "not_entitled", True)
    assert client.check("unforeseen", "exports").allowed


def test_a_black_hole_is_waited_for_once(desk, connect, wall):
    client = known(desk, connect, wall)
    desk.trouble = "hang"
    wall.at += 1000
    client.check("acme", "reads")
    before = len(desk.asked)
    for _ in range(200):
        assert client.remembered("acme", "reads").allowed  # no network at all
    assert len(desk.asked) <= before + 2  # what the background tries


def test_a_herd_waits_together(desk, connect):
    desk.trouble = "hang"
    client = connect(defaults={"exports": Fallback("allow")})
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: client.check("acme", "exports"), range(20)))
    assert all(answer.allowed and answer.degraded for answer in answers)
    assert len(desk.reads()) <= 2


def test_it_comes_back_to_an_account_that_was_asked_about_in_the_outage(desk, connect):
    desk.down()
    client = connect()
    assert client.check("acme", "exports").degraded
    desk.up()
    assert until(lambda: client.check("acme", "exports").source == "cache")


def test_the_log_says_when_it_went_and_when_it_came(desk, connect, caplog):
    client = connect()
    with caplog.at_level(logging.WARNING, "entitlement_client"):
        client.check("acme", "exports")
        desk.down()
        client.invalidate("acme")
        assert until(lambda: client.check("acme", "exports").degraded)
        desk.up()
        assert until(lambda: not client.check("acme", "exports").degraded)
    words = [record.message for record in caplog.records if record.name == "entitlement_client"]
    assert len(words) == 2
    assert "can't be reached" in words[0]
    assert "answers again" in words[1]


def test_an_amount_is_bounded_by_what_was_left(desk, connect, wall):
    client = known(desk, connect, wall)
    desk.down()
    wall.at += 1000
    assert [client.check("acme", "calls", quantity=amount).allowed for amount in (1, 3, 4)] == [True, True, False]
    assert client.consume("acme", "calls", 2).allowed
    assert [client.check("acme", "calls", quantity=amount).allowed for amount in (1, 2)] == [True, False]


def test_a_clock_set_back_revives_nothing(desk, connect, wall):
    client = known(desk, connect, wall)
    desk.down()
    wall.at += 5000
    assert not client.check("acme", "reads").allowed
    wall.at -= 4999
    assert not client.check("acme", "reads").allowed


def test_a_clock_that_leaps_ahead_is_put_right_by_the_desk_though_nothing_changed(desk, connect, wall):
    """As on a machine that starts in 1970 until it hears of the time: a trial isn't over because of that."""
    now = wall.at
    desk.clock, end = (lambda: now), now + 86_400
    desk.sets["acme"] = [feature("exports", valid_until=instant(end))]
    desk.later["acme"] = [(end, [off("exports")])]
    client = connect(clock=wall.clock)
    client.check("acme", "exports")
    until(lambda: len(client._shelf.known["acme"].steps) == 2)
    wall.at += 10 * 365 * 86_400
    answer = client.check("acme", "exports")
    assert (answer.allowed, answer.degraded) == (True, False)
    assert client.check("acme", "exports").allowed


def test_retry_after_is_kept_to(desk, connect, wall):
    client = known(desk, connect, wall)
    desk.trouble, desk.retry_after = 429, "30"
    wall.at += 1000
    assert client.check("acme", "reads").degraded
    assert client._circuit.wait() > 25
    before = len(desk.asked)
    client.check("acme", "reads")
    client.consume("acme", "calls")
    assert len(desk.asked) == before


def test_one_account_s_trouble_is_not_everybody_s(desk, connect):
    desk.sets["b"] = [feature("exports")]
    client = connect()
    client.check("acme", "exports")
    desk.trouble = 500
    assert client.check("b", "exports").degraded
    assert client.check("acme", "exports").source == "cache"
    assert client.status().reachable


def test_the_circuit_waits_longer_each_time_and_never_too_long():
    now = [0.0]
    circuit = Circuit(monotonic=lambda: now[0])
    waits = []
    for _ in range(12):
        circuit.failed("away", dead=True)
        waits.append(circuit.wait())
        assert not circuit.lets_through()
        now[0] += waits[-1]
    assert 0 < waits[0] <= 0.5
    assert max(waits) <= LATEST
    assert waits[-1] >= LATEST / 2
    assert circuit.lets_through()
    assert not circuit.lets_through()  # one at a time
    assert circuit.worked()
    assert circuit.lets_through()
