"""How sure a classifier has to be: the bound against known values, the threshold against a slow oracle."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.intake.thresholds import Labelled, most_errors, threshold_for

labels = st.lists(
    st.builds(Labelled, st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95]), st.booleans()), max_size=40
)
mostly_right = st.lists(
    st.builds(Labelled, st.sampled_from([0.5, 0.7, 0.8, 0.9]), st.sampled_from([True] * 12 + [False])), max_size=80
)
bounds = st.sampled_from([0.02, 0.05, 0.1, 0.2, 0.5, 1.0])


@pytest.mark.parametrize(
    ("wrong", "judged", "confidence", "bound"),
    [
        (0, 30, 0.95, 0.0950),  # the “rule of three”, exactly
        (0, 100, 0.95, 0.0295),
        (1, 10, 0.975, 0.4450),  # upper end of the two-sided interval at 95 %
        (10, 100, 0.975, 0.1762),
        (5, 100, 0.90, 0.0908),
        (30, 1217, 0.90, 0.0314),
        (10, 10, 0.90, 1.0),
    ],
)
def test_the_bound_is_that_of_the_tables(wrong: int, judged: int, confidence: float, bound: float) -> None:
    assert most_errors(wrong, judged, confidence=confidence) == pytest.approx(bound, abs=5e-5)


def test_without_an_error_the_bound_has_a_closed_form() -> None:
    for judged in (1, 7, 300, 20_000):
        assert most_errors(0, judged) == pytest.approx(1 - 0.1 ** (1 / judged), rel=1e-9)


@given(judged=st.integers(1, 60), data=st.data())
def test_the_bound_is_where_so_few_errors_become_unlikely(judged: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, judged - 1))
    share = Fraction(most_errors(wrong, judged))
    chance = sum(comb(judged, k) * share**k * (1 - share) ** (judged - k) for k in range(wrong + 1))
    assert float(chance) == pytest.approx(0.1, rel=1e-6)


def oracle(labelled: list[Labelled], most_error: float, confidence: float, least: int) -> float | None:
    """Every threshold by itself, the whole bound each time."""
    good = []
    for threshold in {one.confidence for one in labelled}:
        acted = [one for one in labelled if one.confidence >= threshold]
        wrong = sum(not one.right for one in acted)
        if len(acted) >= least and most_errors(wrong, len(acted), confidence=confidence) <= most_error:
            good.append(threshold)
    return min(good, default=None)


@given(labelled=labels | mostly_right, most_error=bounds, least=st.integers(1, 30))
def test_the_threshold_is_the_lowest_one_within_the_bound(
    labelled: list[Labelled], most_error: float, least: int
) -> None:
    found = threshold_for(labelled, most_error=most_error, least=least)
    assert found == oracle(labelled, most_error, 0.90, least)


@given(labelled=mostly_right, errors=st.tuples(bounds, bounds), surenesses=st.tuples(*[st.floats(0.5, 0.99)] * 2))
def test_whoever_allows_more_acts_on_more(
    labelled: list[Labelled], errors: tuple[float, float], surenesses: tuple[float, float]
) -> None:
    def threshold(most_error: float, confidence: float) -> float:
        found = threshold_for(labelled, most_error=most_error, confidence=confidence, least=5)
        return 2.0 if found is None else found

    few, many = sorted(errors)
    bold, careful = sorted(surenesses)
    assert threshold(many, careful) <= threshold(few, careful)
    assert threshold(few, bold) <= threshold(few, careful)


def test_thirty_right_ones_are_not_enough_for_three_percent() -> None:
    right = [Labelled(0.99, True)]
    assert threshold_for(right * 30, most_error=0.03) is None
    assert threshold_for(right * 75, most_error=0.03) is None
    assert threshold_for(right * 76, most_error=0.03) == 0.99
    assert threshold_for(right * 29, most_error=1.0) is None  # fewer than anybody should act on
    assert threshold_for([], most_error=1.0) is None


def test_equal_confidences_are_taken_all_or_none() -> None:
    sure = [Labelled(0.9, True)] * 100
    assert threshold_for([*sure, *[Labelled(0.8, True)] * 10, *[Labelled(0.8, False)] * 10], most_error=0.05) == 0.9


@pytest.mark.parametrize(("wrong", "judged", "confidence"), [(0, 0, 0.9), (3, 2, 0.9), (-1, 2, 0.9), (0, 2, 1.0)])
def test_what_cannot_be_is_refused(wrong: int, judged: int, confidence: float) -> None:
    with pytest.raises(ValueError):
        most_errors(wrong, judged, confidence=confidence)
