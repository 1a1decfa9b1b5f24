"""What changes for the holders of a plan, in words, and whether anybody loses something."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cells import read_cell
from catalog.domain.values import Enforcement, Reset, Scaling, TermState
from catalog.domain.version_diff import ChangeKind, TermFacts, diff, lowers
from tests.catalog.domain.shapes import CALLS, CDN, EVERY, GREETING, LATENCY, MEMBERS, ROLES, SSO, STORAGE

SHAPES = {shape.key: shape for shape in EVERY}


def term(text, shape, **rules):
    reading = read_cell(text, shape=shape)
    rules.setdefault("source_text", text)
    return TermFacts(reading.state, reading.value, reading.typed_unit, prices=reading.prices, **rules)


def changes(shape, was, is_now):
    old = {} if was is None else {shape.key: was if isinstance(was, TermFacts) else term(was, shape)}
    new = {} if is_now is None else {shape.key: is_now if isinstance(is_now, TermFacts) else term(is_now, shape)}
    return diff(plan="Pro", old=old, new=new, shapes=SHAPES)


@pytest.mark.parametrize(
    ("shape", "was", "is_now", "kind", "sentence"),
    [
        (STORAGE, "8 GB", "10 GB", "raised", "Storage goes up from 8 GB to 10 GB"),
        (STORAGE, "8 GB", "500 MB", "lowered", "Storage goes down from 8 GB to 500 MB"),
        (STORAGE, "8 GB", "Unlimited", "raised", "Storage goes up from 8 GB to Unlimited"),
        (STORAGE, "Unlimited", "8 GB", "lowered", "Storage goes down from Unlimited to 8 GB"),
        (STORAGE, None, "8 GB", "added", "Storage is added: 8 GB"),
        (STORAGE, "no", "8 GB", "added", "Storage is added: 8 GB"),
        (STORAGE, "8 GB", "no", "removed", "Storage is removed; it was 8 GB"),
        (STORAGE, "8 GB", None, "removed", "Storage is removed; it was 8 GB"),
        (SSO, "no", "yes", "added", "SSO is added: on"),
        (SSO, "yes", "no", "removed", "SSO is removed; it was on"),
        (SSO, "yes", "add-on", "lowered", "SSO goes down from on to sold as an add-on"),
        (SSO, "Custom", "yes", "raised", "SSO goes up from set per customer to on"),
        (SSO, "add-on", "Custom", "changed", "SSO changes from sold as an add-on to set per customer"),
        (SSO, "no", "add-on", "added", "SSO is added: sold as an add-on"),
        (SSO, "Custom", "no", "removed", "SSO is removed; it was set per customer"),
        (SSO, "Coming soon", "TBD", "changed", "SSO changes from to be settled: Coming soon to to be settled: TBD"),
        (CDN, "Basic CDN", "Smart CDN", "raised", "CDN goes up from Basic CDN to Smart CDN"),
        (CDN, "Smart CDN", "Basic CDN", "lowered", "CDN goes down from Smart CDN to Basic CDN"),
        (ROLES, "Owner", 'Owner, "Read, write"', "raised", 'Roles gains "Read, write"'),
        (ROLES, "Owner, custom", "Owner", "lowered", 'Roles loses "custom"'),
        (ROLES, "Owner", '"custom"', "lowered", 'Roles gains "custom" and loses Owner'),
        (GREETING, "Hello", "Goodbye", "changed", "Greeting changes from Hello to Goodbye"),
        (LATENCY, "4 hours", "1 hour", "raised", "Answer time gets better, from 4 hours to 1 hour"),
        (LATENCY, "1 hour", "4 hours", "lowered", "Answer time gets worse, from 1 hour to 4 hours"),
    ],
)
def test_a_change_is_said_in_one_sentence(shape, was, is_now, kind, sentence):
    (change,) = changes(shape, was, is_now)
    assert (change.kind, change.feature, change.sentence) == (kind, shape.key, f"Pro: {sentence}")


@pytest.mark.parametrize(
    ("was", "is_now", "kind", "sentence"),
    [
        ({"reset": Reset.MONTH}, {"reset": Reset.DAY}, "raised", "goes up from 100 a month to 100 a day"),
        ({"reset": Reset.DAY}, {"reset": Reset.MONTH}, "lowered", "goes down from 100 a day to 100 a month"),
        ({"reset": Reset.MONTH}, {"reset": Reset.BILLING}, "lowered", "from 100 a month to 100 a billing period"),
        ({"reset": Reset.YEAR}, {"reset": Reset.BILLING}, "raised", "from 100 a year to 100 a billing period"),
        ({"reset": Reset.YEAR}, {"reset": Reset.NEVER}, "lowered", "from 100 a year to 100 in all"),
        ({}, {"reset": Reset.MONTH}, "changed", "changes from 100 to 100 a month"),
        ({}, {"enforcement": Enforcement.SOFT}, "raised", "from 100, hard limit to 100, soft limit"),
        ({"enforcement": Enforcement.TRACK}, {}, "lowered", "from 100, tracked only to 100, hard limit"),
        ({"overage_percent": 10}, {"overage_percent": 20}, "raised", "from 100, 10 % over allowed to 100, 20 % over"),
        ({"overage_percent": 10}, {"overage_percent": 0}, "lowered", "goes down from 100, 10 % over allowed"),
        ({}, {"overage_percent": 20}, "changed", "changes from 100, no overage named to 100, 20 % over allowed"),
        ({}, {"scaling": Scaling.PER_UNIT}, "raised", "from 100, once to 100, for each one bought"),
        ({"scaling": Scaling.PER_UNIT}, {}, "lowered", "from 100, for each one bought to 100, once"),
        ({}, {"scaling": Scaling.PER_SEAT_OF, "seats_of": "seats"}, "changed", "to 100, for each of seats"),
    ],
)
def test_a_rule_beside_the_amount_counts_too(was, is_now, kind, sentence):
    (change,) = changes(CALLS, term("100", CALLS, **was), term("100", CALLS, **is_now))
    assert change.kind == kind
    assert sentence in change.sentence


def test_more_over_a_longer_period_is_a_lowering():
    (change,) = changes(CALLS, term("100", CALLS, reset=Reset.DAY), term("1,000", CALLS, reset=Reset.MONTH))
    assert change.kind is ChangeKind.LOWERED


@pytest.mark.parametrize(
    ("was", "is_now", "sentence"),
    [
        ("8 GB; then $0.125 per GB", "8 GB; then $0.10 per GB", "changes from $0.125 per GB to $0.10 per GB"),
        ("8 GB; then $0.125 per GB", "8 GB", "changes from $0.125 per GB to no price"),
        ("add-on", "sold as an add-on: $5 per month", "changes from no price to $5 per month"),
    ],
)
def test_a_price_that_changes_is_said_apart(was, is_now, sentence):
    (change,) = changes(STORAGE, was, is_now)
    assert (change.kind, change.sentence) == (ChangeKind.PRICE_CHANGED, f"Pro: the price of Storage {sentence}")


def test_an_amount_and_its_price_are_two_changes():
    kinds = [c.kind for c in changes(STORAGE, "8 GB; then $0.125 per GB", "10 GB; then $0.10 per GB")]
    assert kinds == [ChangeKind.RAISED, ChangeKind.PRICE_CHANGED]


@pytest.mark.parametrize(
    ("shape", "was", "is_now"),
    [
        (STORAGE, "1 GB", "1000 MB"),
        (STORAGE, "8 GB; then $0.125 per GB", "8 GB, $0.125/GB"),
        (STORAGE, None, "no"),
        (STORAGE, "Custom", "Contact us"),
        (SSO, "yes", "✓"),
        (ROLES, "Owner, custom", "custom, owner"),
        (STORAGE, None, None),
    ],
)
def test_what_means_the_same_is_no_change(shape, was, is_now):
    assert changes(shape, was, is_now) == ()


@pytest.mark.parametrize(
    ("was", "is_now", "lowered"),
    [
        ("8", "10", False),
        ("10", "8", True),
        ("10", "no", True),
        ("no", "10", False),
        ("10", "10; then $1 per member", False),
    ],
)
def test_a_lowering_or_removal_is_what_needs_a_second_pair_of_eyes(was, is_now, lowered):
    assert lowers(changes(MEMBERS, was, is_now)) is lowered


def test_changes_come_in_the_order_of_the_features():
    old = {"calls": term("5", CALLS), "sso": term("yes", SSO)}
    assert [change.feature for change in diff(plan="Pro", old=old, new={}, shapes=SHAPES)] == ["sso", "calls"]


@pytest.mark.parametrize(
    "bad",
    [
        {"state": TermState.VALUE},
        {"state": TermState.ADD_ON, "value": True},
        {"state": TermState.VALUE, "value": Decimal(1), "scaling": Scaling.PER_SEAT_OF},
        {"state": TermState.VALUE, "value": Decimal(1), "seats_of": "seats"},
    ],
)
def test_facts_that_contradict_themselves_can_not_be_built(bad):
    with pytest.raises(ValueError):
        TermFacts(**bad)


TEXTS = st.sampled_from(["no", "5", "10", "Unlimited", "Custom", "add-on", "TBD", "5; then $1 per member"])
OPPOSITE = {"added": "removed", "removed": "added", "raised": "lowered", "lowered": "raised"}


@given(was=TEXTS, is_now=TEXTS)
def test_going_back_is_the_opposite_change(was, is_now):
    there, back = changes(MEMBERS, was, is_now), changes(MEMBERS, is_now, was)
    assert [OPPOSITE.get(c.kind, c.kind) for c in there] == [c.kind for c in back]
    assert [(c.before, c.after) for c in there] == [(c.after, c.before) for c in back]
