"""What changes for the holders of a plan from one version to the next, in words and as raised or lowered.

A change counts as lowered as soon as any part of it is worse for the customer (a larger amount, but over a longer
period), because a lowering needs a second pair of eyes. What can't be compared is changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.cases import GENERAL, Case, say_case
from catalog.domain.term_facts import NOTHING, TermFacts, Verdict, compare_values, essence, verdicts
from catalog.domain.trial_ends import say_trial_end
from catalog.domain.values import UNLIMITED, Better, Enforcement, FeatureShape, Nature, TermState, Value
from catalog.domain.vocabulary import Vocabulary, spell
from catalog.domain.words import (
    is_used_up,
    say_beyond,
    say_enforcement,
    say_part,
    say_prices,
    say_reset,
    say_scaling,
    say_term,
    say_value,
)

__all__ = ["NOTHING", "Change", "ChangeKind", "TermFacts", "Verdict", "diff", "essence", "lowers"]


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"
    CHANGED = "changed"
    PRICE_CHANGED = "price_changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `sentence` is what the reviewer of a publication reads.

    `feature` is the feature's key, or in words what else of the plan changed (Trial, Price a month, Name). `when` is
    the case in words.
    """

    kind: ChangeKind
    feature: str
    before: str
    after: str
    sentence: str
    case: Case = GENERAL
    when: str = ""


def diff(
    *,
    plan: str,
    old: Mapping[str, TermFacts],
    new: Mapping[str, TermFacts],
    shapes: Mapping[str, FeatureShape],
    case: Case = GENERAL,
    market: str = "",
    names: Vocabulary | None = None,
) -> tuple[Change, ...]:
    """Every difference by feature, in the order of `shapes`, which names every feature of both versions.

    The terms are those that speak in the case; `market` is the name of its market. `names` are those of what terms
    name beside their feature.
    """
    when = say_case(case, market)
    told = _Telling(f"{plan}, {when[:1].lower()}{when[1:]}" if when else plan, case, when, names or Vocabulary())
    pairs = ((shape, old.get(key, NOTHING), new.get(key, NOTHING)) for key, shape in shapes.items())
    return tuple(change for shape, was, is_now in pairs for change in told.changes(shape, was, is_now))


