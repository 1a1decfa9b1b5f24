"""Learning a catalog from a few examples: how customers ask for each feature, and what staff made of earlier tickets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.intake.calibration import Calibration, Scores, fit, unfitted
from support.intake.cores import one_core
from support.intake.encoder import Encoder
from support.intake.head import Head, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRMNESS = 20.0  # how closely the lines follow the examples; the inverse of the penalty on large weights
FOLDS = 5
MOSTLY_EMPTY = 0.8  # from such a share of zeros on, vectors are faster to learn from without them
MOST_ALONE = 0.95  # as sure as examples alone can make one: they are no tickets
ENOUGH_TAUGHT = 100  # labels by staff from which on these alone say how sure one may be
UNKNOWN_SHARE = 0.5  # of each example counted as if its feature weren't in the catalog


@dataclass(frozen=True, slots=True)
class Taught:
    """What a person said a request is about: the key of a feature, or NONE_OF_THESE. Confirmations count too."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class _Material:
    """All examples in one order: those of topics first, then those that staff taught."""

    labels: tuple[str, ...]
    vectors: "NDArray[np.float32]"
    owners: "NDArray[np.int64]"
    taught: "NDArray[np.bool_]"
    features: int


def train(encoder: Encoder, topics: Sequence[Topic], taught: Sequence[Taught] = (), *, calibrated: bool = True) -> Head:
    """A head for these topics. What was taught of features that are no topics any more counts as none of these.

    `calibrated` False leaves out how sure it may be, for whoever calibrates it on cases of their own.
    """
    material = _gathered(encoder, topics, taught)
    weights, bias = _lines(material.vectors, material.owners, len(material.labels))
    of_features = material.owners < material.features
    return Head(
        labels=material.labels,
        weights=weights,
        bias=bias,
        examples=material.vectors[of_features].astype("float16"),
        owners=material.owners[of_features].astype("int32"),
        calibration=_left_out(material) if calibrated else unfitted(),
        encoder=encoder.digest,
    )


def examples_of(topic: Topic) -> tuple[str, ...]:
    """Its name always counts as one, and so does what staff call it."""
    return tuple(dict.fromkeys(said for said in (topic.name, *topic.aliases, *topic.examples) if said.strip()))


def calibrate(encoder: Encoder, head: Head, judged: Sequence[Taught]) -> Head:
    """The same head, as sure as cases it wasn't trained on show; as before where there are too few of them."""
    import numpy as np

    places = {label: place for place, label in enumerate(head.features)}
    answers = np.array([places.get(one.label, len(places)) for one in judged], dtype=np.int64)
    scores = head.scores(encoder.encode([one.text for one in judged]))
    fitted = fit(scores, answers, np.ones(len(answers)))
    return head if fitted is None else head.calibrated(fitted)


def _gathered(encoder: Encoder, topics: Sequence[Topic], taught: Sequence[Taught]) -> _Material:
    import numpy as np

    keys = tuple(topic.key for topic in topics)
    said = [(text, topic.key, False) for topic in topics for text in examples_of(topic)]
    learnt = [(one.text, one.label if one.label in keys else NONE_OF_THESE, True) for one in taught if one.text.strip()]
    both = _once([*said, *learnt])
    labels = (*keys, NONE_OF_THESE) if any(label == NONE_OF_THESE for _, label, _ in both) else keys
    places = {label: place for place, label in enumerate(labels)}
    owners = np.array([places[label] for _, label, _ in both], dtype=np.int64)
    is_taught = np.array([by_staff for *_, by_staff in both], dtype=bool)
    return _Material(labels, encoder.encode([text for text, *_ in both]), owners, is_taught, len(keys))


