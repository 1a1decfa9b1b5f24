"""A term as a customer has it, and how two of them compare, part by part.

What makes no difference to a customer is left out before anything is compared: how a limit is kept where there is
none, the unit an amount was typed in, the wording of a price that was fully understood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from catalog.domain.prices import PriceLine
from catalog.domain.tails import SubLimits
from catalog.domain.values import (
    UNLIMITED,
    Amount,
    AtTrialEnd,
    Better,
    Enforcement,
    FeatureShape,
    Nature,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.words import is_used_up


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
    sub_limits: SubLimits = ()
    sold_as: str = ""  # the add-on that sells what the plan doesn't include
    at_trial_end: AtTrialEnd = AtTrialEnd.ENDS
    kept_days: int | None = None

    def __post_init__(self) -> None:
        if self.gives != (self.value is not None):
            raise ValueError(f"A term that is {self.state} can't have the value {self.value!r}.")
        if (self.scaling in {Scaling.PER_SEAT_OF, Scaling.EACH_SEAT_OF}) != bool(self.seats_of):
            raise ValueError("A term that grows with seats, and only that, names whose seats.")
        if (self.at_trial_end is AtTrialEnd.KEPT_FOR) != (self.kept_days is not None):
            raise ValueError("A term that is kept for some days after a trial, and only that, says for how many.")

    @property
    def gives(self) -> bool:
        return self.state in {TermState.VALUE, TermState.UNLIMITED}


NOTHING = TermFacts()
_PERIODS = list(Reset)  # the shorter, the better; a billing period may be a month or a year, and stands between the two
_PERIODS.insert(_PERIODS.index(Reset.YEAR), _PERIODS.pop(_PERIODS.index(Reset.BILLING)))
_STRICTNESS = [Enforcement.HARD, Enforcement.SOFT, Enforcement.TRACK]


def essence(facts: TermFacts, *, shape: FeatureShape) -> TermFacts:
    """Nothing but what makes a difference to the customer: two terms that mean the same have the same essence."""
    prices = tuple(_essential(line) for line in facts.prices)
    if not facts.gives:
        undecided = facts.state is TermState.UNSETTLED
        seller = facts.sold_as if facts.state is TermState.ADD_ON else ""
        source = facts.source_text if undecided else ""
        return TermFacts(facts.state, prices=prices, source_text=source, sold_as=seller)
    facts = replace(facts, typed_unit="", prices=prices, source_text="", sold_as="")
    if shape.nature is not Nature.QUANTITY:
        bare = TermFacts(facts.state, facts.value, prices=prices)
        return replace(bare, at_trial_end=facts.at_trial_end, kept_days=facts.kept_days)
    parts = tuple(sorted(part for part in facts.sub_limits if part[1] is not UNLIMITED))
    parts = tuple((key, Decimal(0) if amount is None else amount) for key, amount in parts)
    if facts.value is UNLIMITED:
        return replace(facts, reset=None, enforcement=Enforcement.HARD, overage_percent=None, sub_limits=parts)
    nothing_beyond = facts.enforcement is Enforcement.HARD and not facts.overage_percent
    return replace(facts, sub_limits=parts, overage_percent=None if nothing_beyond else facts.overage_percent)


def _essential(line: PriceLine) -> PriceLine:
    return line if line.per_amount is None else replace(line, note="")


def verdicts(shape: FeatureShape, was: TermFacts, is_now: TermFacts) -> set[Verdict]:
    """How each part that differs compares, prices apart; empty if nothing else differs."""
    was, is_now = essence(was, shape=shape), essence(is_now, shape=shape)
    if was.gives != is_now.gives:
        return {Verdict.BETTER if is_now.gives else Verdict.WORSE}
    if was.value is None or is_now.value is None:
        same = (was.state, was.source_text, was.sold_as) == (is_now.state, is_now.source_text, is_now.sold_as)
        return set() if same else {Verdict.OTHER}
    parts = [
        compare_values(shape, was.value, is_now.value),
        _compare_scaling(was, is_now),
        _compare_parts(was.sub_limits, is_now.sub_limits),
        _compare_trial_ends(was, is_now),
    ]
    if UNLIMITED not in {was.value, is_now.value}:
        parts += [
            _compare_resets(shape, was.reset, is_now.reset),
            _by_place(_STRICTNESS, was.enforcement, is_now.enforcement),
            _compare_overage(was, is_now),
        ]
    return {verdict for verdict in parts if verdict is not None}


def compare_values(shape: FeatureShape, was: Value, is_now: Value) -> Verdict | None:
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
    """How far beyond the amount use may go: nowhere with a hard limit, else so many percent, or without end."""
    before, after = _beyond(was), _beyond(is_now)
    return None if before == after else _better_if(after > before)


def _beyond(facts: TermFacts) -> Decimal:
    if facts.overage_percent is not None:
        return Decimal(facts.overage_percent)
    return Decimal(0) if facts.enforcement is Enforcement.HARD else Decimal("Infinity")


def _compare_scaling(was: TermFacts, is_now: TermFacts) -> Verdict | None:
    if (was.scaling, was.seats_of) == (is_now.scaling, is_now.seats_of):
        return None
    if {was.scaling, is_now.scaling} != {Scaling.FLAT, Scaling.PER_UNIT}:
        return Verdict.OTHER
    return _better_if(is_now.scaling is Scaling.PER_UNIT)


def _compare_parts(was: SubLimits, is_now: SubLimits) -> Verdict | None:
    """A part that is named is a bound; one that isn't may take all there is."""
    if was == is_now:
        return None
    before, after = dict(was), dict(is_now)
    pairs = [(_part(before, key), _part(after, key)) for key in before.keys() | after.keys()]
    if any(now < then for then, now in pairs):
        return Verdict.WORSE
    return Verdict.BETTER


def _compare_trial_ends(was: TermFacts, is_now: TermFacts) -> Verdict | None:
    """Kept longer is better. "For some days" and "if used" each leave somebody with less than the other."""
    if (was.at_trial_end, was.kept_days) == (is_now.at_trial_end, is_now.kept_days):
        return None
    if was.kept_days is not None and is_now.kept_days is not None:
        return _better_if(is_now.kept_days > was.kept_days)
    return _better_if(was.at_trial_end is AtTrialEnd.ENDS)


def _part(parts: dict[str, Amount | None], key: str) -> Decimal:
    if key not in parts:
        return Decimal("Infinity")
    return Decimal(0) if parts[key] is None else _size(parts[key] or Decimal(0))
