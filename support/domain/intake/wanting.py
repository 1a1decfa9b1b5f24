"""How sure one has to be: what staff want, and never less than what the labels of staff bear out."""

from collections.abc import Mapping

from support.domain.intake.outcomes import Outcome, Wanted
from support.domain.intake.settings import Acting

OUT_OF_REACH = 2.0  # no confidence comes to this: held, whatever is read
LEARNT = (Outcome.ACCEPT, Outcome.REDIRECT, Outcome.SUGGEST)


def wanted_of(
    percents: Mapping[Outcome, int],
    *,
    acting: Acting,
    labels: int,
    labels_wanted: int,
    learnt: Mapping[str, float | None] | None = None,
) -> Wanted:
    """`percents` are staff's, per outcome; `learnt` the thresholds a classifier's evidence bears out, where it has any.

    The higher of the two holds. None among the learnt means that no confidence is borne out: never by itself. Before
    `labels_wanted` labelled tickets nothing acts, and what is learnt from so few isn't asked.
    """
    acts = acting is Acting.WHEN_TAUGHT and labels >= labels_wanted
    borne = {outcome: _borne(learnt, outcome) if acts else 0.0 for outcome in LEARNT}
    accept, redirect, suggest = (max(percents[outcome] / 100, borne[outcome]) for outcome in LEARNT)
    return Wanted(accept=accept, redirect=redirect, suggest=suggest, acting=acts)


def _borne(learnt: Mapping[str, float | None] | None, outcome: Outcome) -> float:
    if learnt is None or outcome.value not in learnt:
        return 0.0
    threshold = learnt[outcome.value]
    return OUT_OF_REACH if threshold is None else threshold
