"""A question weighed by the client is answered as the desk's own rule answers it."""

import json
from datetime import UTC
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from catalog.domain.values import UNLIMITED, Enforcement, FeatureShape, Kind, TermState
from entitlement_client.instants import read_instant, write_instant
from entitlement_client.known import Known, Step, in_force
from entitlement_client.terms import read_term, read_terms
from entitlement_client.weighing import weigh
from entitlements.domain.decision import decide
from entitlements.domain.resolution import Resolution
from tests.client.fake import calls, feature, instant, off

AMOUNTS = st.integers(0, 40)


def resolved(limit, granted, enforcement, overage):
    """As the desk's resolver would say it; no limit is unlimited."""
    state = (TermState.UNLIMITED if limit is None else TermState.VALUE) if granted else TermState.NOT_INCLUDED
    value = (UNLIMITED if limit is None else Decimal(limit)) if granted else None
    return Resolution(
        FeatureShape(key="calls", name="Calls", kind=Kind.CAPACITY), value, granted, state, None, enforcement, overage,
        typed_unit="", valid_until=None,
    )  # fmt: skip


@settings(max_examples=100)
@given(
    limit=st.none() | AMOUNTS, used=AMOUNTS, quantity=st.none() | AMOUNTS, enforcement=st.sampled_from(Enforcement),
    overage=st.none() | st.integers(0, 200), buffer=st.integers(0, 50), granted=st.booleans(),
)  # fmt: skip
def test_amounts_are_decided_as_the_desk_decides_them(limit, used, quantity, enforcement, overage, buffer, granted):
    asked = None if quantity is None else Decimal(quantity)
    answer = resolved(limit, granted, enforcement, overage)
    theirs = decide(answer, quantity=asked, used=Decimal(used), buffer_percent=buffer)
    told = calls(
        limit or 0, used, kind="capacity", granted=granted, unlimited=limit is None, enforcement=enforcement.value,
        overage_percent=overage, buffer_percent=buffer,
    )  # fmt: skip
    ours = weigh(read_term(told), now=0.0, quantity=quantity)
    assert ours.allowed is (theirs.allowed or (granted and quantity == 0))
    if granted and limit is not None:
        assert ours.left == theirs.left


TABLE = """
  what                             | asked        | answered
  gate true                        |              | yes
  gate false                       |              | not_entitled
  config 500                       |              | yes
  config 500                       | 500          | yes
  config 500                       | 300          | only the desk
  config 500 more                  | 300          | yes
  config 500 more                  | 501          | limit_reached
  config 500 less                  | 300          | limit_reached
  config 500 less                  | 501          | yes
  config "good"                    | good         | yes
  config "good"                    | fair         | only the desk
  config "good" fair,good,best     | fair         | yes
  config "good" fair,good,best     | best         | limit_reached
  config ["a","b"]                 | a            | yes
  config ["a","b"]                 | c            | limit_reached
  config ["a","b"]                 |              | yes
  config []                        |              | limit_reached
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize(("what", "asked", "answered"), ROWS)
def test_what_is_set(what, asked, answered):
    kind, value, *more = what.split(" ")
    better = more[0] if more and "," not in more[0] else ""
    choices = more[0].split(",") if more and "," in more[0] else []
    term = read_term(feature("x", kind=kind, value=json.loads(value), better=better, choices=choices))
    wanted = {"quantity": int(asked)} if asked.isdigit() else {"choice": asked}
    verdict = weigh(term, now=0.0, **wanted)
    said = "only the desk" if verdict is None else "yes" if verdict.allowed else verdict.why
    assert said == answered


def test_a_period_that_is_over_starts_again_at_nothing():
    ends = 1_000_000.0
    monthly = read_term(calls(10, used=10) | {"use": {"used": 10, "held": 0, "left": 0, "resets_at": instant(ends)}})
    assert not weigh(monthly, now=ends - 1).allowed
    assert weigh(monthly, now=ends).left == 10


def test_credits_are_bounded_by_the_balance():
    term = read_term(
        calls(100, used=500, kind="credit") | {"use": {"used": 500, "held": 0, "left": 7, "resets_at": None}}
    )
    assert (weigh(term, now=0, quantity=7).allowed, weigh(term, now=0, quantity=8).why) == (True, "credits_spent")
    assert weigh(term, now=0, quantity=7, spent=1).why == "credits_spent"


def test_what_only_the_desk_counts_is_not_certain():
    shared = read_term(calls(5, kind="credit") | {"use": {"used": 0, "held": 0, "left": None, "resets_at": None}})
    seats = read_term(calls(5, each_seat_of="seats"))
    assert [weigh(term, now=0).certain for term in (shared, seats)] == [False, False]
    assert not weigh(seats, now=0, quantity=6).allowed
    assert not weigh(read_term(calls(5)), now=0, subject="ana").certain


def test_what_follows_an_end_takes_over_then_and_keeps_what_was_used():
    first = read_terms(
        {"entitlements": [calls(10, used=8, valid_until=instant(100.0)), feature("sso", valid_until=instant(100.0))]}
    )
    then = read_terms({"entitlements": [{**calls(9), "use": None}, off("sso")]})
    known = Known("acme", (Step(0.0, first), Step(100.0, then)), as_of=0.0)
    assert weigh(known.term_at("calls", 99.0), now=99.0).left == 2
    assert weigh(known.term_at("calls", 100.0), now=100.0).left == 1
    assert not weigh(known.term_at("sso", 100.0), now=100.0).allowed
    assert not in_force(known.steps[0].terms["sso"], 100.0)


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1970 < at.year < 2200))
def test_instants_come_through_as_they_were(at):
    assert write_instant(read_instant(at.isoformat())) == write_instant(at.timestamp())


@pytest.mark.parametrize("told", ["2026-03-02", "2026-03-02T09:00:00", 5, "", "2026-13-02T09:00:00Z", []])
def test_what_is_no_instant_is_a_fault(told):
    with pytest.raises(ValueError):
        read_instant(told)
