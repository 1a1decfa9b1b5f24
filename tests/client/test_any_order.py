"""Whatever happens in whatever order, nothing is ever allowed that the rule doesn't allow.

Time passes, the desk goes and comes, what it says changes, the clock is set back, somebody asks, the background wakes.
The rule is written down once more here, by what the desk said last and when.
"""

from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from entitlement_client import Client
from entitlement_client.clock import DeskClock
from entitlement_client.errors import Unreachable
from entitlement_client.transport import Told
from tests.client.fake import calls, feature, instant, relies_on

BEGAN, REFRESH, TIMEOUT = 1_000_000.0, 10.0, 1.0
FRESH = 2 * REFRESH + TIMEOUT


@dataclass(frozen=True)
class Version:
    """What the desk says: granted until an end, after which it is granted or not."""

    granted: bool
    ends: float | None
    after: bool
    fallback: tuple[str, int | None]
    left: int

    def at(self, now):
        over = self.ends is not None and now >= self.ends
        granted, until = (self.after, None) if over else (self.granted, self.ends)
        more = relies_on(*self.fallback) | {"granted": granted, "valid_until": until and instant(until)}
        return [feature("exports", **more, value=granted or None), calls(self.left, **(more | {"granted": True}))]


class World:
    """A desk without a network, a client without a thread, and the time, which the test turns."""

    def __init__(self):
        self.now = self.wall = BEGAN
        self.up, self.version = True, Version(True, None, True, ("last_known", 60), 5)
        self.heard = self.later = self.later_of = None
        clock = DeskClock(wall=lambda: self.wall, monotonic=lambda: self.now)
        self.client = Client("http://127.0.0.1:9", "ed_x", refresh_seconds=REFRESH, timeout=TIMEOUT, clock=clock)
        self.client._background.ensure = lambda: None
        self.client._circuit.monotonic = lambda: self.now
        for part in (self.client._shelf, self.client._using, self.client._background):
            part._transport = self
        self.url, self.timeout = "http://127.0.0.1:9", TIMEOUT

    def whole_set(self, account, *, etag="", at=None):
        self._refuse()
        if at is not None:
            self.later = self.version.at(at)[0]["granted"]  # of what follows the end
            self.later_of = self.version
            return Told(200, "", {"account": account, "at": instant(at), "entitlements": self.version.at(at)})
        self.heard = self.now, self.version
        told = self.version.at(self.now)
        if etag == str(told):
            return Told(304, etag, None)
        return Told(200, str(told), {"account": account, "at": instant(self.now), "entitlements": told})

    def post(self, path, body=None):
        self._refuse()
        raise Unreachable("It is down for writing.")

    def _refuse(self):
        if not self.up:
            raise Unreachable("It is down.", dead=True)

    def may(self, answer):
        """Whether the rule allows it."""
        if self.heard is None:
            return False
        at, version = self.heard
        was_over = version.ends is not None and at >= version.ends  # so that what follows was heard itself
        over = not was_over and version.ends is not None and self.now >= version.ends
        granted = version.after if was_over else version.granted
        granted = self.later is True if over else granted
        if not answer.degraded:
            return granted and self.now - at <= FRESH
        word, age = version.fallback
        if word == "allow":  # it goes on, but for who is known not to have it
            return granted or (over and self.later_of is not version)
        return word == "last_known" and granted and self.now - at < age


PASS = st.tuples(st.just("pass"), st.sampled_from([0.5, 5.0, 11.0, 22.0, 45.0, 61.0, 3600.0]))
CHANGE = st.tuples(
    st.just("change"), st.booleans(), st.none() | st.sampled_from([1.0, 15.0, 40.0]), st.booleans(),
    st.sampled_from([("allow", None), ("deny", None), ("last_known", 60), ("last_known", 20)]), st.integers(0, 4),
)  # fmt: skip
PLAIN = st.sampled_from([("down",), ("up",), ("ask",), ("ask",), ("wake",), ("wake",), ("back",), ("suspect",)])


def play(world, act, *told):
    match act:
        case "pass":
            world.now += told[0]
            world.wall += told[0]
        case "back":
            world.wall -= 5000.0
        case "down" | "up":
            world.up = act == "up"
        case "change":
            granted, ends, *rest = told
            world.version = Version(granted, None if ends is None else world.now + ends, *rest)
        case "wake":
            world.client._background._round(whole=True)
        case "suspect":
            world.client.invalidate("acme")


@settings(max_examples=150)
@given(st.lists(PASS | CHANGE | PLAIN, max_size=25))
def test_nothing_is_allowed_that_the_rule_does_not_allow(acts):
    world = World()
    for act in [*acts, ("ask",)]:
        play(world, *act)
        answer = world.client.check("acme", "exports")
        assert not answer.allowed or world.may(answer), (acts, answer)
        assert answer.degraded is (answer.source == "fallback")


@settings(max_examples=80)
@given(
    st.booleans(), st.sampled_from([None, 15.0, 40.0]), st.booleans(), st.lists(PASS | st.just(("back",)), max_size=6)
)
def test_who_goes_on_gets_nothing_that_is_known_not_to_be_had(granted, ends, after, acts):
    world = World()
    world.version = Version(granted, None if ends is None else BEGAN + ends, after, ("allow", None), 5)
    world.client.check("acme", "exports")
    play(world, "wake")
    play(world, "down")
    for act in acts:
        play(world, *act)
        answer = world.client.check("acme", "exports")
        assert answer.allowed is (granted if ends is None or world.now < BEGAN + ends else after)
        assert answer.why == (None if answer.allowed else "not_entitled")


@settings(max_examples=80)
@given(st.integers(0, 5), st.lists(st.integers(0, 3), max_size=12))
def test_an_outage_never_uses_more_than_was_left(left, amounts):
    world = World()
    world.version = Version(True, None, True, ("last_known", 3600), left)
    world.client.check("acme", "calls")
    world.up = False
    world.now += 100
    used = sum(amount for amount in amounts if world.client.consume("acme", "calls", amount))
    assert used <= left
    assert world.client.status().waiting_reports == len(world.client._waiting)


@pytest.mark.parametrize("word", ["allow", "deny"])
def test_the_world_of_this_test_is_right(word):
    world = World()
    world.version = Version(True, None, True, (word, None), 1)
    assert world.client.check("acme", "exports").source == "live"
    world.up = False
    world.now += 100
    assert world.client.check("acme", "exports").allowed is (word == "allow")
    world.up = True
    world.now += 20
    assert world.client.check("acme", "exports").source == "live"
