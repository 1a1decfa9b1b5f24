"""May this be done? An answer weighed against what is asked for and what is in use already.

- Absent, denied or off: refused, whatever is asked. A gate that is on: allowed, however much.
- What is used (usage limits, seats, credits): in use + asked ≤ the value is allowed. Beyond it a hard limit refuses; a
  soft one lets it happen and tells somebody; a tracked one lets it happen and charges it; the last two as far as the
  percentage goes, where one is written, counted down to a whole smallest unit.
- What is set (a largest file, a retention, a choice): allowed up to what is set, by what is better for the customer.
  Nothing is used up, so use plays no part.

All amounts are in the feature's smallest unit.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from catalog.domain.values import UNLIMITED, Amount, Better, Enforcement, FeatureShape, Kind, Nature, TermState, Value
from catalog.domain.words import say_value
from entitlements.domain.arithmetic import goodness
from entitlements.domain.resolution import Layer, Op, Resolution
from entitlements.domain.saying import say_part_name

NOTHING = Decimal(0)


class UnfitQuestion(ValueError):
    """What was asked can't be asked of this feature; the message says why, `field` what was wrong."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do. `quantity` None: anything at all; `used` None: nobody said how much is in use."""

    quantity: Decimal | None = None
    used: Decimal | None = None
    choice: str = ""

    def __post_init__(self) -> None:
        for name in ("quantity", "used"):
            amount: Decimal | None = getattr(self, name)
            if amount is not None and (amount < 0 or amount != amount.to_integral_value()):
                raise UnfitQuestion("Ask for a whole amount of the smallest unit, or for nothing.", field=name)


ANYTHING = Asked()


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and why in words.

    `left` is what is left before this; None where nothing is counted, or nobody said what is in use. `over_by` is how
    far this goes beyond the value. Not `certain`: it is allowed only if no more is in use than `because` says.
    """

    allowed: bool
    because: str
    left: Amount | None = None
    over_by: Decimal | None = None
    certain: bool = True

    @property
    def words(self) -> str:
        return f"{'Allowed' if self.allowed else 'Refused'}: {self.because}."


def decide(
    resolution: Resolution,
    *,
    quantity: Decimal | None = None,
    used: Decimal | None = None,
    choice: str = "",
    buffer_percent: int = 0,
) -> Decision:
    """May so much more be had, or this choice be made, where so much is in use? UnfitQuestion where it can't be asked.

    `buffer_percent` of a hard limit is kept back for what is reported late.
    """
    asked = Asked(quantity, used, choice)
    _check_choice(resolution, choice)
    if not resolution.granted or resolution.value is None:
        return Decision(allowed=False, because=_why_not(resolution))
    match resolution.shape.nature:
        case Nature.GATE:
            return Decision(allowed=True, because="it is included")
        case Nature.QUANTITY if resolution.shape.kind is Kind.CONFIG:
            return _of_a_setting(resolution, resolution.value, asked.quantity)
        case Nature.QUANTITY:
            limit = cast(Amount, resolution.value)
            return _of_part(resolution, asked) or _of_use(resolution, limit, asked, buffer_percent)
        case Nature.SET:
            return _of_a_set(resolution.shape, cast(frozenset[str], resolution.value), choice)
        case _:
            return _of_a_setting(resolution, resolution.value, choice or None)


def _check_choice(resolution: Resolution, choice: str) -> None:
    shape = resolution.shape
    if choice and shape.choices and choice not in {known.key for known in shape.choices}:
        known = ", ".join(option.key for option in shape.choices)
        raise UnfitQuestion(f"“{choice}” is no choice of {shape.name}. Ask for one of: {known}.", field="choice")


_ABSENT = {
    TermState.SET_PER_CUSTOMER: "it is agreed with each customer, and nothing was agreed with this one",
    TermState.ADD_ON: "it is sold as an add-on, and this customer has none that gives it",
    TermState.UNSETTLED: "the plan doesn't say yet what it gives",
}


def is_withheld(resolution: Resolution) -> bool:
    """Whether somebody takes it away, and not only nobody gives it: the account's standing, or an override that denies."""
    kept = (candidate for candidate in resolution.because if candidate.kept)
    return any(candidate.layer is Layer.STANDING or candidate.op is Op.DENY for candidate in kept)


def _why_not(resolution: Resolution) -> str:
    for candidate in resolution.because:
        if candidate.kept and candidate.layer is Layer.STANDING:
            return candidate.rule
    denying = [candidate for candidate in resolution.because if candidate.kept and candidate.op is Op.DENY]
    if denying:
        return f"override #{denying[-1].id} denies it"
    return _ABSENT.get(resolution.state, "it is not included")


def _of_a_setting(resolution: Resolution, value: Value, wanted: Value | None) -> Decision:
    """What is set is had up to there: a better value than the one set is refused."""
    shape = resolution.shape
    has = worded(value, resolution)
    if wanted is None:
        return Decision(allowed=True, because=f"it is set to {has}")
    asks = worded(wanted, resolution)
    if shape.nature is Nature.TEXT:
        same = wanted == value
        return Decision(allowed=same, because=f"it is set to {has}" if same else f"it is set to {has}, not to {asks}")
    if wanted == value:
        return Decision(allowed=True, because=f"it is set to {has}")
    beyond = "above" if shape.nature is Nature.RANKED else "less than" if shape.better is Better.LESS else "more than"
    if goodness(wanted, shape=shape) > goodness(value, shape=shape):
        over = wanted - value if isinstance(wanted, Decimal) and isinstance(value, Decimal) else None
        return Decision(allowed=False, because=f"{asks} is {beyond} {has}", over_by=None if over is None else abs(over))
    return Decision(allowed=True, because=f"{has} is set, and {asks} is not {beyond} that")


