"""What is to come for a subscription, and what a change would do: nothing here writes.

The actions carry out exactly what is worked out here, so that what a form shows before it asks is what happens.
"""

from dataclasses import dataclass
from datetime import datetime

from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from catalog.models import Plan, PlanVersion
from catalog.queries.instants import say_instant
from entitlements.domain.lifecycle import Move, State
from entitlements.domain.resolve import resolve
from entitlements.domain.timing import ChangeSort, Timing
from entitlements.models import Subscription, SubscriptionChange, SubscriptionItem
from entitlements.queries.entitlements import facts_of
from entitlements.queries.life.change_dates import effective_at, leaving, running_trial_end
from entitlements.queries.life.change_effects import Difference, OverUse, differences, effect_of
from entitlements.queries.life.held_plans import future_plans, plan_items, say_item
from entitlements.queries.life.item_preview import leaving_facts
from entitlements.queries.life.planned import ChangeToCome, PlannedChange, changes_of, pending
from entitlements.queries.life.state import require_move
from entitlements.queries.selling.on_sale import check_sale
from journal.domain.refusal import Invalid, Refusal

__all__ = [
    "ChangePreview",
    "Difference",
    "OverUse",
    "PlannedChange",
    "WantedPlan",
    "changes_of",
    "effective_at",
    "preview_cancellation",
    "preview_plan_change",
    "wanted_plan",
]


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """`ends_at` and `afterwards` are of a cancellation: when access ends, and what is lost then."""

    effective_at: datetime | None
    differences: tuple[Difference, ...] = ()
    over: tuple[OverUse, ...] = ()
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ends_at: datetime | None = None
    afterwards: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedPlan:
    """Another plan as it would be written: what ends at the instant, and what begins."""

    effective_at: datetime
    ends: tuple[SubscriptionItem, ...]
    begins: SubscriptionItem
    in_trial: bool

    @property
    def words(self) -> str:
        held = " and ".join(say_item(item) for item in self.ends) or "no plan"
        return f"{held} → {say_item(self.begins)}{', still in trial' if self.in_trial else ''}"


def wanted_plan(
    subscription: Subscription,
    plan: Plan,
    *,
    timing: Timing,
    at: datetime,
    on: datetime | None = None,
    quantity: int | None = None,
    interval: str | None = None,
) -> WantedPlan:
    """What changing the plan would write, refused for the same reasons."""
    state = require_move(subscription, Move.CHANGE, at=at)
    if plan.kind != PlanKind.PLAN:
        raise Invalid(f"{plan} is an add-on: it is added beside the plan, not in its place.", field="plan")
    _refuse_second(subscription, at=at)
    when = effective_at(subscription, timing=timing, at=at, on=on)
    old = plan_items(subscription, at=when)
    if timing is not Timing.NOW:
        _refuse_agreed(subscription, when=when)
    usual = (old[0].quantity, old[0].interval) if old else (1, "")
    wants, paid = usual[0] if quantity is None else quantity, usual[1] if interval is None else interval
    version = check_sale(subscription, plan, quantity=wants, interval=paid, starts_at=when, at=at)
    if len(old) == 1 and (old[0].plan_id, old[0].quantity, old[0].interval) == (plan.pk, wants, paid):
        _refuse_same(old[0], state=state, version=version)
    new = SubscriptionItem(
        subscription=subscription,
        plan=plan,
        version=version,
        quantity=wants,
        interval=paid,
        starts_at=when,
        recorded_at=at,
        billing_id=old[0].billing_id if len(old) == 1 else "",  # where it is billed it stays the same line
    )
    trial_end = running_trial_end(subscription, at=at)
    return WantedPlan(when, tuple(old), new, in_trial=trial_end is not None and when < trial_end)


def _refuse_second(subscription: Subscription, *, at: datetime) -> None:
    for row in pending(subscription, at=at):
        if row.sort == ChangeSort.PLAN or (row.sort == ChangeSort.QUANTITY and _of_a_plan(row)):
            raise ChangeToCome(
                f"{row.words} is planned for {say_instant(row.effective_at, zone=subscription.account.zone)} already. "
                "Call it off first, or move it to another day."
            )


def _of_a_plan(row: SubscriptionChange) -> bool:
    return row.item is not None and row.item.plan.kind == PlanKind.PLAN


def _refuse_agreed(subscription: Subscription, *, when: datetime) -> None:
    """What follows by itself would run beside the new plan."""
    agreed = next(reversed(future_plans(subscription, since=when)), None)
    if agreed is not None:
        day = say_instant(agreed.starts_at, zone=subscription.account.zone)
        raise ChangeToCome(f"{say_item(agreed)} is agreed from {day} on. Choose an earlier day, or change it now.")


def _refuse_same(held: SubscriptionItem, *, state: State, version: PlanVersion) -> None:
    if held.version_id == version.pk and state is not State.TRIAL_OVER:
        raise Invalid(f"The customer has {say_item(held)} already. Choose another plan or quantity.", field="plan")


def preview_plan_change(
    *,
    subscription: Subscription,
    plan: Plan,
    timing: Timing,
    at: datetime,
    on: datetime | None = None,
    quantity: int | None = None,
    interval: str | None = None,
) -> ChangePreview:
    """What another plan would do at the instant it takes effect, or why it can't be."""
    told = {"timing": timing, "at": at, "on": on, "quantity": quantity, "interval": interval}
    try:
        wanted = wanted_plan(subscription, plan, **told)  # type: ignore[arg-type]
    except Refusal as refusal:
        return ChangePreview(None, refusals=(refusal.message,))
    when = wanted.effective_at
    ends = {item.pk: when for item in wanted.ends}
    effect = effect_of(account=subscription.account, when=when, at=at, adds=[wanted.begins], ends=ends)
    notes = ("The trial goes on with the new plan.",) if wanted.in_trial else ()
    return ChangePreview(when, effect.differences, effect.over, refusals=effect.refusals, notes=notes)


def preview_cancellation(
    *,
    subscription: Subscription,
    timing: Timing,
    at: datetime,
    on: datetime | None = None,
    keep_days: int | None = None,
) -> ChangePreview:
    """What leaving would do as of its instant, and at the end of access; or why it can't be."""
    try:
        require_move(subscription, Move.CANCEL, at=at)
        left = leaving(subscription, timing=timing, at=at, on=on, keep_days=keep_days)
    except Refusal as refusal:
        return ChangePreview(None, refusals=(refusal.message,))
    facts = facts_of(account=subscription.account)
    becomes = leaving_facts(facts, subscription.pk, Window(left.effective_at, left.ends_at))
    first, last = left.effective_at, left.ends_at
    return ChangePreview(
        first,
        differences(resolve(facts, at=first), resolve(becomes, at=first)) if first < last else (),
        ends_at=last,
        afterwards=differences(resolve(facts, at=last), resolve(becomes, at=last)),
    )
