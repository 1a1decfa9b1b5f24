"""A probability is never more than the cases it was fitted to bear."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from support.intake.calibration import Calibration, Scores, fit, unfitted


def scores(count: int, *, features: int = 4, none: int = 1, seed: int = 1) -> Scores:
    random = np.random.default_rng(seed)
    return Scores(
        random.normal(size=(count, features + none), scale=3).astype(np.float32),
        random.uniform(-0.2, 1, size=(count, 2)).astype(np.float32),
        features,
    )


def fitted() -> Calibration:
    """Where a near example means right, and a far one nothing of the catalog."""
    told = scores(400)
    first = told.logits[:, :4].argmax(axis=1)
    answers = np.where(told.nearest[:, 0] > 0.5, first, 4)
    found = fit(told, answers, np.ones(400))
    assert found is not None
    return found


# The first is right as often as its share says; something is meant where an example is near.
PLAIN = Calibration(
    1.0, np.zeros(4), np.ones(4), np.array([1.0, 1.0, 0, 0, 0]), np.array([0, 0, 10.0, 0, -5.0]), most=0.99
)


@given(seed=st.integers(0, 10_000), none=st.integers(0, 1))
def test_confidences_are_shares_of_one(seed: int, none: int) -> None:
    for calibration in (fitted(), unfitted(), PLAIN):
        found = calibration.confidences(scores(20, none=none, seed=seed))
        assert found.shape == (20, 5)
        assert (found >= 0).all()
        assert (found.sum(axis=1) <= 1 + 1e-9).all()


def test_being_a_little_like_everything_adds_up_to_nothing() -> None:
    flat = Scores(np.zeros((1, 5), dtype=np.float32), np.full((1, 2), 0.1, dtype=np.float32), 4)
    found = PLAIN.confidences(flat)[0]
    assert found[:4].sum() < 0.25
    assert found[4] > 0.7


def test_between_two_features_it_is_sure_of_both_together() -> None:
    between = Scores(np.array([[4, 3.9, -3, -3, -3]], dtype=np.float32), np.full((1, 2), 0.95, dtype=np.float32), 4)
    found = PLAIN.confidences(between)[0]
    assert found[:2].sum() > 0.8
    assert found[:2].min() > 0.1


def test_nothing_is_fitted_to_a_few_cases_or_to_cases_that_all_came_out_alike() -> None:
    told = scores(30)
    first = told.logits[:, :4].argmax(axis=1)
    assert fit(told, first, np.ones(30)) is None
    assert fit(scores(12), np.zeros(12, dtype=np.int64), np.ones(12)) is None


def test_what_was_always_right_is_never_certain() -> None:
    assert fitted().most < 1
