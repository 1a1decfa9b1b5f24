"""How sure a classifier may be: what it scores becomes a probability, which was fitted to cases whose answer is known.

Two questions are answered from the same four signs (how likely the first feature is, how far ahead of the second, how near
the nearest example is, how near the nearest three are): is the first feature the right one, and is any feature asked for
at all? What is left of both is doubt, and goes to no feature: a request about nothing in the catalog must not add up to
something because it is a little like everything.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_OF_EACH = 10  # right and wrong cases below which nothing is fitted
TEMPERATURES = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0)
SIGNS = 4
FEW = 0.6  # as sure as one may be of a feature where nothing was fitted


@dataclass(frozen=True, slots=True)
class Scores:
    """Of some requests: `logits` of each feature, then perhaps of none of them; `nearest` the cosine of the nearest
    example of a feature, and the mean of the nearest three.
    """

    logits: "NDArray[np.float32]"
    nearest: "NDArray[np.float32]"
    features: int  # how many columns are features; one more is none of these


@dataclass(frozen=True, slots=True)
class Calibration:
    """`right` and `meant` weigh the four signs, and end with what is added to them; `most` is never exceeded."""

    temperature: float
    centre: "NDArray[np.float64]"
    spread: "NDArray[np.float64]"
    right: "NDArray[np.float64]"
    meant: "NDArray[np.float64]"
    most: float

    def confidences(self, scores: Scores) -> "NDArray[np.float64]":
        """A row for each request: the confidence of each feature, and in the last column that it is none of them."""
        import numpy as np

        shares, first, signs = _signs(scores, self.temperature)
        seen = np.hstack([(signs - self.centre) / self.spread, np.ones((len(signs), 1))])
        right, meant = (np.minimum(_sigmoid(seen @ one), self.most) for one in (self.right, self.meant))
        rows = np.arange(len(shares))
        of_first = np.clip(shares[rows, first], 1e-9, 1 - 1e-9)
        rest = np.minimum(right / of_first, np.maximum(meant - right, 0) / (1 - of_first))
        found = np.zeros((len(shares), scores.features + 1))
        found[:, : scores.features] = shares[:, : scores.features] * rest[:, None]
        found[rows, first] = right
        found[:, -1] = np.minimum(1 - np.maximum(meant, right), 1 - found.sum(axis=1)).clip(0)
        return found


def unfitted() -> Calibration:
    """For want of cases: by the signs alone, and never sure enough to act upon."""
    import numpy as np

    weights = np.array([0.5, 1.0, 6.0, 4.0, -6.5])
    return Calibration(1.0, np.zeros(SIGNS), np.ones(SIGNS), weights, weights + np.array([0, 0, 0, 0, 0.5]), FEW)


def fit(scores: Scores, answers: "NDArray[np.int64]", weights: "NDArray[np.float64]") -> Calibration | None:
    """From cases whose answer is known: the column of a feature, or `scores.features` for none of these.

    None where there are too few cases that came out right, or too few that came out wrong.
    """
    import numpy as np

    temperature = _temperature(scores, answers, weights)
    _, first, signs = _signs(scores, temperature)
    right, meant = first == answers, answers < scores.features
    if min(right.sum(), (~right).sum()) < LEAST_OF_EACH:
        return None
    centre = np.average(signs, axis=0, weights=weights)
    spread = np.sqrt(np.average((signs - centre) ** 2, axis=0, weights=weights)).clip(1e-6)
    seen = (signs - centre) / spread
    of_right = _weighed(seen, right, weights)
    of_meant = _weighed(seen, meant, weights) if min(meant.sum(), (~meant).sum()) >= LEAST_OF_EACH else of_right
    most = 1 - 1 / (float(right.sum()) + 2)  # what was right n times in n is expected to be wrong once in n + 2
    return Calibration(temperature, centre, spread, of_right, of_meant, most)


def _signs(scores: Scores, temperature: float) -> "tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]":
    """The shares of all columns, which feature is first, and the four signs."""
    import numpy as np

    logits = scores.logits.astype(np.float64) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    first = shares[:, : scores.features].argmax(axis=1)
    rows = np.arange(len(shares))
    of_first = shares[rows, first].clip(1e-6, 1 - 1e-6)
    others = shares.copy()
    others[rows, first] = 0
    ahead = of_first - others.max(axis=1)
    return shares, first, np.column_stack([np.log(of_first / (1 - of_first)), ahead, scores.nearest])


def _temperature(scores: Scores, answers: "NDArray[np.int64]", weights: "NDArray[np.float64]") -> float:
    """The one by which the answers were likeliest, of the cases whose answer has a column."""
    import numpy as np

    known = answers < scores.logits.shape[1]
    if not known.any():
        return 1.0
    logits, answered = scores.logits[known].astype(np.float64), answers[known]
    losses = []
    for temperature in TEMPERATURES:
        scaled = logits / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        likely = scaled[np.arange(len(scaled)), answered] - np.log(np.exp(scaled).sum(axis=1))
        losses.append(-float(np.average(np.maximum(likely, -30), weights=weights[known])))
    return TEMPERATURES[int(np.argmin(losses))]


def _weighed(seen: "NDArray[np.float64]", so: "NDArray[np.bool_]", weights: Any) -> "NDArray[np.float64]":
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(seen, so, sample_weight=weights)
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def _sigmoid(logits: "NDArray[np.float64]") -> "NDArray[np.float64]":
    import numpy as np

    found: NDArray[np.float64] = 1 / (1 + np.exp(-logits.clip(-40, 40)))
    return found
