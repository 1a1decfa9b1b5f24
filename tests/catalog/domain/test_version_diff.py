"""What changes for the holders of a plan, in words, and whether anybody loses something."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.cases import Case
from catalog.domain.cells import read_cell
from catalog.domain.prices import PriceLine
from catalog.domain.sale_diff import Sale, diff_sale, renamed
from catalog.domain.values import UNLIMITED, AtTrialEnd, Enforcement, Reset, Scaling, TermState
from catalog.domain.version_diff import ChangeKind, TermFacts, diff, essence, lowers
from catalog.domain.vocabulary import Vocabulary
from tests.catalog.domain.shapes import CALLS, CDN, EVERY, GREETING, LATENCY, MEMBERS, ROLES, SSO, STORAGE

SOFT_10 = {"enforcement": Enforcement.SOFT, "overage_percent": 10}
BY_SEATS = {"scaling": Scaling.PER_SEAT_OF, "seats_of": "members"}
LARGE_5 = (("model.large", Decimal(5)),)
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
        (SOFT_10, SOFT_10 | {"overage_percent": 20}, "raised", "from 100, up to 10 % beyond to 100, up to 20 % beyond"),
        (SOFT_10, SOFT_10 | {"overage_percent": 0}, "lowered", "goes down from 100, up to 10 % beyond"),
        (SOFT_10, {"enforcement": Enforcement.SOFT}, "raised", "from 100, up to 10 % beyond to 100, without end"),
        ({}, SOFT_10, "raised", "from 100, hard limit, nothing beyond to 100, soft limit, up to 10 % beyond"),
        ({}, {"scaling": Scaling.PER_UNIT}, "raised", "from 100, once to 100, per unit"),
        ({"scaling": Scaling.PER_UNIT}, {}, "lowered", "from 100, per unit to 100, once"),
        ({}, BY_SEATS, "changed", "to 100, per seat of members, pooled"),
        ({}, BY_SEATS | {"scaling": Scaling.EACH_SEAT_OF}, "changed", "to 100, for each seat of members"),
        ({}, {"sub_limits": LARGE_5}, "lowered", "from 100, however it is divided to 100, of which model.large: 5"),
        ({"sub_limits": LARGE_5}, {"sub_limits": (("model.large", Decimal(6)),)}, "raised", "model.large: 6"),
        ({"sub_limits": LARGE_5}, {"sub_limits": (("model.large", None),)}, "lowered", "model.large: no"),
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


@pytest.mark.parametrize(
    "rules", [{"enforcement": Enforcement.SOFT}, {"overage_percent": 5}, {"reset": Reset.YEAR}, SOFT_10]
)
def test_how_a_limit_is_kept_makes_no_difference_where_there_is_none(rules):
    assert changes(CALLS, term("Unlimited", CALLS), term("Unlimited", CALLS, **rules)) == ()
    (change,) = changes(CALLS, term("100", CALLS, **rules), term("Unlimited", CALLS))
    assert (change.kind, change.after) == (ChangeKind.RAISED, "Unlimited")


@pytest.mark.parametrize("shape", [SSO, CDN], ids=lambda s: s.key)
def test_rules_of_amounts_make_no_difference_to_what_has_none(shape):
    text = "yes" if shape is SSO else "Smart CDN"
    assert changes(shape, term(text, shape), term(text, shape, enforcement=Enforcement.SOFT)) == ()


def test_a_part_that_is_unlimited_is_as_if_it_were_not_named():
    parts = {"sub_limits": (("model.large", UNLIMITED),)}
    assert changes(CALLS, term("100", CALLS), term("100", CALLS, **parts)) == ()


def test_another_seller_of_what_is_not_included_is_a_change():
    was, is_now = TermFacts(TermState.ADD_ON), TermFacts(TermState.ADD_ON, sold_as="ipv4")
    names = Vocabulary(add_ons={"ipv4": "IPv4 address"})
    (change,) = diff(plan="Pro", old={"sso": was}, new={"sso": is_now}, shapes=SHAPES, names=names)
    assert (change.kind, change.after) == (ChangeKind.CHANGED, "sold as an add-on: IPv4 address")


def test_a_change_names_its_case():
    old, new = {"calls": term("100", CALLS)}, {"calls": term("50", CALLS)}
    (change,) = diff(plan="Pro", old=old, new=new, shapes=SHAPES, case=Case("trial", "eu"), market="Europe")
    assert change.sentence == "Pro, during a trial, in Europe: API calls goes down from 100 to 50"
    assert (change.case, change.when) == (Case("trial", "eu"), "During a trial, in Europe")


@pytest.mark.parametrize(
    ("was", "is_now", "kind", "sentence"),
    [
        (Sale(14), Sale(7), "lowered", "the trial changes from 14 days to 7 days"),
        (Sale(7), Sale(14), "raised", "the trial changes from 7 days to 14 days"),
        (Sale(), Sale(1), "added", "the trial changes from no trial to 1 day"),
        (Sale(7), Sale(), "removed", "the trial changes from 7 days to no trial"),
        (Sale(7), Sale(7, "Free"), "added", "what follows a trial changes from it ends to Free"),
        (Sale(7, "Free"), Sale(7), "removed", "what follows a trial changes from Free to it ends"),
        (Sale(7, "Free"), Sale(7, "Mini"), "lowered", "what follows a trial changes from Free to Mini"),
        (
            Sale(),
            Sale(prices={"Price a month": "$5"}),
            "price_changed",
            "the price a month changes from no price to $5",
        ),
    ],
)
def test_what_changes_around_the_terms_is_said_too(was, is_now, kind, sentence):
    (change,) = diff_sale(plan="Pro", old=was, new=is_now)
    assert (change.kind, change.sentence) == (kind, f"Pro: {sentence}")


def test_what_bears_another_name_is_told_and_lowers_nothing():
    found = renamed(plan="Pro", names=[("Name", "Pro", "Plus"), ("sso", "SSO", "SSO")])
    assert [(c.kind, c.feature, c.before, c.after) for c in found] == [("renamed", "Name", "Pro", "Plus")]
    assert not lowers(found)


AMOUNTS = st.sampled_from([Decimal(5), Decimal(10), UNLIMITED])


@st.composite
def facts(draw):
    """A term on API calls, with any rules."""
    state = draw(st.sampled_from(TermState))
    if state not in {TermState.VALUE, TermState.UNLIMITED}:
        return TermFacts(state, source_text=draw(st.sampled_from(["", "TBD"])))
    value = UNLIMITED if state is TermState.UNLIMITED else draw(st.sampled_from([Decimal(5), Decimal(10)]))
    scaling, kept = draw(st.sampled_from(Scaling)), draw(st.sampled_from(AtTrialEnd))
    return TermFacts(
        state,
        value,
        reset=draw(st.sampled_from([None, Reset.DAY, Reset.MONTH])),
        enforcement=draw(st.sampled_from(Enforcement)),
        overage_percent=draw(st.sampled_from([None, 0, 20])),
        scaling=scaling,
        seats_of="members" if scaling in {Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF} else "",
        sub_limits=tuple((key, draw(AMOUNTS | st.none())) for key in draw(st.sampled_from([(), ("a.b",), ("a.c",)]))),
        prices=draw(st.sampled_from([(), (PriceLine(1, "USD", 1, "x"),), (PriceLine(1, "USD", 1, "y"),)])),
        at_trial_end=kept,
        kept_days=draw(st.sampled_from([7, 14])) if kept is AtTrialEnd.KEPT_FOR else None,
    )


@given(was=facts(), is_now=facts())
def test_there_is_a_change_exactly_where_a_customer_can_tell_the_difference(was, is_now):
    same = essence(was, shape=CALLS) == essence(is_now, shape=CALLS)
    assert (changes(CALLS, was, is_now) == ()) is same


@given(was=facts(), is_now=facts())
def test_what_is_better_one_way_is_worse_the_other(was, is_now):
    there = {c.kind for c in changes(CALLS, was, is_now)} - {ChangeKind.PRICE_CHANGED}
    back = {c.kind for c in changes(CALLS, is_now, was)} - {ChangeKind.PRICE_CHANGED}
    better, worse = {ChangeKind.ADDED, ChangeKind.RAISED}, {ChangeKind.REMOVED, ChangeKind.LOWERED}
    assert len(there) == len(back) <= 1
    assert not there & better or back & worse
    assert not (there & better and back & better)
    assert not there & {ChangeKind.CHANGED} or back <= {ChangeKind.CHANGED, ChangeKind.LOWERED}


TEXTS = st.sampled_from(["no", "5", "10", "Unlimited", "Custom", "add-on", "TBD", "5; then $1 per member"])
OPPOSITE = {"added": "removed", "removed": "added", "raised": "lowered", "lowered": "raised"}


@given(was=TEXTS, is_now=TEXTS)
def test_going_back_is_the_opposite_change(was, is_now):
    there, back = changes(MEMBERS, was, is_now), changes(MEMBERS, is_now, was)
    assert [OPPOSITE.get(c.kind, c.kind) for c in there] == [c.kind for c in back]
    assert [(c.before, c.after) for c in there] == [(c.after, c.before) for c in back]
