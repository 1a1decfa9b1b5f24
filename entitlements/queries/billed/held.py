"""A subscription that is billed elsewhere, as we hold it: rows in, `Held` out. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from entitlements.domain.billed.steps import Held, HeldChange, HeldItem, Sold
from entitlements.domain.billed.told import Billed
from entitlements.domain.facts import Phase
from entitlements.domain.timing import ChangeSort
from entitlements.models import Subscription, SubscriptionChange, SubscriptionItem, SubscriptionPhase
from entitlements.queries.life.planned import cancellation_in, decided_ahead, is_pending
from journal.domain.delivery import DeliveryState
from journal.models import Outbound

TELLING = "billing"  # the kind of deliveries to whoever bills (entitlements/actions/billing.py)
Changes = Sequence[SubscriptionChange]
STILL_TOLD = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.DOUBTFUL)


@dataclass(frozen=True, slots=True)
class Matched:
    """What is held, with each item under its name there; `named` are those whose row doesn't bear it yet."""

    held: Held | None
    named: Mapping[int, str]


def subscription_of(system: str, billing_id: str) -> Subscription | None:
    if not billing_id:
        return None
    rows = Subscription.objects.filter(billed_by=system, billing_id=billing_id)
    return rows.select_related("account").order_by("pk").first()


def matched(subscription: Subscription | None, billed: Billed, *, sold: Mapping[str, Sold], at: datetime) -> Matched:
    """What is held of it, matched with what is billed.

    What was sold here before the billing had a name for it is the item of the same plan and interval there. What staff
    gave beside it stays out of this.
    """
    if subscription is None:
        return Matched(None, {})
    held = held_of(subscription, at=at)
    names = _names(held, billed, sold)
    items = (replace(item, id=names.get(item.key, item.id)) for item in held.items)
    return Matched(replace(held, items=tuple(item for item in items if item.id)), names)


def held_of(subscription: Subscription, *, at: datetime) -> Held:
    """The subscription at the instant, with every item that could be the billing's."""
    phases = list(subscription.phases.order_by("starts_at", "pk"))
    trial = next((row for row in phases if row.phase == Phase.TRIAL), None)
    grace = next((row for row in phases if row.phase == Phase.GRACE and row.restored_at is None), None)
    paused = next((row for row in phases if row.phase == Phase.PAUSED and row.window.contains(at)), None)
    decided = decided_ahead(subscription, at=at)
    left = cancellation_in(decided, subscription, at=at)
    ahead = [row for row in decided if is_pending(row, at=at)]
    return Held(
        starts_at=subscription.starts_at,
        ends_at=subscription.ends_at,
        items=_items(subscription, ahead, at=at),
        trial_ends_at=_trial_end(subscription, trial, at=at),
        with_card=trial is not None and trial.with_card,
        telling_trial_end=_telling(subscription) if trial is not None else None,
        grace_ends_at=grace.ends_at if grace is not None else None,
        paused=paused is not None,
        paused_until=paused.ends_at if paused is not None else None,
        leaves_at=left.effective_at if left is not None else None,
        periods=tuple(Window(row.starts_at, row.ends_at) for row in subscription.billing_periods.order_by("starts_at")),
        comes=_comes(ahead),
    )


def _items(subscription: Subscription, ahead: Changes, *, at: datetime) -> tuple[HeldItem, ...]:
    """What is held now, but for what was lent, bundled, signed or given by a code: those are nobody else's business."""
    rows = SubscriptionItem.objects.filter(
        subscription=subscription, lent=False, sold_bundle=None, loan=None, contract_line=None, redemptions=None
    )
    planned = _planned_here(ahead)
    return tuple(
        HeldItem(
            key=row.pk,
            id=row.billing_id,
            plan=row.plan.key,
            interval=row.interval,
            quantity=row.quantity,
            is_add_on=row.plan.kind == PlanKind.ADD_ON,
            window=Window(row.starts_at, planned.get(row.pk, row.ends_at)),
        )
        for row in rows.select_related("plan").order_by("starts_at", "pk")
        if row.window.contains(max(at, subscription.starts_at))
    )


def _planned_here(ahead: Changes) -> dict[int, datetime | None]:
    """The ends that items had before staff planned another plan for them. Nobody there knows of it until it is so; the
    plan stands until that day, unless what is billed changes before."""
    here = [row for row in ahead if not row.billing_id and row.sort == ChangeSort.PLAN]
    ended = (pair for row in sorted(here, key=lambda row: -row.pk) for pair in row.ended)
    return {pk: None if former is None else datetime.fromisoformat(former) for pk, former in ended}


def _comes(ahead: Changes) -> tuple[HeldChange, ...]:
    """What the billing's own schedule brought and is still to come; an end of an item has no plan and no quantity."""
    return tuple(
        HeldChange(
            key=row.pk,
            at=row.effective_at,
            id=row.billing_id,
            plan=row.item.plan.key if row.item is not None else "",
            interval=row.item.interval if row.item is not None else "",
            quantity=row.item.quantity if row.item is not None else 0,
        )
        for row in ahead
        if row.billing_id
    )


def _trial_end(subscription: Subscription, trial: SubscriptionPhase | None, *, at: datetime) -> datetime | None:
    """When its trial ends, or ended without becoming a sale: that it did may just not be known here yet."""
    if trial is None or trial.ends_at is None or subscription.converted_at is not None:
        return None
    return None if trial.with_card and trial.ends_at <= at else trial.ends_at


def _telling(subscription: Subscription) -> datetime | None:
    """The end of the trial that the billing is still to be told."""
    waiting = Outbound.objects.filter(
        kind=TELLING,
        destination=subscription.billed_by,
        state__in=STILL_TOLD,
        payload__do="set_trial_end",
        payload__subscription=subscription.billing_id,
    )
    row = waiting.order_by("-seq").first()
    return None if row is None else datetime.fromisoformat(row.payload["trial_end"])


def _names(held: Held, billed: Billed, sold: Mapping[str, Sold]) -> dict[int, str]:
    known = {item.id for item in held.items}
    found: dict[int, str] = {}
    for theirs in billed.items:
        stands_for = sold.get(theirs.price)
        if theirs.id in known or stands_for is None:
            continue
        same = (one for one in held.items if (one.plan, one.interval) == (stands_for.plan, stands_for.interval))
        if (ours := next((one for one in same if not one.id and one.key not in found), None)) is not None:
            found[ours.key] = theirs.id
    return found
