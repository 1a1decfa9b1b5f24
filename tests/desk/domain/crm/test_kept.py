"""What is kept of a deal is read back exactly."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED
from desk.domain.crm.kept import (
    keep_agreed,
    keep_deal,
    keep_extension,
    keep_promise,
    kept_agreed,
    kept_deal,
    kept_extension,
    kept_promise,
)
from desk.domain.crm.told import DealState
from desk.domain.crm.wanted import Agreed, Extension, FeaturePromise, PlanPromise, Promise
from entitlements.domain.facts import Mode
from tests.desk.domain.crm.deals import deal, line

DAYS = st.none() | st.dates()
VALUES = st.one_of(
    st.none(), st.just(True), st.just(UNLIMITED), st.decimals(allow_nan=False, allow_infinity=False),
    st.text(), st.frozensets(st.text()),
)  # fmt: skip
WHAT = st.builds(PlanPromise, st.text(), st.integers(1), st.text()) | st.builds(
    FeaturePromise, st.text(), st.sampled_from(Mode), VALUES, st.text()
)


@given(st.builds(Promise, st.text(), WHAT, DAYS, DAYS, st.text()))
def test_a_promise(promise):
    assert kept_promise(json.loads(json.dumps(keep_promise(promise)))) == promise


@given(st.builds(Agreed, DAYS, st.none() | st.integers(1), st.booleans(), st.integers(0)))
def test_terms(agreed):
    assert kept_agreed(json.loads(json.dumps(keep_agreed(agreed)))) == agreed


@given(st.builds(Extension, st.text(), st.none() | st.integers(1), DAYS))
def test_an_extension(extension):
    assert kept_extension(json.loads(json.dumps(keep_extension(extension)))) == extension


def test_a_deal():
    said = deal(line(quantity="2.50", Seats="5"), state=DealState.LOST, closed_on=date(2026, 3, 1), fields={"a": "b"})
    assert kept_deal(json.loads(json.dumps(keep_deal(said)))) == said
    assert kept_deal(keep_deal(said)).lines[0].quantity == Decimal("2.50")
    assert kept_deal({}) is None


def test_where_a_deal_stands_there():
    said = deal(line(), link="https://crm.example/d1")
    assert kept_deal(json.loads(json.dumps(keep_deal(said)))).link == said.link
