"""May this be done: an answer weighed against what is asked for and what is in use."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED, Enforcement, TermState
from entitlements.domain.decision import Asked, Decision, UnfitQuestion, decide
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve as resolve_facts
from entitlements.domain.telling import tell
from tests.entitlements.domain.strategies import START, accounts
from tests.spec.tables import SHAPES, resolve, table

HARD, SOFT, TRACK = Enforcement
GB = Decimal(10**9)


def had(feature: str, value: Any, **more: Any) -> Resolution:
    """An answer that gives the value."""
    state = TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE
    usual = {"reset": None, "enforcement": HARD, "overage_percent": None, "typed_unit": "", "valid_until": None}
    return Resolution(SHAPES[feature], value, granted=True, state=state, **{**usual, **more})


def absent(feature: str, state: TermState = TermState.NOT_INCLUDED) -> Resolution:
    return Resolution(SHAPES[feature], None, False, state, None, HARD, None, "", None)


def seats(number: int, *, asks: int | None = None, used: int | None = None, **more: Any) -> Decision:
    wanted, in_use = (None if amount is None else Decimal(amount) for amount in (asks, used))
    return decide(had("seats", Decimal(number), **more), quantity=wanted, used=in_use)


@pytest.mark.parametrize(
    ("used", "asks", "allowed", "left", "over", "said"),
    [
        (8, 1, True, 2, None, "2 left, 1 after this"),
        (8, 2, True, 2, None, "2 left, nothing after this"),
        (8, None, True, 2, None, "2 left"),
        (8, 0, True, 2, None, "2 left"),
        (10, 0, True, 0, None, "0 left"),
        (10, None, False, 0, None, "nothing is left of the limit of 10"),
        (8, 3, False, 2, 1, "11 would be 1 over the limit of 10"),
        (12, None, False, 0, 2, "nothing is left of the limit of 10"),
        (12, 0, False, 0, 2, "12 would be 2 over the limit of 10"),
    ],
)
def test_a_hard_limit_ends_where_it_stands(used, asks, allowed, left, over, said):
    decision = seats(10, asks=asks, used=used)
    assert (decision.allowed, decision.left, decision.over_by, decision.because) == (allowed, left, over, said)
    assert decision.certain


@pytest.mark.parametrize(
    ("enforcement", "percent", "asks", "allowed", "over", "said"),
    [
        (SOFT, None, 3, True, 1, "1 beyond 10, which is told to somebody, and not stopped"),
        (TRACK, None, 3, True, 1, "1 beyond 10, which is charged"),
        (SOFT, 20, 4, True, 2, "2 beyond 10, which is told to somebody, and not stopped, up to 12 in all"),
        (SOFT, 20, 5, False, 3, "13 would be 1 over 12, which is 20 % beyond 10"),
        (TRACK, 20, 4, True, 2, "2 beyond 10, which is charged, up to 12 in all"),
        (TRACK, 20, 5, False, 3, "13 would be 1 over 12, which is 20 % beyond 10"),
        (TRACK, 25, 4, True, 2, "2 beyond 10, which is charged, up to 12 in all"),
        (TRACK, 0, 3, False, 1, "11 would be 1 over the limit of 10"),
    ],
)
def test_beyond_a_limit_it_goes_as_far_as_the_rule_lets_it(enforcement, percent, asks, allowed, over, said):
    decision = seats(10, asks=asks, used=8, enforcement=enforcement, overage_percent=percent)
    assert (decision.allowed, decision.over_by, decision.because) == (allowed, over, said)


@pytest.mark.parametrize(
    ("enforcement", "said"),
    [(SOFT, "nothing is left of 10; what comes is told to somebody, and not stopped"),
     (TRACK, "nothing is left of 10; what comes is charged")],
)  # fmt: skip
def test_anything_at_all_at_a_limit_that_doesnt_stop(enforcement, said):
    decision = seats(10, used=10, enforcement=enforcement)
    assert (decision.allowed, decision.because, decision.over_by) == (True, said, None)


@pytest.mark.parametrize(
    ("asks", "allowed", "certain", "said"),
    [
        (None, True, False, "as long as less than 10 is in use; how much that is isn't known here"),
        (3, True, False, "as long as no more than 7 is in use; how much that is isn't known here"),
        (10, True, False, "as long as nothing is in use; how much that is isn't known here"),
        (11, False, True, "the limit of 10 in all"),
    ],
)
def test_what_hangs_on_use_nobody_told_says_so(asks, allowed, certain, said):
    decision = seats(10, asks=asks)
    assert (decision.allowed, decision.certain, decision.because, decision.left) == (allowed, certain, said, None)


def test_what_never_stops_needs_no_use():
    decision = seats(10, asks=50, enforcement=TRACK)
    assert (decision.allowed, decision.certain) == (True, True)
    assert decision.because == "whatever is in use; beyond 10 it is charged"


@pytest.mark.parametrize(("used", "asks"), [(None, None), (None, 3), (7, None), (7, 3)])
def test_pay_as_you_go_is_charged_from_the_first(used, asks):
    decision = seats(0, used=used, asks=asks, enforcement=TRACK)
    assert (decision.allowed, decision.because) == (True, "all of it is charged")


@pytest.mark.parametrize(("used", "asks"), [(None, None), (None, 10**20), (Decimal(10**20), 5)])
def test_unlimited_is_never_used_up(used, asks):
    wanted = None if asks is None else Decimal(asks)
    decision = decide(had("storage", UNLIMITED), quantity=wanted, used=used)
    assert (decision.allowed, decision.left, decision.because) == (True, UNLIMITED, "it is unlimited")


def test_amounts_are_said_in_their_units():
    decision = decide(had("storage", 120 * GB, typed_unit="GB"), quantity=5 * GB, used=96 * GB)
    assert decision.words == "Allowed: 24 GB left, 19 GB after this."


def test_a_percentage_never_gives_a_part_of_a_unit():
    assert not seats(5, asks=1, used=5, enforcement=SOFT, overage_percent=19).allowed
    assert seats(5, asks=1, used=5, enforcement=SOFT, overage_percent=20).allowed


@pytest.mark.parametrize(
    ("asks", "allowed", "said"),
    [(None, True, "it is set to 60 seconds"), (60, True, "it is set to 60 seconds"),
     (90, True, "60 seconds is set, and 90 seconds is not less than that"),
     (30, False, "30 seconds is less than 60 seconds")],
)  # fmt: skip
def test_of_a_setting_where_less_is_better_more_may_be_asked(asks, allowed, said):
    decision = decide(had("delay", Decimal(60), typed_unit="seconds"), quantity=None if asks is None else Decimal(asks))
    assert (decision.allowed, decision.because.replace("1 minute", "60 seconds")) == (allowed, said)


def test_use_plays_no_part_where_nothing_is_used_up():
    assert decide(had("delay", Decimal(60)), quantity=Decimal(60), used=Decimal(10**9)).allowed


@pytest.mark.parametrize(
    ("choice", "allowed", "said"),
    [
        ("", True, "it is set to Silver"),
        ("silver", True, "it is set to Silver"),
        ("bronze", True, "Silver is set, and Bronze is not above that"),
        ("gold", False, "Gold is above Silver"),
    ],
)
def test_a_choice_below_the_one_set_is_had_too(choice, allowed, said):
    decision = decide(had("tier", "silver"), choice=choice)
    assert (decision.allowed, decision.because) == (allowed, said)


@pytest.mark.parametrize(
    ("value", "choice", "allowed", "said"),
    [
        ({"owner", "dev"}, "", True, "it gives Owner, Developer"),
        ({"owner", "dev"}, "dev", True, "Developer is among Owner, Developer"),
        ({"owner"}, "guest", False, "Guest is not among what it gives: Owner"),
        (set(), "", False, "it gives none of the choices"),
        (set(), "dev", False, "Developer is not among what it gives: none"),
    ],
)
def test_of_several_choices_each_is_had_or_not(value, choice, allowed, said):
    decision = decide(had("roles", frozenset(value)), choice=choice)
    assert (decision.allowed, decision.because) == (allowed, said)


@pytest.mark.parametrize(("choice", "allowed"), [("", True), ("Onward", True), ("Back", False)])
def test_a_text_is_what_it_is(choice, allowed):
    assert decide(had("motto", "Onward"), choice=choice).allowed is allowed


@pytest.mark.parametrize("asks", [None, Decimal(0), Decimal(99)])
def test_a_gate_that_is_on_is_on(asks):
    assert decide(had("sso", True), quantity=asks).words == "Allowed: it is included."


@pytest.mark.parametrize("feature", sorted(SHAPES))
def test_what_is_absent_is_refused_even_for_nothing(feature):
    decision = decide(absent(feature), quantity=Decimal(0), used=Decimal(0))
    assert decision.words == "Refused: it is not included."


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TermState.SET_PER_CUSTOMER, "it is agreed with each customer, and nothing was agreed with this one"),
        (TermState.ADD_ON, "it is sold as an add-on, and this customer has none that gives it"),
        (TermState.UNSETTLED, "the plan doesn't say yet what it gives"),
    ],
)
def test_absent_says_what_stands_in_its_place(state, said):
    assert decide(absent("seats", state)).because == said


def test_a_denial_is_named_also_where_zero_is_asked():
    text = "source | feature | mode | value\nplan Pro | seats | | 10\noverride 7 | seats | deny |"
    decision = decide(resolve(table(text), at="2026-01-15")["seats"], quantity=Decimal(0), used=Decimal(0))
    assert decision.words == "Refused: override #7 denies it."


def test_a_suspended_account_is_refused_by_its_standing():
    text = "source | feature | value | from\nplan Pro | seats | 10 |\nstanding | | suspended | 2026-01-01"
    decision = decide(resolve(table(text), at="2026-01-15")["seats"])
    assert decision.words == "Refused: the account is suspended, and this isn't kept."


def test_a_part_bounds_what_may_fall_to_one_choice():
    parted = had("calls", Decimal(1000), sub_limits={"model.large": Decimal(10), "model.none": Decimal(0)})
    refused = decide(parted, quantity=Decimal(11), used=Decimal(0), choice="model.large")
    assert (refused.allowed, refused.over_by) == (False, 1)
    assert refused.because == "no more than 10 of it may fall to large (model)"
    assert decide(parted, quantity=Decimal(10), used=Decimal(0), choice="model.large").allowed
    assert decide(parted, quantity=Decimal(11), used=Decimal(0), choice="model.small").allowed
    assert decide(parted, choice="model.none").because == "nothing of it may fall to none (model)"


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"quantity": Decimal(-1)}, "quantity"), ({"used": Decimal("0.5")}, "used"), ({"choice": "platinum"}, "choice")],
)
def test_what_cant_be_asked_is_named(asked, field):
    with pytest.raises(UnfitQuestion) as refused:
        decide(had("tier", "gold"), **asked)
    assert refused.value.field == field


def test_the_chain_is_told_in_one_line():
    text = """
      source       | feature | mode | value        | until
      plan Team    | storage |      | 100000000000 |
      plan Free    | storage |      | 1000000000   |
      override 88  | storage | add  | 20000000000  | 2026-03-04
    """
    asked = Asked(quantity=5 * GB, used=96 * GB)
    told = tell(resolve(table(text), at="2026-01-15")["storage"], asked=asked, zone="UTC")
    assert told.chain == (
        "Team v1 gives 100 GB → + 20 GB by override #88 through 3 March 2026 → 96 GB in use → Asks for 5 GB"
        " → Allowed: 24 GB left, 19 GB after this"
    )
    assert told.passed_over == ("Free v1 gives 1 GB: not counted, because Team v1 gives more",)
    assert told.lines[-1] == "Allowed: 24 GB left, 19 GB after this."


amounts = st.one_of(st.none(), st.integers(0, 12).map(Decimal))


@given(accounts(), amounts, amounts)
def test_every_answer_can_be_told_and_asking_for_more_is_never_easier(facts, quantity, used):
    for resolution in resolve_facts(facts, at=START).values():
        decision = decide(resolution, quantity=quantity, used=used)
        assert resolution.granted or not decision.allowed
        told = tell(resolution, asked=Asked(quantity, used), zone="Europe/Amsterdam")
        assert told.decision == decision
        assert all(told.lines)
        if quantity is not None and resolution.shape.key in {"seats", "storage", "projects", "calls"}:
            more = decide(resolution, quantity=quantity + 1, used=used)
            assert decision.allowed or not more.allowed
