"""What must be true of every account: properties of the resolver, over whole accounts at random."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from catalog.domain.window import Window
from entitlements.domain.boundaries import boundaries
from entitlements.domain.explain import replay, say
from entitlements.domain.facts import Facts, Mode, OverrideFact
from entitlements.domain.resolve import Layer, Op, Resolution, resolve
from tests.conftest import EXAMPLES
from tests.entitlements.domain.oracle import naive
from tests.entitlements.domain.strategies import START, accounts, instants, overrides, turned

MOMENT = timedelta(microseconds=1)
thorough = settings(
    deadline=None,
    derandomize=False,
    print_blob=True,
    max_examples=6 * EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def held(resolution: Resolution) -> Resolution:
    """The answer and its reasons, whatever is known of their end."""
    return replace(resolution, valid_until=None)


def sampled(facts: Facts) -> list[datetime]:
    """Every instant at which something happens, the moment before each, and a time after all of them."""
    edges = boundaries(facts)
    return sorted({*edges, *(edge - MOMENT for edge in edges), START, START + timedelta(days=400)})


@thorough
@given(accounts(), instants)
def test_a_naive_reading_of_the_rules_agrees(facts, at):
    expected = naive(facts, at)
    for key, r in resolve(facts, at=at).items():
        said = (r.value, r.granted, r.reset, r.enforcement, r.overage_percent)
        assert said == expected[key], key
        assert type(r.value) is type(expected[key][0])
        event("granted" if r.granted else "absent")


@thorough
@given(st.data(), accounts(), instants)
def test_any_order_of_rows_gives_the_same_answer_and_the_same_reasons(data, facts, at):
    assert resolve(data.draw(turned(facts)), at=at) == resolve(facts, at=at)


@thorough
@given(accounts(), instants)
def test_the_explanation_replayed_gives_the_answer(facts, at):
    for r in resolve(facts, at=at).values():
        assert replay(r.because, shape=r.shape) == r.value
        assert all(say(r, zone="Europe/Amsterdam"))


@thorough
@given(accounts(), instants)
def test_nobody_has_access_without_a_source(facts, at):
    for r in resolve(facts, at=at).values():
        kept = [c for c in r.because if c.kept]
        if r.granted:
            assert any(c.op in {Op.GIVES, Op.REPLACE, Op.ADD, Op.AT_LEAST} for c in kept)
            assert not any(c.op in {Op.DENY, Op.NOTHING} for c in kept)
        if not kept:
            assert r.value is None
    bare = replace(facts, items=(), overrides=(), billed=(), parent=None)
    assert not any(r.granted for r in resolve(bare, at=at).values())


@thorough
@given(st.data(), accounts(), instants)
def test_an_override_outside_its_window_changes_nothing(data, facts, at):
    asleep = data.draw(overrides(99))
    window = data.draw(st.sampled_from((Window(None, at), Window(at + MOMENT, None), Window(at, at))))
    more = replace(facts, overrides=(*facts.overrides, replace(asleep, window=window)))
    before, after = resolve(facts, at=at), resolve(more, at=at)
    assert {k: held(r) for k, r in before.items()} == {k: held(r) for k, r in after.items()}


@thorough
@given(accounts(), instants)
def test_a_denial_of_the_account_always_wins(facts, at):
    for key in ("sso", "seats", "tier", "roles"):
        no = replace(facts, overrides=(*facts.overrides, _denial(key)))
        assert not resolve(no, at=at)[key].granted


def _denial(feature):
    return OverrideFact("100", feature, Mode.DENY, Window())


@thorough
@given(accounts(), instants)
def test_answer_and_reasons_are_constant_until_valid_until(facts, at):
    moments = sampled(facts)
    later = {moment: resolve(facts, at=moment) for moment in moments if moment >= at}
    edges = boundaries(facts)
    for key, r in resolve(facts, at=at).items():
        assert r.valid_until is None or r.valid_until > at
        assert r.valid_until is None or r.valid_until in edges
        for moment, answers in later.items():
            if r.valid_until is None or moment < r.valid_until:
                assert held(answers[key]) == held(r), (key, moment)


@thorough
@given(accounts(), instants)
def test_reasons_stand_in_the_order_of_application(facts, at):
    for r in resolve(facts, at=at).values():
        layers = [list(Layer).index(c.layer) for c in r.because]
        assert layers == sorted(layers)
        modes = [list(Op).index(c.op) for c in r.because if c.layer is Layer.OVERRIDE]
        assert modes == sorted(modes)
