"""The figures of a publication, counted, said, compared, and carried as JSON."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.figures import (
    Direction,
    Effects,
    FeatureEffect,
    Figures,
    Tally,
    Verdict,
    differs,
    say_figures,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOST = FeatureEffect("sso", "SSO", Direction.WORSE, "yes", "not included")
GAINED = FeatureEffect("storage", "Storage", Direction.BETTER, "100 GB", "200 GB")
OTHER = FeatureEffect("region", "Region", Direction.OTHER, "eu", "us")


def tally_of(effects: Iterable[Effects]) -> Tally:
    tally = Tally()
    for one in effects:
        tally.count(one)
    return tally


effects = st.builds(
    Effects,
    instant=st.just(AT),
    changes=st.lists(st.sampled_from((LOST, GAINED, OTHER)), unique=True).map(tuple),
    overridden=st.sampled_from(((), ("Seats",))),
    over=st.sampled_from(((), ("SSO",))),
)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ((), Verdict.UNCHANGED),
        ((GAINED,), Verdict.GAINS),
        ((OTHER,), Verdict.DIFFERS),
        ((OTHER, GAINED), Verdict.GAINS),
        ((GAINED, LOST), Verdict.LOSES),
    ],
)
def test_one_that_loses_anything_loses(changes: tuple[FeatureEffect, ...], verdict: Verdict) -> None:
    assert Effects(AT, changes).verdict is verdict


def test_figures_are_said_as_finance_says_them() -> None:
    figures = Figures(AT, reached=1243, gain=1180, lose=41, unchanged=22)
    lines = tally_of([Effects(AT, (LOST,))]).lines()
    assert say_figures(figures, lines) == "1,243 accounts: 1,180 gain, 41 lose SSO, 22 unchanged"


def test_one_account_is_said_in_the_singular() -> None:
    assert say_figures(Figures(AT, reached=1, lose=1)) == "1 account: 1 loses"
    assert say_figures(Figures(AT, reached=1, gain=1)) == "1 account: 1 gains"


def test_nobody_is_said_as_such() -> None:
    assert say_figures(Figures(AT)) == "No account is reached"


def test_of_many_features_two_are_named() -> None:
    lost = [replace(LOST, feature=name.lower(), name=name) for name in ("A", "B", "C", "D")]
    lines = tally_of([Effects(AT, tuple(lost))]).lines()
    assert say_figures(Figures(AT, reached=5, lose=5), lines) == "5 accounts: 5 lose A, B and 2 more"


def test_what_is_lost_stands_before_what_is_gained() -> None:
    tally = tally_of([Effects(AT, (GAINED,))] * 9 + [Effects(AT, (LOST,))])
    assert [line.name for line in tally.lines()] == ["SSO", "Storage"]


def test_the_commonest_turn_of_a_feature_stands_first() -> None:
    from_fifty = replace(GAINED, before="50 GB")
    line = tally_of([Effects(AT, (from_fifty,)), *[Effects(AT, (GAINED,))] * 2]).lines()[0]
    assert [(turn.effect.before, turn.accounts) for turn in line.turns] == [("100 GB", 2), ("50 GB", 1)]
    assert line.gain == 3


def test_unchanged_accounts_that_an_override_keeps_are_counted_among_them() -> None:
    figures = tally_of([Effects(AT, overridden=("SSO",)), Effects(AT)]).figures(moment=AT)
    assert (figures.unchanged, figures.overridden) == (2, 1)


@pytest.mark.parametrize(
    ("was", "is_now", "off"),
    [
        (Figures(AT, reached=1000, gain=1000), Figures(AT, reached=1010, gain=1010), False),
        (Figures(AT, reached=1000, gain=1000), Figures(AT, reached=1011, gain=1011), True),
        (Figures(AT, reached=1000, gain=1000), Figures(AT, reached=989, gain=989), True),
        (Figures(AT, reached=5000, lose=100), Figures(AT, reached=5000, lose=101), False),
        (Figures(AT, reached=5000, lose=100), Figures(AT, reached=5000, lose=102), True),
        (Figures(AT, reached=5000, gain=5000), Figures(AT, reached=5000, gain=4999, lose=1), True),
        (Figures(AT, reached=10, gain=10), Figures(AT, reached=11, gain=11), True),
        (Figures(AT, reached=10, unchanged=10), Figures(AT, reached=10, unchanged=10), False),
    ],
)
def test_more_than_one_percent_is_off(was: Figures, is_now: Figures, off: bool) -> None:
    assert differs(was, is_now) is off


def test_later_is_not_off_by_itself() -> None:
    assert not differs(Figures(AT, reached=3), replace(Figures(AT, reached=3), moment=datetime(2027, 1, 1, tzinfo=UTC)))


@given(st.lists(effects, max_size=20), st.integers(0, 20))
def test_chunks_added_up_are_the_whole(told: list[Effects], cut: int) -> None:
    whole, sum_ = tally_of(told), Tally()
    for part in (told[:cut], told[cut:]):
        sum_.add(Tally.from_json(tally_of(part).as_json()))
    assert sum_.figures(moment=AT) == whole.figures(moment=AT)
    assert sum_.lines() == whole.lines()


@given(st.lists(effects, max_size=20))
def test_the_verdicts_add_up_to_those_reached(told: list[Effects]) -> None:
    figures = tally_of(told).figures(moment=AT)
    assert figures.reached == len(told) == figures.gain + figures.lose + figures.otherwise + figures.unchanged
    assert figures.overridden <= figures.unchanged


@given(st.lists(effects, max_size=20))
def test_figures_survive_the_way_through_json(told: list[Effects]) -> None:
    figures = tally_of(told).figures(moment=AT)
    assert Figures.from_json(figures.as_json()) == figures


def test_who_has_more_in_use_than_will_be_there_is_counted_apart() -> None:
    figures = tally_of([Effects(AT, (LOST,), over=("SSO",)), Effects(AT, (LOST,))]).figures(moment=AT)
    assert (figures.lose, figures.over_limit) == (2, 1)
    assert say_figures(figures) == "2 accounts: 2 lose, 1 has more in use than it will have"
