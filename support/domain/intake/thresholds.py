"""How sure a classifier has to be before anybody acts on it: told by an upper bound of its errors, never by their share.

Of 30 decisions that were all right, the next may be wrong all the same. The bound of Clopper and Pearson says how often a
classifier may be wrong at most, given how often it was, and is right itself at least as often as `confidence` says
(C. J. Clopper, E. S. Pearson, Biometrika 26, 1934).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

SURENESS = 0.90
LEAST_JUDGED = 30  # below so many decisions a bound says nothing that anybody should act on
STEPS = 60  # halvings; more than a float can tell apart


@dataclass(frozen=True, slots=True)
class Labelled:
    """One reading of a request whose answer a person gave: how sure the classifier was, and whether it was right."""

    confidence: float
    right: bool


def most_errors(wrong: int, judged: int, *, confidence: float = SURENESS) -> float:
    """The share of errors that isn't exceeded, with this confidence, where `wrong` of `judged` were wrong."""
    _refuse_odd(wrong, judged, confidence)
    if wrong == judged:
        return 1.0
    low, high = wrong / judged, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, judged, middle) > 1 - confidence else (low, middle)
    return high


def threshold_for(
    labelled: Sequence[Labelled], *, most_error: float, confidence: float = SURENESS, least: int = LEAST_JUDGED
) -> float | None:
    """The lowest confidence from which on errors are within `most_error` by the bound. None: never act.

    It allows `least` decisions or more, and equal confidences are taken all or none. Whoever allows more errors, or wants
    to be less sure of the bound, gets the same threshold or a lower one.

    The bound is exact for each threshold by itself. As the lowest of many is taken, it is exceeded more often than by one
    in ten where errors don't fall as confidence grows: then the next labels raise the threshold again.
    """
    if not 0 <= most_error <= 1 or not 0 < confidence < 1:
        raise ValueError("A share of errors is from 0 to 1, and a confidence between them.")
    found, wrong = None, 0
    falling = sorted(labelled, key=lambda one: -one.confidence)
    for judged, one in enumerate(falling, start=1):
        wrong += not one.right
        ends_here = judged == len(falling) or falling[judged].confidence < one.confidence
        if ends_here and judged >= least and _within(wrong, judged, most_error, confidence):
            found = one.confidence
    return found


def _within(wrong: int, judged: int, most_error: float, confidence: float) -> bool:
    """Whether the bound is: it falls as the chance of so few errors does, so that one look at it is enough."""
    if most_error == 1:
        return True
    if wrong >= most_error * judged:  # the bound is never below the share itself
        return False
    return _at_most(wrong, judged, most_error) <= 1 - confidence


def _at_most(wrong: int, judged: int, share: float) -> float:
    """The chance of so many errors or fewer among `judged`, if each is wrong with the chance `share`."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if wrong >= judged else 0.0
    whole = lgamma(judged + 1)
    return min(1.0, sum(
        exp(whole - lgamma(k + 1) - lgamma(judged - k + 1) + k * log(share) + (judged - k) * log1p(-share))
        for k in range(wrong + 1)
    ))  # fmt: skip


def _refuse_odd(wrong: int, judged: int, confidence: float) -> None:
    if judged < 1 or not 0 <= wrong <= judged:
        raise ValueError(f"{wrong} wrong of {judged} judged can’t be.")
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence is between 0 and 1, not {confidence}.")
