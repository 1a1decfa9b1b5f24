"""What a check answers, and how it is weighed: the rule of `domain/decision.py`, with everything fixed worked out once.

A *ruling* is what one profile has of one feature, ready to weigh a question against. It gives what `decide` gives
(a property test holds the two together); what it can't weigh by itself it asks `decide`. Amounts are whole numbers of
the feature's smallest unit.
"""

from decimal import Decimal
from typing import Any, Literal, TypeAlias

import msgspec

from catalog.domain.values import UNLIMITED, Kind, Nature, Unlimited
from entitlements.domain.decision import decide, furthest, is_used
from entitlements.domain.explain import say
from entitlements.domain.usage.terms import UseTerms

Source: TypeAlias = Literal["cache", "live", "fallback"]
Left: TypeAlias = int | Unlimited | None

NOT_ENTITLED = "not_entitled"
INCLUDED = "included"
WITHIN = "within_limit"
BEYOND = "beyond_limit"  # and allowed: it is charged, or told to somebody
REACHED = "limit_reached"
PART_REACHED = "sub_limit_reached"
USE_UNKNOWN = "use_unknown"  # allowed as long as no more is in use than that
NOT_AS_SET = "not_as_set"


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """The decision alone. `left` is what was left before; None where nothing is counted or use isn't known."""

    allowed: bool
    why: str
    left: Left = None
    certain: bool = True


class Ruling(msgspec.Struct, frozen=True):
    """`fixed` is the decision on a question without quantity and choice, where use doesn't matter; `always`: on any.

    `counts`: the account's own counter says what is in use. Where the parent's allowance is shared, nothing is certain.
    """

    terms: UseTerms
    fixed: Weighed | None
    always: bool = False
    used_up: bool = False
    counts: bool = False
    limit: int = 0
    most: int | None = None
    parts: dict[str, int] = {}
    kept: dict[str, Any] = {}

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons in sentences, said once for all that share them; days are those of UTC."""
        said = self.kept.get("because")
        if said is None:
            said = self.kept["because"] = say(self.terms.answer, zone="UTC")
        return said

    def weigh(self, quantity: Decimal | int | None, used: int | None, choice: str) -> Weighed:
        """May so much more be had where so much is in use? UnfitQuestion where it can't be asked."""
        if quantity is None and not choice:
            return self.fixed or self._of_use(None, used)
        if type(quantity) is not int and quantity is not None:
            if not isinstance(quantity, Decimal) or quantity % 1:
                return self._decided(quantity, used, choice)
            quantity = int(quantity)
        if quantity is not None and quantity < 0:
            return self._decided(quantity, used, choice)
        if not self.used_up:
            return self.fixed if self.always and self.fixed is not None else self._decided(quantity, used, choice)
        part = self.parts.get(choice) if choice else None
        if part is not None and (1 if quantity is None else quantity) > part:
            return Weighed(False, PART_REACHED)
        return self.fixed or self._of_use(quantity, used)

    def _of_use(self, quantity: int | None, used: int | None) -> Weighed:
        if used is None:
            return self._of_use_unknown(1 if quantity is None else quantity)
        left = self.limit - used
        left = left if left > 0 else 0
        after = used + (1 if quantity is None else quantity)
        if self.most is not None and after > self.most:
            return Weighed(False, REACHED, left)
        return Weighed(True, WITHIN if after <= self.limit else BEYOND, left)

    def _of_use_unknown(self, least: int) -> Weighed:
        if self.most is None:
            return Weighed(True, WITHIN)
        if least > self.most:
            return Weighed(False, REACHED)
        return Weighed(True, USE_UNKNOWN, certain=False)

    def _decided(self, quantity: Decimal | int | None, used: int | None, choice: str) -> Weighed:
        """By the definition: what is set, sets of choices, and questions that can't be asked."""
        answer = self.terms.answer
        asked = None if quantity is None else Decimal(quantity)
        taken = None if used is None else Decimal(used)
        told = decide(answer, quantity=asked, used=taken, choice=choice, buffer_percent=self.terms.buffer_percent)
        if not answer.granted:
            return Weighed(told.allowed, NOT_ENTITLED)
        return Weighed(told.allowed, INCLUDED if told.allowed else NOT_AS_SET)


def rule_on(terms: UseTerms) -> Ruling:
    """What can be worked out before anybody asks."""
    answer = terms.answer
    shape, value = answer.shape, answer.value
    if (
        shape.kind is Kind.CREDIT and terms.usable and value is not UNLIMITED
    ):  # the balance says, which isn't known here
        return Ruling(terms, Weighed(True, USE_UNKNOWN, certain=False), used_up=True)
    if not answer.granted or value is None:
        return Ruling(terms, Weighed(False, NOT_ENTITLED), always=not shape.choices)
    if shape.nature is Nature.GATE:
        return Ruling(terms, Weighed(True, INCLUDED), always=True)
    if not is_used(shape):
        told = decide(answer)
        return Ruling(terms, Weighed(told.allowed, INCLUDED if told.allowed else NOT_AS_SET))
    parts = {key: int(part) for key, part in answer.sub_limits.items() if part is not UNLIMITED}
    if value is UNLIMITED:
        return Ruling(terms, Weighed(True, INCLUDED, UNLIMITED), used_up=True, parts=parts)
    assert isinstance(value, Decimal)
    most = furthest(answer, value, buffer_percent=terms.buffer_percent)
    return Ruling(
        terms,
        None,
        used_up=True,
        counts=counts_use(terms),
        limit=int(value),
        most=None if most is None else int(most),
        parts=parts,
        kept={},
    )


class Checked(msgspec.Struct, frozen=True, gc=False):
    """May this account do this now? Instants are seconds since 1970.

    `as_of` is up to when the facts are known to be so, `until` when the answer may change by itself, `version` the
    number of the newest change taken up. `used` is what is in use and held, as of `used_as_of`; None: not known here.
    """

    allowed: bool
    weighed: Weighed
    ruling: Ruling
    as_of: float
    until: float
    version: int
    source: Source = "cache"
    used: int | None = None
    used_as_of: float | None = None
    account_id: int = 0
    relied: str = ""  # without the database: what its fallback says, in words

    @property
    def feature(self) -> str:
        return self.ruling.terms.shape.key

    @property
    def why(self) -> str:
        return self.weighed.why

    @property
    def left(self) -> Left:
        """What was left before this; None where nothing is counted or use isn't known."""
        return self.weighed.left

    @property
    def certain(self) -> bool:
        """False where the decision hangs on more than is known here."""
        return self.weighed.certain

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons in sentences."""
        return (self.relied, *self.ruling.because) if self.relied else self.ruling.because

    @property
    def terms(self) -> UseTerms:
        """What many accounts have in common; zone and billing periods of one account are told by `memory.terms`."""
        return self.ruling.terms


def counts_use(terms: UseTerms) -> bool:
    """Whether the account's own counter says what is in use: not where each seat has its own, credits are
    burnt, or the allowance is shared with the parent and everybody below it."""
    answer = terms.answer
    return (
        answer.granted
        and answer.value is not UNLIMITED
        and is_used(answer.shape)
        and answer.shape.kind is not Kind.CREDIT
        and answer.each_of is None
        and not terms.shared
    )
