"""A ruling, worked out before anybody asks, weighs as the naive rule does."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from catalog.domain.fallbacks import Fallback, Reliance
from catalog.domain.values import UNLIMITED, Enforcement, Kind, Nature, TermState
from entitlements.domain.decision import UnfitQuestion, decide
from entitlements.domain.resolution import Resolution
from entitlements.domain.usage.terms import UseTerms
from entitlements.queries.check.answers import Ruling, rule_on
from tests.conftest import EXAMPLES
from tests.entitlements.domain.strategies import values
from tests.spec.tables import SHAPES

thorough = settings(
    deadline=None, print_blob=True, max_examples=20 * EXAMPLES, suppress_health_check=[HealthCheck.too_slow]
)
amounts = st.sampled_from((None, 0, 1, 2, 5, 8, 9, 10, 12, 1000))
odd = st.sampled_from((Decimal("1.5"), Decimal(-1), -3))


@st.composite
def terms(draw) -> UseTerms:
    shape = SHAPES[draw(st.sampled_from(sorted(SHAPES)))]
    value = draw(st.none() | values(shape))
    granted = value is not None and value is not False and draw(st.sampled_from((True, True, True, False)))
    parts = {"model.large": draw(st.sampled_from((Decimal(0), Decimal(2), UNLIMITED)))}
    answer = Resolution(
        shape=shape,
        value=value,
        granted=granted,
        state=TermState.VALUE,
        reset=None,
        enforcement=draw(st.sampled_from(Enforcement)),
        overage_percent=draw(st.sampled_from((None, 0, 10, 50))),
        typed_unit="",
        valid_until=None,
        sub_limits=parts if granted and shape.nature is Nature.QUANTITY and draw(st.booleans()) else {},
    )
    return UseTerms(answer, Reliance(Fallback.DENY), buffer_percent=draw(st.sampled_from((0, 0, 20))))


def weighed(ruling: Ruling, quantity, used, choice):
    try:
        told = ruling.weigh(quantity, used, choice)
    except UnfitQuestion as unfit:
        return unfit.field
    return told.allowed, told.left, told.certain


def decided(one: UseTerms, quantity, used, choice):
    asked, taken = (None if amount is None else Decimal(amount) for amount in (quantity, used))
    try:
        told = decide(one.answer, quantity=asked, used=taken, choice=choice, buffer_percent=one.buffer_percent)
    except UnfitQuestion as unfit:
        return unfit.field
    return told.allowed, told.left, told.certain


@thorough
@given(terms(), amounts | odd, amounts, st.sampled_from(("", "gold", "bronze", "dev", "model.large", "a")))
def test_it_allows_and_leaves_what_the_rule_does(one, quantity, used, choice):
    expected = decided(one, quantity, used, choice)
    event("unfit" if isinstance(expected, str) else "allowed" if expected[0] else "refused")
    assert weighed(rule_on(one), quantity, used, choice) == expected
    if quantity is not None:
        assert weighed(rule_on(one), Decimal(quantity), used, choice) == expected


def test_its_reasons_are_said_once():
    told = rule_on(UseTerms(resolution(True), Reliance(Fallback.DENY)))
    assert told.because is told.because
    assert told.because == ("Nothing this account has speaks about SSO.",)


def resolution(value):
    return Resolution(SHAPES["sso"], value, True, TermState.VALUE, None, Enforcement.HARD, None, "", None)


@pytest.mark.parametrize(("quantity", "why"), [(1, "included"), (None, "included")])
def test_a_gate_is_open_for_any_amount(quantity, why):
    assert rule_on(UseTerms(resolution(True), Reliance(Fallback.DENY))).weigh(quantity, None, "").why == why


def test_what_is_shared_with_the_parent_is_never_certain_here():
    """The child's own counter says nothing of what the others below the parent have used."""
    calls = next(shape for shape in SHAPES.values() if shape.kind is Kind.METERED)
    given_terms = UseTerms(replace(resolution(True), shape=calls, value=Decimal(10)), Reliance(Fallback.DENY))
    assert rule_on(given_terms).counts
    shared = rule_on(replace(given_terms, shared=True))
    assert not shared.counts
    assert not shared.weigh(1, None, "").certain
