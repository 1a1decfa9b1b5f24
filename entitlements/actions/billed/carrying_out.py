"""Each step of a decision, carried out by what does the same here by hand."""

from collections.abc import Iterable

from entitlements.actions.billed.items import become, call_off_change, give, take
from entitlements.actions.billed.leaving import end, keep_going, leave, record_period
from entitlements.actions.billed.phases import convert, fail_payment, pause, restore, resume, set_trial_end
from entitlements.actions.billed.starting import start
from entitlements.actions.billed.work import Work
from entitlements.domain.billed.steps import (
    Become,
    CallOff,
    Convert,
    End,
    FailPayment,
    Give,
    KeepGoing,
    Leave,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Start,
    Step,
    Take,
)


def carry_out(steps: Iterable[Step], work: Work) -> None:
    """In the order they were decided; each is told in the audit.

    Whoever leaves at another instant than was said leaves all the same: nobody is told that they stay.
    """
    steps = tuple(steps)
    leaves = any(isinstance(step, Leave) for step in steps)
    for step in steps:
        if isinstance(step, KeepGoing) and leaves:
            continue
        _items(step, work)
        _life(step, work)


def _items(step: Step, work: Work) -> None:
    match step:
        case Start():
            start(step, work)
        case Give():
            give(step, work)
        case Become():
            become(step, work)
        case Take():
            take(step, work)
        case CallOff():
            call_off_change(step, work)
        case RecordPeriod():
            record_period(step, work)


def _life(step: Step, work: Work) -> None:
    match step:
        case SetTrialEnd():
            set_trial_end(step, work)
        case Convert():
            convert(work)
        case FailPayment():
            fail_payment(step, work)
        case Restore():
            restore(work)
        case Pause():
            pause(work)
        case Resume():
            resume(work)
        case Leave():
            leave(step, work)
        case KeepGoing():
            keep_going(work)
        case End():
            end(work)
