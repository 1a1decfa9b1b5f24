"""What changes for the holders of a plan from one version to the next, in words and as raised or lowered.

A change counts as lowered as soon as any part of it is worse for the customer (a larger amount, but over a longer
period), because a lowering needs a second pair of eyes. What can't be compared is changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from catalog.domain.prices import PriceLine
from catalog.domain.values import (
    UNLIMITED,
    Better,
    Enforcement,
    FeatureShape,
    Nature,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.words import is_used_up, say_enforcement, say_prices, say_reset, say_term, say_value


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"
    CHANGED = "changed"
    PRICE_CHANGED = "price_changed"


class Verdict(StrEnum):
    """How one part of a term compares with what it was, for the customer."""

    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TermFacts:
    """What a term says, as far as a customer can tell. A missing term and "not included" mean the same."""

    state: TermState = TermState.NOT_INCLUDED
    value: Value | None = None
    typed_unit: str = ""
    reset: Reset | None = None  # None: the feature's own
    enforcement: Enforcement = Enforcement.HARD
    overage_percent: int | None = None
    scaling: Scaling = Scaling.FLAT
    seats_of: str = ""  # the feature whose seats multiply it
    prices: tuple[PriceLine, ...] = ()
    source_text: str = ""

    def __post_init__(self) -> None:
        if self.gives != (self.value is not None):
            raise ValueError(f"A term that is {self.state} can't have the value {self.value!r}.")
        if (self.scaling is Scaling.PER_SEAT_OF) != bool(self.seats_of):
            raise ValueError("A term that grows with seats, and only that, names whose seats.")

    @property
    def gives(self) -> bool:
        return self.state in {TermState.VALUE, TermState.UNLIMITED}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `sentence` is what the reviewer of a publication reads."""

    kind: ChangeKind
    feature: str
    before: str
    after: str
    sentence: str


NOTHING = TermFacts()
_PERIODS = list(Reset)  # the shorter, the better; a billing period may be a month or a year, and stands between the two
_PERIODS.insert(_PERIODS.index(Reset.YEAR), _PERIODS.pop(_PERIODS.index(Reset.BILLING)))
_STRICTNESS = [Enforcement.HARD, Enforcement.SOFT, Enforcement.TRACK]
_SCALINGS = {Scaling.PER_UNIT: "for each one bought"}


def diff(
    *, plan: str, old: Mapping[str, TermFacts], new: Mapping[str, TermFacts], shapes: Mapping[str, FeatureShape]
) -> tuple[Change, ...]:
    """Every difference by feature, in the order of `shapes`, which names every feature of both versions."""
    pairs = ((shape, old.get(key, NOTHING), new.get(key, NOTHING)) for key, shape in shapes.items())
    return tuple(change for shape, was, is_now in pairs for change in _changes(shape, was, is_now, plan=plan))


def lowers(changes: Iterable[Change]) -> bool:
    """Whether anybody loses something."""
    return any(change.kind in {ChangeKind.REMOVED, ChangeKind.LOWERED} for change in changes)


def _changes(shape: FeatureShape, was: TermFacts, is_now: TermFacts, *, plan: str) -> list[Change]:
    found = []
    verdicts = _verdicts(shape, was, is_now)
    if verdicts:
        kind = _kind(was, is_now, verdicts)
        before, after = _say_facts(was, than=is_now, shape=shape), _say_facts(is_now, than=was, shape=shape)
        sentence = f"{plan}: {_sentence(kind, shape, was, is_now, before, after)}"
        found.append(Change(kind, shape.key, before, after, sentence))
    if _prices_differ(was, is_now):
        before, after = _say_offer(was, shape=shape), _say_offer(is_now, shape=shape)
        sentence = f"{plan}: the price of {shape.name} changes from {before} to {after}"
        found.append(Change(ChangeKind.PRICE_CHANGED, shape.key, before, after, sentence))
    return found


def _prices_differ(was: TermFacts, is_now: TermFacts) -> bool:
    """Whether the customer would pay otherwise; the wording of a price that was fully understood doesn't matter."""
    return [_essence(line) for line in was.prices] != [_essence(line) for line in is_now.prices]


def _essence(line: PriceLine) -> PriceLine:
    return line if line.per_amount is None else replace(line, note="")


def _say_offer(facts: TermFacts, *, shape: FeatureShape) -> str:
    return say_prices(facts.prices, shape=shape) if facts.prices else "no price"


def _kind(was: TermFacts, is_now: TermFacts, verdicts: set[Verdict]) -> ChangeKind:
    if was.state is TermState.NOT_INCLUDED:
        return ChangeKind.ADDED
    if is_now.state is TermState.NOT_INCLUDED:
        return ChangeKind.REMOVED
    if Verdict.WORSE in verdicts:
        return ChangeKind.LOWERED
    return ChangeKind.CHANGED if Verdict.OTHER in verdicts else ChangeKind.RAISED


