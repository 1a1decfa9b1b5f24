"""What somebody decided to keep as it is here, though the billing says otherwise: those steps are left out.

They are known by their names, so that exactly what was kept is left out, and only as long as the billing says the same.
What it says otherwise from then on has another name, and counts again.
"""

from collections.abc import Collection, Iterable, Iterator

from entitlements.domain.billed.lines import name_of
from entitlements.domain.billed.steps import Become, CallOff, Give, Held, HeldChange, Start, Step, Take
from entitlements.domain.billed.told import Billed


def names_of(steps: Iterable[Step], *, billed: Billed, held: Held | None) -> tuple[str, ...]:
    return tuple(name_of(step, billed=billed, held=held) for step in steps)


def without_kept(
    steps: tuple[Step, ...], kept: Collection[str], *, billed: Billed, held: Held | None
) -> tuple[Step, ...]:
    """The steps that count. What was kept from beginning takes with it all that would have followed.

    An item that is kept as it is has what was planned for it called off and planned anew, since it would have changed
    before: where that comes to the same, it is left out as well.
    """
    if not kept:
        return steps
    named = list(zip(names_of(steps, billed=billed, held=held), steps, strict=True))
    if any(name in kept for name, step in named if isinstance(step, Start)):
        return ()
    left = tuple(step for name, step in named if name not in kept)
    untouched = {_id(step) for name, step in named if name in kept and isinstance(step, Give | Become | Take)}
    again = set(_planned_again(left, untouched, held))
    return tuple(step for place, step in enumerate(left) if place not in again)


def _id(step: Give | Become | Take) -> str:
    return step.id


def _planned_again(steps: tuple[Step, ...], ids: Collection[str], held: Held | None) -> Iterator[int]:
    """The places of what is called off and planned again as it was."""
    changes = {change.key: change for change in held.comes} if held is not None else {}
    for place, step in enumerate(steps):
        change = changes.get(step.key) if isinstance(step, CallOff) else None
        if change is None or change.id not in ids:
            continue
        anew = next((other for other, one in enumerate(steps) if _brings(one, change)), None)
        if anew is not None:
            yield from (place, anew)


def _brings(step: Step, change: HeldChange) -> bool:
    match step:
        case Take(id=id, at=at):
            return (id, at) == (change.id, change.at) and not change.quantity
        case Give(id=id, at=at, sold=sold, quantity=quantity) | Become(id=id, at=at, sold=sold, quantity=quantity):
            brought = (id, at, sold.plan, sold.interval, quantity)
            return brought == (change.id, change.at, change.plan, change.interval, change.quantity)
    return False
