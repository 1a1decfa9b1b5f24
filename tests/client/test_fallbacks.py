"""The fallback rule as a table, and that it means what the desk's catalog means by the same words."""

import typing

import hypothesis.strategies as st
import pytest
from hypothesis import given

from catalog.domain import fallbacks as desk
from entitlement_client.fallbacks import DENY, HOUR, Fallback, Holds, OnUnreachable, read_fallback, what_holds

TABLE = """
  fallback         | age   | in force | comes to
  allow            | 10    | yes      | GOES_ON
  allow            | 10    | lacks    | LAST_KNOWN
  allow            | 99999 | lacks    | LAST_KNOWN
  deny             | 10    | lacks    | REFUSED
  last_known 3600  | 10    | lacks    | LAST_KNOWN
  last_known 3600  | 3600  | lacks    | TOO_OLD
  allow            | 99999 | no       | GOES_ON
  allow            | -     | no       | GOES_ON
  deny             | 10    | yes      | REFUSED
  deny             | -     | no       | REFUSED
  last_known 3600  | 0     | yes      | LAST_KNOWN
  last_known 3600  | 3599  | yes      | LAST_KNOWN
  last_known 3600  | 3600  | yes      | TOO_OLD
  last_known 3600  | 10    | no       | OVER
  last_known 3600  | -1    | yes      | TOO_OLD
  last_known 3600  | -     | no       | NEVER_KNOWN
  last_known 0     | 0     | yes      | TOO_OLD
  last_known       | 3599  | yes      | LAST_KNOWN
  last_known       | 3600  | yes      | TOO_OLD
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]


@pytest.mark.parametrize(("rule", "age", "in_force", "expected"), ROWS)
def test_what_holds(rule, age, in_force, expected):
    word, _, seconds = rule.partition(" ")
    fallback = Fallback(word, int(seconds) if seconds else None)
    stands = {"in_force": in_force != "no", "lacks": in_force == "lacks"}
    assert what_holds(fallback, age=None if age == "-" else float(age), **stands) is Holds[expected]


@given(st.floats(0, 1e9) | st.none())
def test_what_is_over_says_nothing_of_who_lacks_it(age):
    assert what_holds(Fallback("allow"), age=age, in_force=False, lacks=True) is Holds.GOES_ON


def test_the_words_are_the_desk_s_own():
    assert set(typing.get_args(OnUnreachable)) == {one.value for one in desk.Fallback}
    assert HOUR == desk.HOUR


@pytest.mark.parametrize("effect", desk.UseEffect)
@pytest.mark.parametrize("state", desk.AccountState)
def test_what_the_catalog_says_is_read_as_it_is_meant(effect, state):
    reliance = desk.fallback_for(desk.Fallbacks(effect=effect), state)
    read = read_fallback({"on_unreachable": reliance.fallback.value, "max_age_seconds": reliance.max_age_seconds})
    kept = what_holds(read, age=10, in_force=True) is Holds.LAST_KNOWN
    assert kept is (reliance.fallback is desk.Fallback.LAST_KNOWN)
    assert not kept or effect is not desk.UseEffect.IRREVERSIBLE


@pytest.mark.parametrize("told", [None, {}, {"on_unreachable": "maybe"}, "allow", {"on_unreachable": "last_known", "max_age_seconds": -1}, {"on_unreachable": []}])  # fmt: skip
def test_what_is_not_understood_refuses(told):
    assert read_fallback(told) == DENY
