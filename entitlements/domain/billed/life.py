"""What befalls a billed subscription: its trial, payments that fail and come, pauses, leaving, its periods.

Whatever the billing said of an instant holds from that instant on, whether or not it has got round to it: an end that
has passed is an end, a change that was to come is there.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from catalog.domain.window import Window
from entitlements.domain.billed.items import in_force
from entitlements.domain.billed.steps import (
    Convert,
    End,
    FailPayment,
    Held,
    KeepGoing,
    Leave,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Sold,
    Step,
)
from entitlements.domain.billed.told import Billed, BilledItem, BilledState

NOTHING_OWED = (BilledState.NOT_BEGUN, BilledState.ENDED)
# Whoever bills comes to an end when their clock gets round to it: so near before the announced instant it is that end.
SAME_END = timedelta(minutes=5)


def state_now(billed: Billed, held: Held | None, *, at: datetime) -> BilledState:
    """Where it stands, by what the billing said and what the desk has still to tell it."""
    if billed.state in NOTHING_OWED:
        return billed.state
    if billed.ends_at is not None and billed.ends_at <= at:
        return BilledState.ENDED
    if held is not None and _extended(held, at=at):
        return BilledState.TRIAL
    return billed.state


def _extended(held: Held, *, at: datetime) -> bool:
    """The desk made the trial longer, and the billing, which may have ended it meanwhile, has not heard of it yet."""
    ours, told = held.trial_ends_at, held.telling_trial_end
    return ours is not None and at < ours and told is not None and at < told


def tried_out(billed: Billed, state: BilledState, *, at: datetime) -> bool:
    """Its trial is over, and nobody has paid, nor will by themselves."""
    end = billed.trial_ends_at
    return state is BilledState.TRIAL and end is not None and end <= at and not billed.with_card


def ending(billed: Billed, held: Held, *, at: datetime) -> Iterator[Step]:
    """Nothing is owed any more. Days of access that were agreed with a cancellation stand when it comes to that end.

    An end that is still to come by our clock is one that is there by now: theirs goes ahead, or was set ahead to try.
    """
    if held.is_over(at=at):
        return
    ended = billed.ended_at if billed.state is BilledState.ENDED else billed.ends_at
    agreed = held.leaves_at is not None and held.leaves_at <= min(ended or at, at) + SAME_END
    if billed.state is BilledState.NOT_BEGUN or not agreed:
        yield End()


def trial(billed: Billed, held: Held, state: BilledState, *, at: datetime) -> Iterator[Step]:
    """Its end there is its end here; elsewhere than in trial it is a sale, unless it rests."""
    if state is BilledState.TRIAL:
        yield from _tried(billed, held, at=at)
    elif held.trial_ends_at is not None and state is not BilledState.PAUSED:
        yield Convert()


def _tried(billed: Billed, held: Held, *, at: datetime) -> Iterator[Step]:
    """The later of both ends while ours waits to be told. One that has passed ends what runs, and begins nothing."""
    ours = held.trial_ends_at
    if ours is None and held.telling_trial_end is not None:
        return  # the desk made it a sale, and the billing is still to hear of it
    end = max((one for one in (billed.trial_ends_at, held.telling_trial_end) if one is not None), default=None)
    if end is None:
        return
    if end <= at:
        if ours is not None and at < ours:
            yield SetTrialEnd(at, billed.with_card)
    elif (ours, held.with_card) != (end, billed.with_card):
        yield SetTrialEnd(end, billed.with_card)


def recovery(held: Held, state: BilledState) -> Iterator[Step]:
    """What has to be over before anything else can change."""
    if held.paused and state is not BilledState.PAUSED:
        yield Resume()
    if held.grace_ends_at is not None and state not in (BilledState.PAST_DUE, BilledState.UNPAID):
        yield Restore()


def trouble(billed: Billed, held: Held, state: BilledState, *, at: datetime) -> Iterator[Step]:
    """A payment that failed, once; and a pause."""
    waits = held.grace_ends_at
    match state:
        case BilledState.PAST_DUE if waits is None:
            yield FailPayment()
        case BilledState.UNPAID if waits is None or at < waits:
            yield FailPayment(ended=True)
        case BilledState.PAUSED if not held.paused or held.paused_until is not None:
            yield Pause()
        case _:
            pass


def stays(billed: Billed, held: Held) -> bool:
    """It ends when the billing says, and not before."""
    if billed.ends_at is None:
        return held.leaves_at is None and held.ends_at is None
    return held.leaves_at == billed.ends_at and held.ends_at is not None and billed.ends_at <= held.ends_at


def keeping(billed: Billed, held: Held) -> Iterator[Step]:
    if not stays(billed, held) and (held.leaves_at is not None or held.ends_at is not None):
        yield KeepGoing()


def leaving(billed: Billed, held: Held) -> Iterator[Step]:
    if billed.ends_at is not None and not stays(billed, held):
        yield Leave(billed.ends_at)


def period(billed: Billed, held: Held, *, sold: Mapping[str, Sold], at: datetime) -> Iterator[Step]:
    """The stretch its plan is billed for, where that isn't known, nor a later one that lies in it."""
    told = _period(billed, sold, at=at)
    if told is None or told in held.periods:
        return
    if not any(_begins_later_within(known, told) for known in held.periods):
        yield RecordPeriod(told)


def _period(billed: Billed, sold: Mapping[str, Sold], *, at: datetime) -> Window | None:
    """Items may have different periods: the plan's counts, then that of what was added to it."""
    linked: list[BilledItem] = [item for item in in_force(billed, at=at) if item.price in sold and item.quantity]
    for item in sorted(linked, key=lambda item: sold[item.price].is_add_on):
        if item.period is not None and item.period.start is not None and item.period.end is not None:
            return item.period
    return None


def _begins_later_within(known: Window, told: Window) -> bool:
    return known.start is not None and known.start != told.start and told.contains(known.start)
