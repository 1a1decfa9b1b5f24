"""From what is billed and what is held to what has to be done, so that what is paid for is what is allowed.

`decide` is pure and whole: applied, its steps make the subscription what the billing says; decided again, there is
nothing left to do. So a message twice, late, out of order or lost changes when a thing is done and never what is true,
and a list of what differs (drift) is the same list of steps, shown instead of done.

The rules, each with its test:

**Beginning and end**
- Nothing is owed before the first payment (NOT_BEGUN), and nothing after its end. An end in the past ends it now: what
  was answered until now stays true.
- Cancelled as of an instant: the subscription ends then, and the plan's days of access after it are given. They stand
  when the billing comes to that end, with what was held then: what it says of items after its end counts no more. An
  end before it, or one that nobody had announced, ends at once.
- Whose cancellation is taken back goes on; so does what was to end here though it goes on being billed.
- What is over here and goes on there begins anew now. What would hold nothing yet does not begin: it is heard of again
  when there is something to hold.

**Items**
- A price that nobody linked gives nothing and is named as a finding; the other items are held all the same. A quantity
  of 0 gives nothing either.
- An item keeps its own id: another price of the same id is another plan or interval, not an end and a beginning. It
  goes on as long as it is billed, whatever end it had.
- Items that the desk lent, bundled, signed or gave by a code are none of the billing's business and are left alone:
  they are not in `Held`.
- What a schedule brings is planned as of its instant, and called off where the schedule no longer brings it, or where
  the subscription is left by then.

**What befalls it**
- In trial there, it is in trial here until the same instant, also where the trial was over here. The later end stands
  while the desk's extension waits to be told (`Held.telling_trial_end`), whatever the billing makes of its own end
  meanwhile; and a trial that the desk made a sale stays one. One that nobody pays for after its end begins nothing.
- Out of trial there, it is a sale here; but one that rests with no end in sight has not become one.
- PAST_DUE begins the grace of the plan's version, once; UNPAID ends a grace that still runs, or leaves none. Being
  paid, tried or paused, no payment is waited for any more.
- A pause lasts until it is lifted there; one that was to end here by itself no longer does.
- The period of its plan, else of an add-on, is recorded, unless one that began later within it is known.

**Time**
- Whatever was said of an instant holds from that instant on, though the billing has not got round to it.

A subscription that begins is decided as if it held these items already, so that all that follows fits in one list.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from catalog.domain.window import Window
from entitlements.domain.billed import life
from entitlements.domain.billed.items import Stage, calling_off, coming, differences, given, in_force, stage, unlinked
from entitlements.domain.billed.steps import (
    Decided,
    Held,
    HeldItem,
    Sold,
    Start,
    Step,
)
from entitlements.domain.billed.told import Billed, BilledState


def decide(billed: Billed, held: Held | None, *, sold: Mapping[str, Sold], at: datetime) -> Decided:
    """What has to be done now; `sold` says what each price stands for. In an order in which it can be done."""
    running = None if held is None or held.is_over(at=at) else held
    state = life.state_now(billed, running, at=at)
    if state in life.NOTHING_OWED:
        return Decided(() if running is None else tuple(_ended(billed, running, at=at)))
    wanted = stage(in_force(billed, at=at), sold)
    begins: list[Step] = []
    if running is None and wanted and not life.tried_out(billed, state, at=at):
        start = _start(billed, state, wanted, at=at)
        running, begins = _as_begun(start, at=at), [start]
    steps = () if running is None else _steps(billed, running, state, wanted, sold=sold, at=at)
    return Decided((*begins, *steps), unlinked(billed, sold))


def _ended(billed: Billed, held: Held, *, at: datetime) -> Iterator[Step]:
    """What is ended has nothing to come; what is left as agreed has neither."""
    yield from tuple(life.ending(billed, held, at=at)) or calling_off(held.comes, at=at)


def _start(billed: Billed, state: BilledState, wanted: Stage, *, at: datetime) -> Start:
    end = billed.trial_ends_at if state is BilledState.TRIAL else None
    tried = end is not None and at < end
    return Start(given(wanted), end if tried else None, tried and billed.with_card)


def _as_begun(start: Start, *, at: datetime) -> Held:
    """What there is once it has begun; its rows have no numbers yet."""
    items = tuple(
        HeldItem(0, one.id, one.sold.plan, one.sold.interval, one.quantity, one.sold.is_add_on, Window(at, None))
        for one in start.items
    )
    return Held(at, None, items, trial_ends_at=start.trial_ends_at, with_card=start.with_card)


def _steps(
    billed: Billed, held: Held, state: BilledState, wanted: Stage, *, sold: Mapping[str, Sold], at: datetime
) -> Iterator[Step]:
    """First what stands in the way of a change, then the changes, then what they are the measure of."""
    items = differences(held, wanted, coming(billed, sold, at=at), at=at)
    yield from life.keeping(billed, held)
    yield from life.recovery(held, state)
    yield from items.called_off
    yield from life.trial(billed, held, state, at=at)
    yield from items.now
    yield from items.planned
    yield from life.period(billed, held, sold=sold, at=at)
    yield from life.trouble(billed, held, state, at=at)
    yield from life.leaving(billed, held)