def _verdicts(shape: FeatureShape, was: TermFacts, is_now: TermFacts) -> set[Verdict]:
    """How each part that differs compares; empty if nothing differs."""
    if was.gives != is_now.gives:
        return {Verdict.BETTER if is_now.gives else Verdict.WORSE}
    if was.value is None or is_now.value is None:
        # Only where nothing is settled does the page's own text say more than the state.
        open_text = was.source_text != is_now.source_text and was.state is TermState.UNSETTLED
        return {Verdict.OTHER} if was.state is not is_now.state or open_text else set()
    parts = [
        _compare_values(shape, was.value, is_now.value),
        _compare_resets(shape, was.reset, is_now.reset),
        _by_place(_STRICTNESS, was.enforcement, is_now.enforcement),
        _compare_overage(was, is_now),
        _compare_scaling(was, is_now),
    ]
    return {verdict for verdict in parts if verdict is not None}


def _compare_values(shape: FeatureShape, was: Value, is_now: Value) -> Verdict | None:
    if was == is_now:
        return None
    if isinstance(was, frozenset) and isinstance(is_now, frozenset):
        return Verdict.WORSE if was - is_now else Verdict.BETTER
    if shape.nature is Nature.RANKED:
        return _better_if(shape.rank(str(is_now)) > shape.rank(str(was)))
    if isinstance(was, bool) or isinstance(is_now, bool):
        return _better_if(is_now is True)
    if shape.nature is Nature.TEXT:
        return Verdict.OTHER
    return _better_if((_size(is_now) > _size(was)) == (shape.better is not Better.LESS))


def _size(value: Value) -> Decimal:
    return Decimal("Infinity") if value is UNLIMITED else Decimal(str(value))


def _better_if(better: bool) -> Verdict:
    return Verdict.BETTER if better else Verdict.WORSE


def _by_place(ladder: Sequence[StrEnum], was: StrEnum | None, is_now: StrEnum | None) -> Verdict | None:
    """The later on the ladder, the better; what stands on none can't be compared."""
    if was == is_now:
        return None
    if was is None or is_now is None:
        return Verdict.OTHER
    return _better_if(ladder.index(is_now) > ladder.index(was))


def _compare_resets(shape: FeatureShape, was: Reset | None, is_now: Reset | None) -> Verdict | None:
    """What is used up comes again sooner, which is better; an average or a peak over another period is just another."""
    if is_used_up(shape):
        return _by_place(_PERIODS[::-1], was, is_now)
    return None if was is is_now else Verdict.OTHER


def _compare_overage(was: TermFacts, is_now: TermFacts) -> Verdict | None:
    if was.overage_percent == is_now.overage_percent:
        return None
    if was.overage_percent is None or is_now.overage_percent is None:
        return Verdict.OTHER
    return _better_if(is_now.overage_percent > was.overage_percent)


def _compare_scaling(was: TermFacts, is_now: TermFacts) -> Verdict | None:
    if (was.scaling, was.seats_of) == (is_now.scaling, is_now.seats_of):
        return None
    if Scaling.PER_SEAT_OF in {was.scaling, is_now.scaling}:
        return Verdict.OTHER
    return _better_if(is_now.scaling is Scaling.PER_UNIT)


def _say_facts(facts: TermFacts, *, than: TermFacts, shape: FeatureShape) -> str:
    """What a term says, with those of its rules in which it differs from the other."""
    words = say_term(
        shape=shape,
        state=facts.state,
        value=facts.value,
        typed_unit=facts.typed_unit,
        reset=facts.reset if facts.reset != than.reset else None,
        source_text=facts.source_text,
    )
    return ", ".join([words, *_rules(facts, than, shape=shape)]) if facts.gives else words


def _rules(facts: TermFacts, than: TermFacts, *, shape: FeatureShape) -> list[str]:
    if not than.gives:
        return []
    rules = []
    if facts.reset is not than.reset and not is_used_up(shape):
        rules.append(f"measured over {say_reset(facts.reset)}" if facts.reset else "measured over no period")
    if facts.enforcement is not than.enforcement:
        rules.append(say_enforcement(facts.enforcement))
    if facts.overage_percent != than.overage_percent:
        rules.append("no overage named" if facts.overage_percent is None else f"{facts.overage_percent} % over allowed")
    if (facts.scaling, facts.seats_of) != (than.scaling, than.seats_of):
        rules.append(f"for each of {facts.seats_of}" if facts.seats_of else _SCALINGS.get(facts.scaling, "once"))
    return rules


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
            return f"{name} {_direction(kind, shape)} from {before} to {after}"
        case _:
            return f"{name} changes from {before} to {after}"


def _direction(kind: ChangeKind, shape: FeatureShape) -> str:
    """Where less is better, "goes up" would be heard the wrong way round."""
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
