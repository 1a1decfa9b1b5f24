"""What an account buys: starting subscriptions, adding to them, ending them.

Another plan is in `plan_changes`, another quantity in `items`, and what befalls a running one in `lifecycle`.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from catalog.domain.values import PlanKind
from catalog.domain.window import add_days
from catalog.models import Plan
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import note_change
from entitlements.actions.locking import lock_account
from entitlements.actions.sales import sell_item, version_to_sell
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Move
from entitlements.domain.policy import Concession, verdict
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Account, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.queries.billed.guard import refuse_billed
from entitlements.queries.contracts.guard import refuse_under_contract
from entitlements.queries.life.planned import pending_cancellation
from entitlements.queries.life.state import require_move
from entitlements.queries.policies import policy_rules
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Refusal

PERMISSION = "entitlements.start_subscription"
SCOPE = "subscriptions:write"


class SubscriptionOver(Refusal):
    """The subscription has ended; nothing in it can change any more."""

    code = "subscription_over"


@transaction.atomic
def start(
    *,
    account: Account,
    plan: Plan,
    by: Actor,
    at: datetime,
    quantity: int = 1,
    interval: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    trial_days: int | None = None,
    with_card: bool = False,
    billed_by: str = "",
    billing_id: str = "",
) -> Subscription:
    """Started a subscription to a plan, with a trial where one was asked for.

    `with_card`: the customer left a card, so at its end the trial becomes a sale by itself. `billed_by` is the
    connected system that bills it, and `billing_id` what that system calls it.
    """
    require_seller(by)
    lock_account(account.pk)
    if plan.kind != PlanKind.PLAN:
        raise Refusal(f"{plan} is an add-on; a subscription starts with a plan.", field="plan")
    if starts_at is not None and starts_at < at:
        raise Refusal(
            "A subscription can't start in the past: what was answered until now stays true.", field="starts_at"
        )
    _refuse_contradiction(trial_days, with_card=with_card, billed_by=billed_by, billing_id=billing_id)
    _refuse_long_trial(plan, trial_days, by=by, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    billing = {"billed_by": billed_by, "billing_id": billing_id}
    subscription = open_subscription(account, starts_at=starts_at or at, ends_at=ends_at, deed=deed, **billing)
    sell_item(subscription, plan, quantity=quantity, interval=interval, starts_at=subscription.starts_at, deed=deed)
    if trial_days is not None:
        begin_trial(subscription, days=trial_days, with_card=with_card, deed=deed)
    card = ", with a card on file" if with_card else ""
    what = f"{plan.name}, {trial_days} days of trial{card}" if trial_days is not None else plan.name
    event = record(
        deed, "subscription:start", subject=subscription, account_key=account.key, changes={"plan": [None, what]}
    )
    journal_changes(account=account, before=before, at=at, cause=f"{plan.name} was started", event=event)
    return subscription


def open_subscription(
    account: Account,
    *,
    starts_at: datetime,
    deed: Deed,
    ends_at: datetime | None = None,
    billed_by: str = "",
    billing_id: str = "",
) -> Subscription:
    """The account's next subscription, still without anything in it."""
    last = account.subscriptions.aggregate(last=Max("number"))["last"] or 0
    row = Subscription(
        account=account,
        number=last + 1,
        starts_at=starts_at,
        ends_at=ends_at,
        billed_by=billed_by,
        billing_id=billing_id,
    )
    return keep(row, deed=deed)


def begin_trial(
    subscription: Subscription, *, days: int, deed: Deed, with_card: bool = False, extended_times: int = 0
) -> SubscriptionPhase:
    """The trial of a subscription that has just been opened, of calendar days in the customer's zone."""
    begins = subscription.starts_at
    trial = SubscriptionPhase(
        subscription=subscription,
        phase=Phase.TRIAL,
        starts_at=begins,
        ends_at=add_days(begins, days, subscription.account.zone),
        with_card=with_card,
        extended_times=extended_times,
    )
    return keep(trial, deed=deed)


