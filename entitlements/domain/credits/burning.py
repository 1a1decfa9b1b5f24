"""What is left at an instant, and how one instant's changes and one use move it. The loop over time is in `run`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.credits.grants import ZERO, Grant, Reset, Use
from entitlements.domain.credits.ledger import Kind, Movement


@dataclass(frozen=True, slots=True)
class Held:
    """Of one grant: what is left, what was used of it since it was last set, and how much it was of then."""

    left: Amount
    used: Decimal = ZERO
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that the future needs to know of the past. It changes what a balance costs, never what it is.

    Everything that changes at `at` has changed, and `used` counts since the last reset. A grant that isn't `held` has
    nothing left; one that begins later isn't needed here.
    """

    at: datetime
    held: Mapping[str, Held] = field(default_factory=dict)
    overage: Decimal = ZERO
    used: Decimal = ZERO

    @property
    def left(self) -> Amount:
        """What may still be used: of all grants, whatever was used beyond them."""
        return total(held.left for held in self.held.values())

    @property
    def balance(self) -> Decimal:
        """What is left where it is a number, less the overage."""
        return finite(held.left for held in self.held.values()) - self.overage


@dataclass(frozen=True, slots=True)
class Turn:
    """Something about one grant changes at an instant: it begins, is filled again, is another amount, or ends."""

    at: datetime
    kind: Kind
    grant: Grant


def total(amounts: Iterable[Amount]) -> Amount:
    summed = ZERO
    for amount in amounts:
        if amount is UNLIMITED:
            return UNLIMITED
        summed += amount
    return summed


def finite(amounts: Iterable[Amount]) -> Decimal:
    return sum((amount for amount in amounts if amount is not UNLIMITED), ZERO)


class Burning:
    """A balance in motion: begun from a checkpoint, moved by turns, resets and uses in the order of time."""

    def __init__(self, grants: Iterable[Grant], start: Checkpoint) -> None:
        self.grants = {grant.id: grant for grant in grants}
        self.at, self.overage, self.used = start.at, start.overage, start.used
        self.movements: list[Movement] = []
        self.held: dict[str, Held] = {}
        for key, grant in self.grants.items():
            if grant.is_active(start.at):
                self.held[key] = start.held.get(key, Held(ZERO))
        self._order: list[str] = []
        self._put_right()
        self._line_up()

    def turn(self, at: datetime, turns: Sequence[Turn], resets: Sequence[Reset] = ()) -> None:
        """Everything that changes at the instant: what ends goes, a reset rolls over, then grants begin and recur.

        What was used beyond all grants is then taken from whatever has come.
        """
        self.at = at
        for turn in turns:
            if turn.kind in {Kind.EXPIRE, Kind.VOID}:
                self._end(turn)
        if resets:
            self._reset(preserve=any(reset.preserve_overage for reset in resets))
        for turn in turns:
            if turn.kind in {Kind.GRANT, Kind.RECUR}:
                self._fill(turn)
            elif turn.kind is Kind.CHANGE:
                self._change(turn.grant)
        self._line_up()
        self._take_overage()

    def burn(self, use: Use) -> None:
        """Use is taken from the grants in their order; what no grant covers is overage."""
        self.used += use.amount
        uncovered = self._take(use.amount, at=use.at, use=use.id)
        if uncovered:
            self.overage += uncovered
            self.movements.append(Movement(use.at, Kind.OVERAGE, -uncovered, use=use.id))

    def fits(self, amount: Decimal) -> bool:
        left = self.left
        return left is UNLIMITED or amount <= left

    @property
    def left(self) -> Amount:
        return total(self.held[key].left for key in self._order)

    def checkpoint(self, at: datetime | None = None) -> Checkpoint:
        return Checkpoint(at or self.at, dict(self.held), self.overage, self.used)

    def _line_up(self) -> None:
        """Who may be burnt until something changes again, the next one last."""
        able = (key for key, held in self.held.items() if held.left)
        self._order = sorted(able, key=lambda key: self.grants[key].burn_order(at=self.at), reverse=True)

    def _take(self, amount: Decimal, *, at: datetime, use: str) -> Decimal:
        """Burn from the grants in order; what they don't cover comes back."""
        while amount and self._order:
            key = self._order[-1]
            held = self.held[key]
            unlimited = held.left is UNLIMITED
            taken = amount if held.left is UNLIMITED else min(amount, held.left)
            left = UNLIMITED if held.left is UNLIMITED else held.left - taken
            self.held[key] = Held(left, held.used + taken, held.amount)
            self.movements.append(Movement(at, Kind.USE, -taken, key, use, unlimited))
            amount -= taken
            if not left:
                self._order.pop()
        return amount

    def _take_overage(self) -> None:
        if self.overage and self._order:
            owed, self.overage = self.overage, self._take(self.overage, at=self.at, use="")
            self.movements.append(Movement(self.at, Kind.OVERAGE, owed - self.overage))

    def _end(self, turn: Turn) -> None:
        held = self.held.pop(turn.grant.id, None)
        if held is not None and held.left:
            self._write(turn.kind, turn.grant, was=held.left, now=ZERO)

    def _fill(self, turn: Turn) -> None:
        """Set to the amount, whatever was left of it."""
        amount, key = turn.grant.amount_at(turn.at), turn.grant.id
        left = self.held[key].left if key in self.held else ZERO
        if left:
            self._write(Kind.LAPSE, turn.grant, was=left, now=ZERO)
        self.held[key] = Held(amount, ZERO, amount)
        self._write(turn.kind, turn.grant, was=ZERO, now=amount)

    def _change(self, grant: Grant) -> None:
        """Another amount: what is left follows, never below zero, and what was used stays used."""
        amount, held = grant.amount_at(self.at), self.held[grant.id]
        left = amount if amount is UNLIMITED else max(ZERO, amount - held.used)
        self.held[grant.id] = Held(left, held.used, amount)
        self._write(Kind.CHANGE, grant, was=held.left, now=left)

    def _put_right(self) -> None:
        """What the checkpoint took to be another amount than is known now becomes that, at once."""
        for key, held in tuple(self.held.items()):
            grant = self.grants[key]
            if grant.amounts and held.amount != grant.amount_at(self.at):
                self._change(grant)

    def _reset(self, *, preserve: bool) -> None:
        for key, held in sorted(self.held.items(), key=lambda one: (len(one[0]), one[0])):
            grant = self.grants[key]
            if held.left is UNLIMITED:
                continue
            kept = max(grant.min_rollover, held.left)
            if grant.max_rollover is not None:
                kept = min(grant.max_rollover, kept)
            if kept != held.left:
                self._write(Kind.RESET, grant, was=held.left, now=kept)
                self.held[key] = Held(kept, held.used, held.amount)
        self.used = ZERO
        if self.overage and not preserve:
            self.movements.append(Movement(self.at, Kind.RESET, self.overage))
            self.overage = ZERO

    def _write(self, kind: Kind, grant: Grant, *, was: Amount, now: Amount) -> None:
        unlimited = was is UNLIMITED or now is UNLIMITED
        moved = finite([now]) - finite([was])
        if moved or unlimited:
            self.movements.append(Movement(self.at, kind, moved, grant.id, unlimited=unlimited))
