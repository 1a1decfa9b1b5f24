"""Everything that decides about use of one feature: the answer, and the rules by which use of it is counted.

`use_terms` is the definition, worked out by the one resolver; whatever keeps these in memory must answer the same.
They hold until `answer.valid_until`. Amounts are in the feature's smallest unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from catalog.domain.fallbacks import Reliance, fallback_for
from catalog.domain.rules import Threshold, limited
from catalog.domain.values import UNLIMITED, Aggregation, Amount, FeatureShape, Kind, ParentRule, Reset
from catalog.domain.window import Window
from entitlements.domain.decision import is_used, is_withheld
from entitlements.domain.facts import Facts, Phase
from entitlements.domain.hearing import Live
from entitlements.domain.holdings import Holdings
from entitlements.domain.periods import Periods
from entitlements.domain.phases import rule_at
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.domain.safeguards import account_state
from entitlements.domain.usage.periods import use_period

NOTHING = Decimal(0)
THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class UseTerms:
    """What decides about use of one feature of one account.

    `shared`: the parent gives it and use counts on the parent's counter too. `tried`: it is had in a trial, where the
    first use is noted. `periods`: the billing periods by which it starts again; None where it doesn't follow billing.
    """

    answer: Resolution
    reliance: Reliance
    zone: str = "UTC"
    thresholds: tuple[Threshold, ...] = ()
    buffer_percent: int = 0
    weights: Mapping[str, int] = field(default_factory=dict)
    choices: frozenset[str] = frozenset()
    shared: bool = False
    tried: bool = False
    periods: Periods | None = None

    @property
    def shape(self) -> FeatureShape:
        return self.answer.shape

    @property
    def counted(self) -> bool:
        """Whether use of it is counted at all; a gate, a setting or a choice is not used up."""
        return is_used(self.answer.shape)

    @property
    def usable(self) -> bool:
        """Whether it may be used: what is granted; and credits, which are bought beside any plan and are left when it
        ends, unless they are withheld (docs/adr/0016). How much of them there is, the balance says."""
        answer = self.answer
        return answer.granted or (answer.shape.kind is Kind.CREDIT and not is_withheld(answer))

    @property
    def aggregation(self) -> Aggregation:
        """How use is added up: what is held or prepaid is a sum."""
        return self.answer.shape.aggregation or Aggregation.SUM

    @property
    def limit(self) -> Amount:
        """How much is had in a period; nothing where it isn't granted."""
        value = self.answer.value
        if not self.answer.granted or not (value is UNLIMITED or isinstance(value, Decimal)):
            return NOTHING
        return value

    def period(self, at: datetime) -> Window:
        """The period in which use at the instant counts; all of time for what is held or prepaid, not used up."""
        prepaid = self.shape.kind in {Kind.CAPACITY, Kind.CREDIT}
        reset = Reset.NEVER if prepaid else self.answer.reset or Reset.NEVER
        return use_period(reset, at=at, zone=self.zone, periods=self.periods)

    def part_period(self, at: datetime) -> Window:
        """The period in which use of one choice counts. A balance goes on, but what of it may fall to a choice is said
        by the plan for each of its periods: "100 hours a year; of which Phone: 80"."""
        if self.shape.kind is not Kind.CREDIT:
            return self.period(at)
        return use_period(self.answer.reset or Reset.NEVER, at=at, zone=self.zone, periods=self.periods)

    def weighed(self, quantity: Decimal, choice: str) -> Decimal:
        """What so much of a choice counts, rounded up to a whole smallest unit: 1 premium token = 5."""
        weight = self.weights.get(choice, THOUSANDTHS)
        return (quantity * weight / THOUSANDTHS).to_integral_value(ROUND_CEILING)


def is_had(terms: UseTerms, left: Amount | None) -> bool:
    """Whether there is anything to use: what is granted; of credits that no plan gives, what is left. None: no limit."""
    return terms.answer.granted or (terms.usable and (left is None or left is UNLIMITED or left > 0))


def use_terms(facts: Facts, *, at: datetime) -> dict[str, UseTerms]:
    """The terms of every feature at the instant, by the resolver."""
    answers = resolve(facts, at=at)
    above = use_terms(facts.parent, at=at) if facts.parent is not None else {}
    state = account_state(facts, at=at)
    live = {one.item.id: one for one in Holdings(facts, at).live}  # newest first; what follows a trial among them
    newest = next(iter(live.values()), None)  # whose billing counts where no base term won
    found = {}
    for key, fact in facts.features.items():
        rule, answer = rule_at(fact, at=at), answers[key]
        counted = limited(fact.shape)
        from_above = answer.source == facts.parent.account if facts.parent is not None and answer.source else False
        source = live.get(answer.source)
        periods = None
        if answer.reset is Reset.BILLING:
            periods = above[key].periods if from_above else _periods(source or newest)
        found[key] = UseTerms(
            answer=answer,
            reliance=fallback_for(rule.fallbacks, state),
            zone=facts.zone,
            thresholds=rule.thresholds if counted else (),
            buffer_percent=rule.buffer_percent if counted else 0,
            weights={choice: weight for choice, weight in fact.weights if weight != THOUSANDTHS},
            choices=frozenset(choice for choice, _ in fact.weights),
            shared=rule.parent_rule is ParentRule.SHARED and key in above and above[key].answer.granted,
            tried=answer.granted and source is not None and source.phase is Phase.TRIAL,
            periods=periods,
        )
    return found


def _periods(held: Live | None) -> Periods | None:
    return None if held is None else held.item.periods
