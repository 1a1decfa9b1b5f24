"""Features that the billing gives: where a feature's rule says so, the system that bills an account decides who has it.

What the account holds still names the feature in its terms; those lose, whatever they say, so that a feature is never
half given by the one and half taken by the other. Each system that says the account has it is one more base candidate.
A parent, overrides and the account's standing count as they always do. Where the rule says that the plans decide, what
the billing says takes no part, and is kept for the day on which the rule changes.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from catalog.domain.values import Enforcement, FeatureShape, GivenBy
from entitlements.domain.candidates import Offer
from entitlements.domain.facts import BilledFeatureFact, FeatureRule
from entitlements.domain.hearing import Source
from entitlements.domain.resolution import Candidate, Layer, Op, recency

KIND = "billing"  # of the candidates
DECIDED_THERE = "the billing system decides who has it"
UNSAID = Candidate(
    Layer.BASE, KIND, "", "The billing system", Op.GIVES, None, kept=False,
    rule="it decides who has this, and doesn’t name this account",
)  # fmt: skip


def decides(rule: FeatureRule) -> bool:
    """Whether the billing, and not what an account holds, decides who has the feature."""
    return rule.given_by is GivenBy.BILLING


def offers(said: Iterable[BilledFeatureFact], *, shape: FeatureShape, at: datetime) -> Iterator[Offer]:
    """What is said at the instant: that it is on. A feature that is more than on or off is given to nobody that way."""
    for fact in said:
        if fact.window.contains(at) and shape.suits(True):
            yield _offer(fact)


def _offer(fact: BilledFeatureFact) -> Offer:
    source = Source(
        layer=Layer.BASE,
        kind=KIND,
        id=fact.id,
        name=fact.label,
        recency=recency(fact.window.start, fact.id),
        until=fact.window.end,
    )
    return Offer(
        source=source,
        value=True,
        typed_unit="",
        reset=None,
        enforcement=Enforcement.HARD,
        overage_percent=None,
        until=fact.window.end,
    )
