"""Another plan for a subscription, now or to come; and moving or calling off any change that is to come.

A planned change is nothing but dates: the old item ends at the instant, the new one begins at it, pinned to the version
on sale when it was agreed. So it takes effect by itself, and calling it off puts the dates back (docs/adr/0013).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Unpack

from django.db import transaction

from catalog.models import Plan
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import call_off, end_of_leaving, move_to, note_change, take_back
from entitlements.actions.licences.purchases import license_item
from entitlements.actions.subscriptions import open_for_change, require_seller
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Account, Subscription, SubscriptionChange, SubscriptionItem
from entitlements.queries.life.change_dates import refuse_begun_while_leaving
from entitlements.queries.life.change_effects import Read, effect_of
from entitlements.queries.life.held_plans import future_plans
from entitlements.queries.life.plan_changes import WantedPlan, wanted_plan
from entitlements.queries.life.planned import ChangeToCome, keeps_from
from entitlements.queries.selling.on_sale import check_sale
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

__all__ = ["BelowWhatIsInUse", "ChangeToCome", "cancel_change", "change_plan", "reschedule"]


class BelowWhatIsInUse(Refusal):
    """Less would be left of a feature than is in use, and its rule doesn't let that happen."""

    code = "below_use"


class ChangeOver(Refusal):
    """The change has taken effect, or was called off; there is nothing left to move."""

    code = "change_over"


@transaction.atomic
def change_plan(
    *,
    subscription: Subscription,
    plan: Plan,
    by: Actor,
    at: datetime,
    timing: Timing = Timing.NOW,
    on: datetime | None = None,
    quantity: int | None = None,
    interval: str | None = None,
    proration: Proration = Proration.NONE,
    reason: str = "",
) -> SubscriptionChange:
    """Changed the plan of a subscription: now, at its renewal or on a date; it gets the version on sale.

    Unless said otherwise in the quantity and interval it had. In a trial the trial goes on, with the new plan. Add-ons
    stay, and so does what is lent or came with a code.
    """
    require_seller(by)
    account = open_for_change(subscription, at, beside=timing is not Timing.NOW)
    told = {"on": on, "quantity": quantity, "interval": interval}
    wanted = wanted_plan(subscription, plan, timing=timing, at=at, **told)  # type: ignore[arg-type]
    refuse_below_use(subscription, when=wanted.effective_at, at=at, adds=[wanted.begins], ends=_ends(wanted))
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    change = _write(wanted, timing=timing, proration=proration, reason=reason, deed=deed)
    event = record(
        deed,
        "subscription:change_plan",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={
            "plan": [", ".join(item.plan.name for item in wanted.ends), plan.name],
            "timing": [None, timing.value],
            "as_of": [None, wanted.effective_at.isoformat()],
            "proration": [None, proration.value],
        },
    )
    journal_changes(account=account, before=before, at=at, cause=f"The plan changed to {plan.name}", event=event)
    return change


def _ends(wanted: WantedPlan) -> Mapping[int, datetime]:
    return {item.pk: wanted.effective_at for item in wanted.ends}


def _write(wanted: WantedPlan, *, timing: Timing, proration: Proration, reason: str, deed: Deed) -> SubscriptionChange:
    subscription, when = wanted.begins.subscription, wanted.effective_at
    ended = []
    for item in wanted.ends:
        if item.starts_at < when:
            ended.append((item.pk, item.ends_at))
            item.ends_at = when
            keep(item, deed=deed)
    if timing is Timing.NOW:
        for item in future_plans(subscription, since=when):
            take_back(item, deed=deed)
    begins = keep(wanted.begins, deed=deed)
    license_item(begins, deed=deed)
    return note_change(
        subscription,
        ChangeSort.PLAN,
        timing=timing,
        effective_at=when,
        words=wanted.words,
        item=begins,
        ended=ended,
        proration=proration,
        reason=reason,
        deed=deed,
    )


def refuse_below_use(
    subscription: Subscription,
    *,
    when: datetime,
    at: datetime,
    adds: Sequence[SubscriptionItem] = (),
    ends: Mapping[int, datetime],
    **read: Unpack[Read],
) -> None:
    """Raise BelowWhatIsInUse where a feature's rule wants less to be in use before less is given."""
    effect = effect_of(account=subscription.account, when=when, at=at, adds=adds, ends=ends, **read)
    if effect.refusals:
        raise BelowWhatIsInUse(" ".join(effect.refusals))


@transaction.atomic
def reschedule(*, change: SubscriptionChange, effective_at: datetime, by: Actor, at: datetime) -> SubscriptionChange:
    """Moved a change that is to come to another instant that is to come."""
    require_seller(by)
    change, account = _lock(change, at=at)
    _refuse_instant(change, effective_at, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    was = change.effective_at
    move_to(change, effective_at, timing=Timing.ON_DATE, deed=deed)
    event = record(
        deed,
        "subscription:move_change",
        subject=change.subscription,
        account_key=account.key,
        changes={change.words: [was.isoformat(), effective_at.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause="A planned change was moved", event=event)
    return change


@transaction.atomic
def cancel_change(*, change: SubscriptionChange, by: Actor, at: datetime, reason: str = "") -> SubscriptionChange:
    """Called off a change that is to come; everything is as if it had never been planned."""
    require_seller(by)
    change, account = _lock(change, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    call_off(change, deed=deed)
    event = record(
        deed,
        "subscription:call_off_change",
        subject=change.subscription,
        account_key=account.key,
        reason=reason,
        changes={change.words: [change.effective_at.isoformat(), None]},
    )
    journal_changes(account=account, before=before, at=at, cause="A planned change was called off", event=event)
    return change


def _lock(change: SubscriptionChange, *, at: datetime) -> tuple[SubscriptionChange, Account]:
    """The change as it stands once the account is ours, or the refusal that it is not to come any more."""
    account = open_for_change(change.subscription, at, beside=_is_ours(change))
    row = SubscriptionChange.objects.select_related("subscription__account", "item__plan").get(pk=change.pk)
    if row.cancelled_at is not None:
        raise ChangeOver(f"{row.words} was called off already.")
    if row.effective_at <= at or row.timing == Timing.NOW:
        raise ChangeOver(f"{row.words} has taken effect already. Change it anew instead.")
    return row, account


def _is_ours(change: SubscriptionChange) -> bool:
    """Staff planned another plan or something beside what is billed; neither came of whoever bills, nor is the end theirs."""
    return not change.billing_id and change.sort != ChangeSort.CANCEL


def _refuse_instant(change: SubscriptionChange, effective_at: datetime, *, at: datetime) -> None:
    subscription, item = change.subscription, change.item
    if effective_at <= at:
        raise Invalid("This day has begun already. Choose a later one, or call it off and change it now.", field="on")
    if effective_at <= subscription.starts_at:
        raise Invalid("The subscription has not begun by then.", field="on")
    end = None if change.sort == ChangeSort.CANCEL else subscription.ends_at
    if end is not None and end <= effective_at:
        raise Invalid("The subscription has ended by then. Choose an earlier day.", field="on")
    if why := keeps_from(change, effective_at):
        raise Invalid(why, field="on")
    if change.sort == ChangeSort.CANCEL:
        until = end_of_leaving(change, effective_at)
        refuse_begun_while_leaving(subscription, since=effective_at, until=until, at=at)
    if item is not None and item.follows_id is None:
        told = {"quantity": item.quantity, "interval": item.interval, "starts_at": effective_at}
        check_sale(subscription, item.plan, at=at, **told)
