"""Lives of customers at random: what people do at which hour, and at which hours a sweep comes, or is killed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from hypothesis import strategies as st

from entitlements.actions.accounts import edit_account, set_standing
from entitlements.actions.lifecycle import cancel, fail_payment, pause, restore, resume
from entitlements.actions.overrides import revoke
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item, start
from entitlements.actions.sweep import sweep
from entitlements.actions.trials import extend
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.timing import Timing
from entitlements.models import Account, EntitlementChange, Override, Subscription
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Notice
from tests.conftest import actor
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, value

HOUR = timedelta(hours=1)
HOURS = 10 * 24
NUMBER = re.compile(r"#\d+")  # PostgreSQL counts on where something was taken back
ANNOUNCED = "end_announced"  # announcements go by the hour of the sweep; they have tests of their own

Act = Callable[[datetime], object]
Told = tuple[list[tuple[object, ...]], list[tuple[object, ...]]]


class Killed(BaseException):
    """The worker is gone, in the middle of a sweep."""


@dataclass(frozen=True)
class Sweep:
    """A sweep that comes at an hour: once, twice, killed after so many accounts, or stopped there."""

    hour: int
    how: str = "once"
    after: int = 1


sweeps = st.builds(
    Sweep, st.integers(1, HOURS), st.sampled_from(("once", "once", "twice", "killed", "stopped")), st.integers(1, 3)
)
hours = st.integers(1, HOURS - 48)
days = st.integers(1, 5)
acts = st.lists(
    st.tuples(
        hours,
        st.sampled_from((0, 1)),
        st.sampled_from(
            (
                "try", "lend", "promise", "revoke", "extend", "fail", "pay", "pause", "resume", "change", "cancel",
                "suspend", "reopen", "move",
            )
        ),
        days,
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip


def act_of(world: Catalog, held_by: Account, name: str, number: int) -> Act:
    """What a person does that day, as far as the desk lets them."""
    plan = {"account": held_by, "plan": world.team, "by": SYSTEM}
    match name:
        case "try":
            return lambda at: start(**plan, trial_days=number, at=at)
        case "promise":
            through = (AT + (number + 3) * DAY).date()
            return lambda at: overridden(held_by, world.storage, Mode.ADD, 5 * GB, at=at, through_on=through)
        case "revoke":
            return lambda at: revoke(override=Override.objects.filter(account=held_by)[0], reason="", by=SYSTEM, at=at)
        case "suspend" | "reopen":
            standing = Standing.SUSPENDED if name == "suspend" else Standing.OPEN
            return lambda at: set_standing(account=held_by, standing=standing, reason="", by=SYSTEM, at=at)
        case "move":
            return lambda at: edit_account(account=held_by, seen={}, market=None, by=SYSTEM, at=at)
    return partial(_on_subscription, world, held_by, name, number)


def _on_subscription(world: Catalog, held_by: Account, name: str, number: int, at: datetime) -> None:
    subscription = Subscription.objects.filter(account=held_by).earliest("number")
    on = {"subscription": subscription, "by": SYSTEM, "at": at}
    later = at + number * DAY
    match name:
        case "lend":
            add_item(**on, plan=world.team, lent=True, ends_at=later)
        case "extend":
            extend(subscription=subscription, days=number, reason="More time", by=actor("sales"), at=at)
        case "fail":
            fail_payment(**on, grace_days=number)
        case "pay":
            restore(**on)
        case "pause":
            pause(**on, until=later)
        case "resume":
            resume(**on)
        case "change":
            change_plan(**on, plan=world.team, timing=Timing.ON_DATE, on=later)
        case "cancel":
            cancel(**on, timing=Timing.ON_DATE, on=later, keep_days=1, reason="")


def live(world: Catalog, held: list[Account], lived: list[tuple[int, int, str, int]], swept: list[Sweep]) -> Told:
    """What was told in the end, if people did all that and the sweeps came so; then nothing of it happened."""
    with transaction.atomic():
        for _hour, step in sorted(steps(world, held, lived, swept), key=lambda step: step[0]):
            step()
        sweep(at=AT + HOURS * HOUR)
        sweep(at=AT + HOURS * HOUR + timedelta(minutes=6))
        found = told()
        transaction.set_rollback(True)
    return found


def steps(
    world: Catalog, held: list[Account], lived: list[tuple[int, int, str, int]], swept: list[Sweep]
) -> Iterator[tuple[float, Callable[[], None]]]:
    for hour, whose, name, number in lived:
        yield hour, partial(attempt, act_of(world, held[whose], name, number), AT + hour * HOUR)
    for each in swept:
        yield each.hour + 0.5, partial(_come, each)


def attempt(act: Act, at: datetime) -> None:
    try:
        with transaction.atomic():
            act(at)
    except (Refusal, IndexError):
        """What the desk refuses hasn't been done; what isn't there can't be revoked."""


def _come(each: Sweep) -> None:
    at = AT + each.hour * HOUR + timedelta(minutes=30)
    left = iter(range(each.after - 1))

    def enough() -> bool:
        if each.how in {"once", "twice"} or next(left, None) is not None:
            return False
        if each.how == "killed":
            raise Killed
        return True

    try:
        for _ in range(2 if each.how == "twice" else 1):
            sweep(at=at, enough=enough)
    except Killed:
        """The next sweep finds what it left."""


def told() -> Told:
    """Every change and every notice, but for when it was told, and what follows, which is said as known by then."""
    changes = EntitlementChange.objects.filter(effective_at__gt=AT).order_by("pk")
    columns = ("account__key", "effective_at", "feature_key", "before", "after")
    notices = Notice.objects.exclude(kind=ANNOUNCED).order_by("pk")
    return (
        sorted((*row, NUMBER.sub("#", cause)) for *row, cause in changes.values_list(*columns, "cause")),
        sorted((row.account_key, row.recipient, row.kind, row.subject, row.body.split("\n")[0]) for row in notices),
    )


def answers(held: list[Account]) -> list[object]:
    """What each may store, hour by hour."""
    return [value(account, "storage", AT + hour * HOUR) for account in held for hour in range(0, HOURS, 40)]
