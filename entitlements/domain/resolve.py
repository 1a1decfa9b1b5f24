"""The one resolver: what an account may do at an instant, and why (DESIGN.md §4, in its order).

1. Standing: a closed account has nothing; a suspended one only features that are kept.
2.–4. Candidates: what each live item says by its version, phase and market (`hearing`), times its scaling; its offers
   (`candidates`). Where the feature's rule says so, what the billing says instead (`billed_features`).
5. Base plans, the parent's value among them, combine by the feature's rule; add-ons replace or add (`combining`).
6. Overrides that are awake change the value (`overriding`).
7. The answer, and until when neither it nor its reasons can change.

Pure: facts and an instant in, answers out. Any order of rows gives the same answer. A feature that scales with
another is worked out after it; it takes that one's answer as it stands, so a suspended account's seats count only
if they are kept too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount, Enforcement, Nature, ParentRule, Scaling, TermState, Value
from catalog.domain.window import next_edge
from entitlements.domain import billed_features
from entitlements.domain.arithmetic import times
from entitlements.domain.candidates import Offer, lost, offer, parent_offer, unheard
from entitlements.domain.combining import Tally, base_of, with_add_ons
from entitlements.domain.facts import Facts, FeatureFact, FeatureRule, OverrideFact, Standing, TermFact
from entitlements.domain.hearing import Live, everywhere, hear, term_value
from entitlements.domain.holdings import Holdings
from entitlements.domain.overriding import newest, override_lost, overruled
from entitlements.domain.phases import next_rule, next_standing, rule_at, standing_at
from entitlements.domain.resolution import Candidate, Layer, Op, Resolution, earliest
from entitlements.domain.saying import INSTEAD
from entitlements.domain.trials import IncompleteFacts

__all__ = ["Candidate", "IncompleteFacts", "Layer", "Op", "Resolution", "ScalesInACircle", "resolve", "resolve_some"]


class ScalesInACircle(ValueError):
    """Features scale with one another in a circle, so none of them has an answer; the message names them."""


def resolve(facts: Facts, *, at: datetime) -> dict[str, Resolution]:
    """The answer for every feature of the facts at the instant; absent features are there, with value None."""
    return resolve_some(facts, facts.features, at=at)


def resolve_some(facts: Facts, features: Iterable[str], *, at: datetime) -> dict[str, Resolution]:
    """The answers for these features only: those `resolve` gives, for less work."""
    calculation = _Calculation(facts, at, standing_at(facts, at=at))
    return {feature: calculation.answer(feature) for feature in features}


_STANDING_RULES = {
    Standing.CLOSED: "the account is closed, so it has nothing",
    Standing.SUSPENDED: "the account is suspended, and this isn't kept",
}

# Of several plans that say why a feature is absent, the most helpful is told.
_ABSENT_STATES = (TermState.SET_PER_CUSTOMER, TermState.ADD_ON, TermState.UNSETTLED, TermState.NOT_INCLUDED)


@dataclass(slots=True)
class _Hearing:
    """What was found for one feature before anything is weighed."""

    base: list[Offer] = field(default_factory=list)
    replacing: list[Offer] = field(default_factory=list)
    adding: list[Offer] = field(default_factory=list)
    silent: list[Candidate] = field(default_factory=list)
    states: set[TermState] = field(default_factory=set)
    ends: list[datetime | None] = field(default_factory=list)

    def admit(self, offered: Offer) -> None:
        if offered.source.layer is Layer.BASE:
            self.base.append(offered)
        else:
            (self.replacing if offered.source.replaces else self.adding).append(offered)

    def give_way(self, rule: str) -> None:
        """Whatever was found gives nothing; what would have given is still told, with this as the reason."""
        offered = [lost(one, rule) for one in (*self.base, *self.replacing, *self.adding)]
        silenced = [replace(one, rule=rule) for one in self.silent if one.value is not None]
        self.base, self.replacing, self.adding, self.states = [], [], [], set()
        self.silent = offered + silenced


class _Calculation:
    """One account at one instant; answers are kept, because features may scale with one another."""

    def __init__(self, facts: Facts, at: datetime, standing: Standing) -> None:
        self.facts, self.at, self.standing = facts, at, standing
        self.next_standing = next_standing(facts, after=at)
        self.answers: dict[str, Resolution] = {}
        self.asking: list[str] = []
        self.holdings = None if standing is Standing.CLOSED else Holdings(facts, at)
        self.parent: dict[str, Resolution] | None = None

    def answer(self, feature: str) -> Resolution:
        if feature not in self.answers:
            if feature in self.asking:
                raise ScalesInACircle(self._circle(feature))
            self.asking.append(feature)
            self.answers[feature] = self._answer(self.facts.features[feature])
            self.asking.pop()
        return self.answers[feature]

    def _circle(self, feature: str) -> str:
        names = [self.facts.features[key].shape.name for key in self.asking[self.asking.index(feature) :]]
        chain = ", which scales with ".join([*names[1:], names[0]])
        return f"{names[0]} scales with {chain}. One of them must stand by itself."

    def _answer(self, fact: FeatureFact) -> Resolution:
        rule = rule_at(fact, at=self.at)
        changing = next_rule(fact, after=self.at)
        kept = self.standing is Standing.OPEN or rule.kept_when_suspended
        if self.holdings is None or not kept:
            return self._withheld(fact, rule, until=earliest(self.next_standing, changing))
        return self._weighed(fact, rule, self.holdings, changing)

    def _withheld(self, fact: FeatureFact, rule: FeatureRule, *, until: datetime | None) -> Resolution:
        words = _STANDING_RULES[self.standing]
        reason = Candidate(
            Layer.STANDING, "account", self.facts.account, f"Account {self.facts.account}", Op.NOTHING, None,
            kept=True, rule=words, until=self.next_standing,
        )  # fmt: skip
        return _resolution(fact, rule, Tally(), None, because=(reason,), state=TermState.NOT_INCLUDED, until=until)

    def _weighed(self, fact: FeatureFact, rule: FeatureRule, held: Holdings, changing: datetime | None) -> Resolution:
        key, shape = fact.shape.key, fact.shape
        found = _Hearing(ends=[self.next_standing, changing, held.ends.get(key)])
        for one in held.live:
            self._hear_item(one, fact, found, held)
        if billed_features.decides(rule):
            self._hear_billing(fact, found, held)
        if rule.parent_rule is not ParentRule.OWN:
            self._hear_parent(key, found)
        tally = base_of(found.base, rule=rule.combine, shape=shape)
        if found.replacing or found.adding:
            tally = with_add_ons(tally, replacing=found.replacing, adding=found.adding, shape=shape)
        value, told = tally.value, tally.told
        asleep: list[Candidate] = []
        if key in held.overrides:
            awake = list(self._awake(held.overrides[key], held, found, asleep))
            value, told = overruled(value, told=told, overrides=awake, shape=shape)
        because = (*told, *found.silent, *asleep)
        if len(because) > 1:
            because = tuple(sorted(because, key=_order))
        state = next((s for s in _ABSENT_STATES if s in found.states), TermState.NOT_INCLUDED)
        typed = found.adding[0] if tally.winner is None and found.adding else None
        return _resolution(
            fact, rule, tally, value, because=because, state=state, until=earliest(*found.ends), typed=typed
        )

    def _hear_item(self, one: Live, fact: FeatureFact, found: _Hearing, held: Holdings) -> None:
        terms = held.terms(one, fact.shape.key)
        if not terms:
            return
        found.ends.extend(next_edge(term.provided, after=self.at) for term in terms if not everywhere(term))
        heard = hear(terms, by=one, at=self.at)
        if heard.speaker is not None:
            self._hear_speaker(heard.speaker, one, fact, found)
        found.silent.extend(unheard(term, by=one, rule=rule) for term, rule in heard.silenced)

    def _hear_speaker(self, speaker: TermFact, one: Live, fact: FeatureFact, found: _Hearing) -> None:
        value = term_value(speaker)
        if value is None:
            state = TermState.NOT_INCLUDED if speaker.state is TermState.VALUE else speaker.state
            found.states.add(state)
            found.silent.append(unheard(speaker, by=one, rule=INSTEAD[state]))
            return
        if not fact.shape.suits(value):
            found.states.add(TermState.UNSETTLED)
            found.silent.append(unheard(speaker, by=one, rule=f"not a value {fact.shape.name} can have"))
            return
        if speaker.scaling is Scaling.EACH_SEAT_OF and fact.shape.nature is Nature.QUANTITY:
            seats = self.facts.features.get(speaker.seats_of)
            found.admit(offer(speaker, value=value, by=one, at=self.at, each_of=seats.shape if seats else None))
            return
        if speaker.scaling in {Scaling.FLAT, Scaling.EACH_SEAT_OF} or fact.shape.nature is not Nature.QUANTITY:
            found.admit(offer(speaker, value=value, by=one, at=self.at))
            return
        self._hear_scaled(speaker, value, one, found)

    def _hear_scaled(self, term: TermFact, value: Value, one: Live, found: _Hearing) -> None:
        """Times the item's quantity, or another feature's answer; times nothing it is no candidate."""
        assert value is UNLIMITED or isinstance(value, Decimal)
        factor, per = Decimal(one.item.quantity), 1
        seats: Amount | None = factor
        if term.scaling is Scaling.PER_SEAT_OF:
            seats, per = self._seats(term.seats_of, found)
        product = None if seats is None else times(value, seats, per=per)
        if product is None:
            rule = "there is nothing to multiply it by"
            found.silent.append(lost(offer(term, value=value, by=one, at=self.at), rule))
        else:
            assert seats is not None
            parts = tuple((key, part and times(part, seats, per=per)) for key, part in term.sub_limits)
            found.admit(offer(term, value=product, by=one, at=self.at, sub_limits=parts))

    def _seats(self, feature: str, found: _Hearing) -> tuple[Amount | None, int]:
        if feature not in self.facts.features:
            return None, 1
        answer = self.answer(feature)
        found.ends.append(answer.valid_until)
        if not answer.granted or not (answer.value is UNLIMITED or isinstance(answer.value, Decimal)):
            return None, 1
        return answer.value, answer.shape.scale

    def _hear_billing(self, fact: FeatureFact, found: _Hearing, held: Holdings) -> None:
        """In place of what the items say."""
        found.give_way(billed_features.DECIDED_THERE)
        said = held.billed.get(fact.shape.key, ())
        found.ends.append(next_edge((one.window for one in said), after=self.at))
        offers = list(billed_features.offers(said, shape=fact.shape, at=self.at))
        found.base.extend(offers)
        if not offers:
            found.silent.append(billed_features.UNSAID)

    def _hear_parent(self, feature: str, found: _Hearing) -> None:
        parent = self.facts.parent
        if parent is None or feature not in parent.features:
            return
        if self.parent is None:
            self.parent = resolve(parent, at=self.at)
        answer = self.parent[feature]
        found.ends.append(answer.valid_until)
        if answer.granted:
            found.admit(parent_offer(answer, account=parent.account))

    def _awake(
        self, overrides: list[OverrideFact], held: Holdings, found: _Hearing, asleep: list[Candidate]
    ) -> Iterator[OverrideFact]:
        """The overrides in their windows whose subscription gives anything; the others of these sleep."""
        found.ends.append(next_edge((o.window for o in overrides), after=self.at))
        for override in sorted(overrides, key=newest, reverse=True):
            scope = override.scope_subscription
            if not override.window.contains(self.at):
                continue
            if scope is not None:
                found.ends.append(held.subscription_end(scope))
            if scope is None or held.subscription_gives(scope):
                yield override
            else:
                asleep.append(override_lost(override, "it sleeps while its subscription gives nothing"))


_LAYERS = tuple(Layer)
_OPS = tuple(Op)


def _order(candidate: Candidate) -> tuple[int, int, bool]:
    """In order of application: by layer, overrides by mode; what counts before what doesn't."""
    step = _OPS.index(candidate.op) if candidate.layer is Layer.OVERRIDE else 0
    return _LAYERS.index(candidate.layer), step, not candidate.kept


def _resolution(
    fact: FeatureFact,
    rule: FeatureRule,
    tally: Tally,
    value: Value | None,
    *,
    because: tuple[Candidate, ...],
    state: TermState,
    until: datetime | None,
    typed: Offer | None = None,
) -> Resolution:
    base = tally.winner
    denied = any(c.op is Op.DENY and c.kept for c in because)
    granted = value is not None and value is not False and not denied
    if granted:
        state = TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE
    unit = base or typed
    return Resolution(
        shape=fact.shape,
        value=value,
        granted=granted,
        state=state,
        reset=(base.reset if base else None) or rule.default_reset,
        enforcement=base.enforcement if base else Enforcement.HARD,
        overage_percent=base.overage_percent if base else None,
        typed_unit=unit.typed_unit if unit else "",
        valid_until=until,
        because=because,
        sub_limits={key: part or Decimal(0) for key, part in base.sub_limits} if base and granted else {},
        each_of=base.each_of if base and granted else None,
        source=base.source.id if base else "",
        term=base.term if base else "",
    )
