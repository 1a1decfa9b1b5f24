"""What shall be held, now and by a schedule: each item by its id; and the steps from what is held to that.

What is planned is appended, never inserted: where the plans for an item begin to differ from what comes, all of them
from there on are called off, the last first, and made anew. Where an item changes now, that is so from the first on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from entitlements.domain.billed.steps import (
    Become,
    CallOff,
    Give,
    Held,
    HeldChange,
    HeldItem,
    Sold,
    Step,
    Take,
    Unlinked,
)
from entitlements.domain.billed.told import Billed, BilledItem


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an item shall be."""

    sold: Sold
    quantity: int

    def fits(self, held: HeldItem | HeldChange) -> bool:
        return (held.plan, held.interval, held.quantity) == (self.sold.plan, self.sold.interval, self.quantity)


Stage: TypeAlias = Mapping[str, Wanted]  # all that shall be held from an instant on, by the id of each item


@dataclass(frozen=True, slots=True)
class Coming:
    """What one item becomes at an instant to come; `before` None: it begins then, `after` None: it is taken away."""

    at: datetime
    id: str
    before: Wanted | None
    after: Wanted | None

    def is_planned_by(self, change: HeldChange) -> bool:
        if (change.at, change.id) != (self.at, self.id):
            return False
        return not change.quantity if self.after is None else self.after.fits(change)


@dataclass(frozen=True, slots=True)
class Differences:
    """What has to be called off first, what is done now, and what is planned after that, each in its order."""

    called_off: tuple[Step, ...]
    now: tuple[Step, ...]
    planned: tuple[Step, ...]


def in_force(billed: Billed, *, at: datetime) -> tuple[BilledItem, ...]:
    """What is billed now: a change whose instant has passed holds, though the billing has not got round to it."""
    begun = [change for change in billed.comes if change.at <= at]
    return max(begun, key=lambda change: change.at).items if begun else billed.items


def stage(items: Iterable[BilledItem], sold: Mapping[str, Sold]) -> Stage:
    """What is linked, and more than none of. Plans stand before add-ons: a subscription begins with its plan."""
    found = {item.id: Wanted(sold[item.price], item.quantity) for item in items if item.price in sold and item.quantity}
    return dict(sorted(found.items(), key=lambda entry: entry[1].sold.is_add_on))


def coming(billed: Billed, sold: Mapping[str, Sold], *, at: datetime) -> tuple[Coming, ...]:
    """What the schedule brings item by item, in the order of time. What would begin after it was left never does."""
    before, found = stage(in_force(billed, at=at), sold), []
    for change in sorted(billed.comes, key=lambda change: change.at):
        if change.at <= at or (billed.ends_at is not None and billed.ends_at <= change.at):
            continue
        after = stage(change.items, sold)
        for id in {**after, **before}:
            if before.get(id) != after.get(id):
                found.append(Coming(change.at, id, before.get(id), after.get(id)))
        before = after
    return tuple(found)


def given(wanted: Stage) -> tuple[Give, ...]:
    return tuple(Give(id, one.sold, one.quantity) for id, one in wanted.items())


def differences(held: Held, wanted: Stage, comes: tuple[Coming, ...], *, at: datetime) -> Differences:
    """What makes of the items that are held those that are wanted, now and at every instant to come."""
    mine = _held_now(held, at=at)
    going_on = {id for id in _ids(held, wanted, comes) if _goes_on(mine.get(id), wanted.get(id), held, at=at)}
    agreed = [pair for id in _ids(held, wanted, comes) for pair in _agreeing(id, held, comes, going_on, at=at)]
    kept, done = {change.key for change, _ in agreed}, {one for _, one in agreed}
    untouched = {id: item.key for id, item in mine.items() if id in going_on}
    extra = [item for item in held.items if _runs(item, at=at) and mine[item.id] is not item]
    return Differences(
        called_off=calling_off((change for change in held.comes if change.key not in kept), at=at),
        now=(*_now(mine, wanted, going_on), *(Take(item.key, id=item.id) for item in extra)),
        planned=tuple(_plan(one, untouched if _is_first(one, comes) else {}) for one in comes if one not in done),
    )


def calling_off(changes: Iterable[HeldChange], *, at: datetime) -> tuple[Step, ...]:
    """The last first: what was planned later stands on what was planned before it."""
    to_come = (change for change in changes if at < change.at)
    return tuple(CallOff(change.key) for change in sorted(to_come, key=lambda change: change.at, reverse=True))


def unlinked(billed: Billed, sold: Mapping[str, Sold]) -> tuple[Unlinked, ...]:
    """Each price that nobody linked, once; also one that is only to come, so that it can be linked before."""
    found: dict[str, Unlinked] = {}
    for item in (*billed.items, *(item for change in billed.comes for item in change.items)):
        if item.price not in sold:
            found.setdefault(item.price, Unlinked(item.price, item.product, item.lookup_key, item.quantity))
    return tuple(found.values())


def _runs(item: HeldItem, *, at: datetime) -> bool:
    return item.window.contains(at)


def _held_now(held: Held, *, at: datetime) -> Mapping[str, HeldItem]:
    """One item of each id; of two, the one that began first."""
    found: dict[str, HeldItem] = {}
    for item in held.items:
        if _runs(item, at=at):
            found.setdefault(item.id, item)
    return found


def _goes_on(mine: HeldItem | None, wanted: Wanted | None, held: Held, *, at: datetime) -> bool:
    """Nothing has to be done about it now: it is as it shall be, and ends only where a change to come begins."""
    if mine is None or wanted is None:
        return mine is None and wanted is None
    first = min((change.at for change in held.comes if change.id == mine.id and at < change.at), default=None)
    return wanted.fits(mine) and mine.window.end == first


def _ids(held: Held, wanted: Stage, comes: tuple[Coming, ...]) -> Iterable[str]:
    return dict.fromkeys([*wanted, *(change.id for change in held.comes), *(one.id for one in comes)])


def _agreeing(
    id: str, held: Held, comes: tuple[Coming, ...], going_on: set[str], *, at: datetime
) -> Iterator[tuple[HeldChange, Coming]]:
    """The plans for an item that agree with what comes, up to the first that doesn't."""
    planned = sorted((change for change in held.comes if change.id == id and at < change.at), key=lambda one: one.at)
    for change, one in zip(planned, (one for one in comes if one.id == id), strict=False):
        if id not in going_on or not one.is_planned_by(change):
            return
        yield change, one


def _now(mine: Mapping[str, HeldItem], wanted: Stage, going_on: set[str]) -> Iterator[Step]:
    """What is given comes before what is taken, so that there is always something to have."""
    for id, one in wanted.items():
        if id in mine and id not in going_on:
            yield Become(mine[id].key, id, one.sold, one.quantity)
    yield from given({id: one for id, one in wanted.items() if id not in mine})
    for id, item in mine.items():
        if id not in wanted:
            yield Take(item.key, id=id)


def _is_first(one: Coming, comes: tuple[Coming, ...]) -> bool:
    return next(other for other in comes if other.id == one.id) is one


def _plan(one: Coming, keys: Mapping[str, int]) -> Step:
    """The row that changes is known where nothing else changes it before."""
    key = keys.get(one.id, 0)
    if one.after is None:
        return Take(key, one.at, one.id)
    if one.before is None:
        return Give(one.id, one.after.sold, one.after.quantity, one.at)
    return Become(key, one.id, one.after.sold, one.after.quantity, one.at)