def _of_a_set(shape: FeatureShape, value: frozenset[str], choice: str) -> Decision:
    has = ", ".join(option.label for option in shape.choices if option.key in value)
    if not choice:
        return Decision(allowed=bool(value), because=f"it gives {has}" if has else "it gives none of the choices")
    label = shape.label(choice)
    return Decision(
        allowed=choice in value,
        because=f"{label} is among {has}"
        if choice in value
        else f"{label} is not among what it gives: {has or 'none'}",
    )


def _of_part(resolution: Resolution, asked: Asked) -> Decision | None:
    """What may fall to one choice bounds a single question already; None: the choice leaves it to the whole."""
    part = resolution.sub_limits.get(asked.choice)
    least = Decimal(1) if asked.quantity is None else asked.quantity
    if part is None or part is UNLIMITED or least <= part:
        return None
    most = "nothing" if part == 0 else f"no more than {worded(part, resolution)}"
    over = None if asked.quantity is None else asked.quantity - part
    return Decision(allowed=False, because=f"{most} of it may fall to {say_part_name(asked.choice)}", over_by=over)


def _of_use(resolution: Resolution, limit: Amount, asked: Asked, buffer_percent: int) -> Decision:
    if limit is UNLIMITED:
        return Decision(allowed=True, because="it is unlimited", left=UNLIMITED)
    most = furthest(resolution, limit, buffer_percent=buffer_percent)
    if asked.used is None:
        return _of_use_unknown(resolution, limit, most, asked.quantity)
    left, after = max(limit - asked.used, NOTHING), asked.used + (asked.quantity or NOTHING)
    over = after - limit if after > limit else None
    least_after = asked.used + 1 if asked.quantity is None else after
    if most is not None and least_after > most:
        return Decision(False, _too_much(resolution, limit, most, asked, after), left=left, over_by=over)
    if least_after > limit:
        return Decision(True, _beyond(resolution, limit, most, over), left=left, over_by=over)
    words = f"{worded(left, resolution)} left"
    if asked.quantity:
        rest = limit - after
        words += f", {worded(rest, resolution) if rest else 'nothing'} after this"
    return Decision(True, words, left=left)


def furthest(resolution: Resolution, limit: Decimal, *, buffer_percent: int = 0) -> Decimal | None:
    """How far use may go in all; None: as far as it likes. A buffer is kept back from a hard limit only."""
    if resolution.overage_percent is not None:
        return Decimal(int(limit) * (100 + resolution.overage_percent) // 100)
    if resolution.enforcement is not Enforcement.HARD:
        return None
    return Decimal(int(limit) * (100 - buffer_percent) // 100)


def _of_use_unknown(resolution: Resolution, limit: Decimal, most: Decimal | None, quantity: Decimal | None) -> Decision:
    if most is None:
        what = "is charged" if resolution.enforcement is Enforcement.TRACK else "is told to somebody, and not stopped"
        if limit == 0:
            return Decision(True, f"all of it {what}")
        return Decision(True, f"whatever is in use; beyond {worded(limit, resolution)} it {what}")
    least = Decimal(1) if quantity is None else quantity
    if least > most:
        over = max(least - limit, NOTHING) if quantity is not None else None
        return Decision(False, f"{_reach(resolution, limit, most)} in all", over_by=over)
    room = most - least
    use = f"no more than {worded(room, resolution)} is" if room else "nothing is"
    if quantity is None:
        use = f"less than {worded(most, resolution)} is"
    return Decision(True, f"as long as {use} in use; how much that is isn't known here", certain=False)


def _beyond(resolution: Resolution, limit: Decimal, most: Decimal | None, over: Decimal | None) -> str:
    what = "charged" if resolution.enforcement is Enforcement.TRACK else "told to somebody, and not stopped"
    reach = "" if most is None else f", up to {worded(most, resolution)} in all"
    if limit == 0:
        return f"all of it is {what}{reach}"
    if over is None:
        return f"nothing is left of {worded(limit, resolution)}; what comes is {what}{reach}"
    return f"{worded(over, resolution)} beyond {worded(limit, resolution)}, which is {what}{reach}"


def _too_much(resolution: Resolution, limit: Decimal, most: Decimal, asked: Asked, after: Decimal) -> str:
    reach = _reach(resolution, limit, most)
    if asked.quantity is None:
        return f"nothing is left of {reach}"
    return f"{worded(after, resolution)} would be {worded(after - most, resolution)} over {reach}"


def _reach(resolution: Resolution, limit: Decimal, most: Decimal) -> str:
    words = worded(most, resolution)
    if most == limit:
        return f"the limit of {words}" if limit else "nothing"
    if most < limit:
        return f"{words}, as the rest of {worded(limit, resolution)} is kept back for what is reported late"
    return f"{words}, which is {resolution.overage_percent} % beyond {worded(limit, resolution)}"


def worded(value: Value, resolution: Resolution) -> str:
    """A choice by its label, an amount in the unit it was written in."""
    shape = resolution.shape
    if shape.nature in {Nature.RANKED, Nature.TEXT}:
        return shape.label(str(value))
    return say_value(value, shape=shape, typed_unit=resolution.typed_unit)


def is_used(shape: FeatureShape) -> bool:
    """Whether anything of it is in use at a moment; a setting, a choice or a gate is not used up."""
    return shape.nature is Nature.QUANTITY and shape.kind is not Kind.CONFIG