def _once(said: Sequence[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """The same words of the same label count once: whoever is judged on what it has just learnt is always right."""
    found: dict[tuple[str, str], tuple[str, str, bool]] = {}
    for text, label, by_staff in said:
        found.setdefault((" ".join(text.split()).casefold(), label), (text, label, by_staff))
    return list(found.values())


def _lines(
    vectors: "NDArray[np.float32]", owners: "NDArray[np.int64]", labels: int
) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
    """Weights and bias for each label; of two labels or more that have examples."""
    import numpy as np
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

    one_core()
    weights = np.zeros((vectors.shape[1], labels), dtype=np.float32)
    bias = np.zeros(labels, dtype=np.float32)
    present = np.unique(owners)
    if len(present) < 2:
        return weights, bias
    bias[:] = -30.0  # a label without examples is not to be expected
    seen = csr_array(vectors) if (vectors == 0).mean() > MOSTLY_EMPTY else vectors
    fitted = LogisticRegression(C=FIRMNESS, max_iter=1000, tol=1e-3, class_weight="balanced").fit(seen, owners)
    lines, added = fitted.coef_, fitted.intercept_
    if len(present) == 2:  # one line between two labels is half of it for each, the other way round
        lines, added = np.vstack([-lines, lines]) / 2, np.concatenate([-added, added]) / 2
    weights[:, present], bias[present] = lines.T, added
    return weights, bias


def _left_out(material: _Material) -> Calibration:
    """Judge each example by what is learnt from the others. With enough labels of real requests these alone count.

    Examples are nearer to each other than tickets are to them, and all of them are about something in the catalog. So
    each also counts in part as if its feature weren't in it: then whatever else is named is wrong.
    """
    import numpy as np

    if not material.features:
        return unfitted()
    scores, unknown = _scores_left_out(material)
    known = _with_others(material)
    if (material.taught & known).sum() >= ENOUGH_TAUGHT:
        chosen = material.taught & known
        fitted = fit(_some(scores, chosen), material.owners[chosen], np.ones(int(chosen.sum())))
        if fitted is not None:
            return fitted
    about = material.owners < material.features
    both = Scores(
        np.vstack([scores.logits[known], unknown.logits[about]]),
        np.vstack([scores.nearest[known], unknown.nearest[about]]),
        material.features,
    )
    answers = np.concatenate([material.owners[known], np.full(int(about.sum()), material.features)])
    weights = np.concatenate([np.ones(int(known.sum())), np.full(int(about.sum()), UNKNOWN_SHARE)])
    fitted = fit(both, answers, weights)
    return unfitted() if fitted is None else replace(fitted, most=min(fitted.most, MOST_ALONE))


def _scores_left_out(material: _Material) -> tuple[Scores, Scores]:
    """What each example scores by the others; and what it would score, were its own feature not in the catalog."""
    import numpy as np

    folds = _folds(material.owners)
    logits = np.zeros((len(folds), len(material.labels)), dtype=np.float32)
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any() and not inside.all():
            weights, bias = _lines(material.vectors[~inside], material.owners[~inside], len(material.labels))
            logits[inside] = material.vectors[inside] @ weights + bias
    examples = material.owners < material.features
    cosines = (material.vectors @ material.vectors.T).astype(np.float32)
    cosines[folds[:, None] == folds[None, :]] = 0
    np.fill_diagonal(cosines, 0)
    known = Scores(logits, nearest(cosines[:, examples]), material.features)
    without = logits.copy()
    without[np.arange(len(folds)), material.owners] = -30.0
    cosines[material.owners[:, None] == material.owners[None, :]] = 0
    return known, Scores(without, nearest(cosines[:, examples]), material.features)


def _folds(owners: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """The examples of each label are dealt out in turn."""
    import numpy as np

    folds = np.zeros(len(owners), dtype=np.int64)
    for owner in np.unique(owners):
        mine = np.flatnonzero(owners == owner)
        folds[mine] = np.arange(len(mine)) % FOLDS
    return folds


def _with_others(material: _Material) -> "NDArray[np.bool_]":
    """Which examples aren't the only one of their label: nothing could be learnt of it without them."""
    import numpy as np

    counts = np.bincount(material.owners, minlength=len(material.labels) or 1)
    found: NDArray[np.bool_] = counts[material.owners] > 1
    return found


def _some(scores: Scores, chosen: Any) -> Scores:
    return Scores(scores.logits[chosen], scores.nearest[chosen], scores.features)