def _refuse_contradiction(days: int | None, *, with_card: bool, billed_by: str, billing_id: str) -> None:
    if days is not None and days < 1:
        raise Refusal("A trial lasts at least a day.", field="trial_days")
    if with_card and days is None:
        raise Refusal("A card is kept for the end of a trial: say how long the trial is.", field="trial_days")
    if billing_id and not billed_by:
        raise Refusal("Say which system bills it under that id.", field="billed_by")


def _refuse_long_trial(plan: Plan, days: int | None, *, by: Actor, at: datetime) -> None:
    """A trial is as long as the plan's own, and beyond it no longer than the role may extend one."""
    if days is None or by.kind is ActorKind.SYSTEM:
        return
    own = version_to_sell(plan, at).trial_days or 0
    more = days - own
    judged = verdict(
        policy_rules(), roles=by.roles, concession=Concession.TRIAL_EXTENSION, days=more, percent=None, times=1
    )
    if more > 0 and not judged.within:
        offered = f"{plan} is tried for {own} days" if own else f"{plan} has no trial of its own"
        raise Refusal(
            f"{offered}, and {days} days are more than you may give alone. Start with less and ask for an extension.",
            field="trial_days",
        )


@transaction.atomic
def add_item(
    *,
    subscription: Subscription,
    plan: Plan,
    by: Actor,
    at: datetime,
    quantity: int = 1,
    interval: str = "",
    lent: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    proration: Proration = Proration.NONE,
) -> SubscriptionItem:
    """Added a plan or an add-on to a subscription, from now or from an instant to come."""
    require_seller(by)
    account = open_for_change(subscription, at, beside=True)
    require_move(subscription, Move.CHANGE, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    begins = starts_at or at
    item = sell_item(
        subscription,
        plan,
        quantity=quantity,
        interval=interval,
        lent=lent,
        starts_at=begins,
        ends_at=ends_at,
        deed=deed,
    )
    if not lent:
        note_change(
            subscription,
            ChangeSort.ADD_ON,
            timing=Timing.ON_DATE if begins > at else Timing.NOW,
            effective_at=begins,
            words=f"{quantity} × {plan.name}",
            item=item,
            proration=proration,
            deed=deed,
        )
    event = record(
        deed,
        "subscription:add",
        subject=subscription,
        account_key=account.key,
        changes={"item": [None, f"{quantity} × {plan.name}"]}
        | ({"starts_at": [None, begins.isoformat()]} if begins > at else {})
        | ({"proration": [None, proration.value]} if proration is not Proration.NONE else {}),
    )
    journal_changes(account=account, before=before, at=at, cause=f"{plan.name} was added", event=event)
    return item


@transaction.atomic
def end(*, subscription: Subscription, ends_at: datetime, reason: str, by: Actor, at: datetime) -> Subscription:
    """Ended a subscription, at once or at an instant to come."""
    require_seller(by)
    account = open_for_change(subscription, at)
    if ends_at < at:
        raise Refusal("A subscription can't end in the past.", field="ends_at")
    leaving = pending_cancellation(subscription, at=at)
    if leaving is not None and subscription.ends_at is not None and subscription.ends_at < ends_at:
        raise Refusal(f"{leaving} ends before. Take the cancellation back first.", field="ends_at")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    was, subscription.ends_at = subscription.ends_at, ends_at
    keep(subscription, deed=deed)
    event = record(
        deed,
        "subscription:end",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={"ends_at": [was and was.isoformat(), ends_at.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause="The subscription was ended", event=event)
    return subscription


def require_seller(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def open_for_change(
    subscription: Subscription, at: datetime, *, befalls: bool = False, beside: bool = False
) -> Account:
    """The account, locked so that two changes of one customer follow each other.

    What a contract's subscription holds, and how long, is changed by the contract only; payments and pauses befall it
    as they befall any other. What a connected system bills is changed there, but for what is `beside` that.
    """
    account = lock_account(subscription.account_id)
    subscription.refresh_from_db()
    if not befalls:
        refuse_under_contract(subscription)
    if not beside:
        refuse_billed(subscription)
    if subscription.ends_at is not None and subscription.ends_at <= at:
        raise SubscriptionOver(f"{subscription} has ended. Start a new one instead.")
    return account