def lowers(changes: Iterable[Change]) -> bool:
    """Whether anybody loses something."""
    return any(change.kind in {ChangeKind.REMOVED, ChangeKind.LOWERED} for change in changes)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Whose changes are told, in which case."""

    plan: str
    case: Case
    when: str
    names: Vocabulary

    def changes(self, shape: FeatureShape, was: TermFacts, is_now: TermFacts) -> list[Change]:
        found = []
        compared = verdicts(shape, was, is_now)
        if compared:
            kind = _kind(was, is_now, compared)
            before = _say_facts(was, than=is_now, shape=shape, names=self.names)
            after = _say_facts(is_now, than=was, shape=shape, names=self.names)
            sentence = f"{self.plan}: {_sentence(kind, shape, was, is_now, before, after)}"
            found.append(Change(kind, shape.key, before, after, sentence, self.case, self.when))
        if essence(was, shape=shape).prices != essence(is_now, shape=shape).prices:
            before, after = _say_offer(was, shape=shape), _say_offer(is_now, shape=shape)
            sentence = f"{self.plan}: the price of {shape.name} changes from {before} to {after}"
            found.append(Change(ChangeKind.PRICE_CHANGED, shape.key, before, after, sentence, self.case, self.when))
        return found


def _say_offer(facts: TermFacts, *, shape: FeatureShape) -> str:
    return say_prices(facts.prices, shape=shape) if facts.prices else "no price"


def _kind(was: TermFacts, is_now: TermFacts, compared: set[Verdict]) -> ChangeKind:
    if was.state is TermState.NOT_INCLUDED:
        return ChangeKind.ADDED
    if is_now.state is TermState.NOT_INCLUDED:
        return ChangeKind.REMOVED
    if Verdict.WORSE in compared:
        return ChangeKind.LOWERED
    return ChangeKind.CHANGED if Verdict.OTHER in compared else ChangeKind.RAISED


def _say_facts(facts: TermFacts, *, than: TermFacts, shape: FeatureShape, names: Vocabulary) -> str:
    """What a term says, with those of its rules in which it differs from the other."""
    words = say_term(
        shape=shape,
        state=facts.state,
        value=facts.value,
        typed_unit=facts.typed_unit,
        reset=facts.reset if facts.reset != than.reset else None,
        source_text=facts.source_text,
    )
    if facts.sold_as != than.sold_as and facts.sold_as:
        words = f"{words}: {spell(facts.sold_as, names.add_ons)}"
    return ", ".join([words, *_rules(facts, than, shape=shape, names=names)]) if facts.gives else words


def _rules(facts: TermFacts, than: TermFacts, *, shape: FeatureShape, names: Vocabulary) -> list[str]:
    """Of an addition the rules that are unusual are told, of a change those that differ."""
    rules = []
    if (facts.scaling, facts.seats_of) != (than.scaling, than.seats_of):
        rules.append(say_scaling(facts.scaling, seats=spell(facts.seats_of, names.counted)) or "once")
    if facts.sub_limits != than.sub_limits:
        rules.append(_say_parts(facts, shape=shape, names=names))
    if (facts.at_trial_end, facts.kept_days) != (than.at_trial_end, than.kept_days):
        rules.append(say_trial_end(facts.at_trial_end, facts.kept_days) or "ends with a trial")
    if not than.gives or shape.nature is not Nature.QUANTITY or facts.value is UNLIMITED:
        return rules
    if facts.reset is not than.reset and not is_used_up(shape):
        rules.append(f"measured over {say_reset(facts.reset)}" if facts.reset else "measured over no period")
    if facts.enforcement is not than.enforcement:
        rules.append(say_enforcement(facts.enforcement))
    if facts.overage_percent != than.overage_percent:
        rules.append(_say_overage(facts))
    return rules


def _say_overage(facts: TermFacts) -> str:
    if facts.overage_percent is not None:
        return say_beyond(facts.overage_percent)
    return "nothing beyond" if facts.enforcement is Enforcement.HARD else "without end"


def _say_parts(facts: TermFacts, *, shape: FeatureShape, names: Vocabulary) -> str:
    known = names.choices.get(shape.key, {})
    parts = [f"{spell(key, known)}: {say_part(amount, shape=shape)}" for key, amount in facts.sub_limits]
    return "of which " + ", ".join(parts) if parts else "however it is divided"


def _sentence(kind: ChangeKind, shape: FeatureShape, was: TermFacts, is_now: TermFacts, before: str, after: str) -> str:
    name = shape.name
    if isinstance(was.value, frozenset) and isinstance(is_now.value, frozenset) and was.value != is_now.value:
        return f"{name} {_say_members(was.value, is_now.value, shape=shape)}"
    match kind:
        case ChangeKind.ADDED:
            return f"{name} is added: {after}"
        case ChangeKind.REMOVED:
            return f"{name} is removed; it was {before}"
        case ChangeKind.RAISED | ChangeKind.LOWERED:
            return f"{name} {_direction(kind, shape, was, is_now)} from {before} to {after}"
        case _:
            return f"{name} changes from {before} to {after}"


def _gives_more(shape: FeatureShape, before: Value | None, after: Value | None) -> bool:
    return before is not None and after is not None and compare_values(shape, before, after) is Verdict.BETTER


def _direction(kind: ChangeKind, shape: FeatureShape, was: TermFacts, is_now: TermFacts) -> str:
    """Where less is better, or more is given under a stricter limit, "up" and "down" would be heard wrongly."""
    if kind is ChangeKind.LOWERED and _gives_more(shape, was.value, is_now.value):
        return "gets worse,"
    if was.value == is_now.value and (was.at_trial_end, was.kept_days) != (is_now.at_trial_end, is_now.kept_days):
        return "gets better," if kind is ChangeKind.RAISED else "gets worse,"
    if shape.better is Better.LESS and shape.nature is Nature.QUANTITY:
        return "gets better," if kind is ChangeKind.RAISED else "gets worse,"
    return "goes up" if kind is ChangeKind.RAISED else "goes down"


def _say_members(was: frozenset[str], is_now: frozenset[str], *, shape: FeatureShape) -> str:
    said = []
    if is_now - was:
        said.append(f"gains {say_value(is_now - was, shape=shape)}")
    if was - is_now:
        said.append(f"loses {say_value(was - is_now, shape=shape)}")
    return " and ".join(said)
