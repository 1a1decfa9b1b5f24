"""What an account buys: starting, changing and ending subscriptions."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from catalog.domain.rollouts import version_on_sale
from catalog.domain.values import PlanKind
from catalog.domain.window import add_days
from catalog.models import Plan, PlanVersion, Rollout
from entitlements.actions.changes import journal_changes
from entitlements.domain.facts import Phase
from entitlements.domain.policy import Concession, verdict
from entitlements.models import Account, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import policy_rules
from journal.actions.deeds import Deed, begin, keep, record, remove
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Refusal

PERMISSION = "entitlements.start_subscription"


class NotOnSale(Refusal):
    """The plan has no published version that could be sold at that moment."""

    code = "not_on_sale"


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
) -> Subscription:
    """Started a subscription to a plan, with a trial where one was asked for."""
    by.require(PERMISSION)
    Account.objects.select_for_update().get(pk=account.pk)
    if plan.kind != PlanKind.PLAN:
        raise Refusal(f"{plan} is an add-on; a subscription starts with a plan.", field="plan")
    if starts_at is not None and starts_at < at:
        raise Refusal(
            "A subscription can't start in the past: what was answered until now stays true.", field="starts_at"
        )
    _refuse_long_trial(plan, trial_days, by=by, at=at)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    last = account.subscriptions.aggregate(last=Max("number"))["last"] or 0
    subscription = Subscription(account=account, number=last + 1, starts_at=starts_at or at, ends_at=ends_at)
    keep(subscription, deed=deed)
    _sell(subscription, plan, quantity=quantity, interval=interval, starts_at=subscription.starts_at, deed=deed)
    if trial_days is not None:
        end = add_days(subscription.starts_at, trial_days, account.zone)
        trial = SubscriptionPhase(
            subscription=subscription, phase=Phase.TRIAL, starts_at=subscription.starts_at, ends_at=end
        )
        keep(trial, deed=deed)
    what = f"{plan.name}, {trial_days} days of trial" if trial_days is not None else plan.name
    event = record(
        deed, "subscription:start", subject=subscription, account_key=account.key, changes={"plan": [None, what]}
    )
    journal_changes(account=account, before=before, at=at, cause=f"{plan.name} was started", event=event)
    return subscription


def _refuse_long_trial(plan: Plan, days: int | None, *, by: Actor, at: datetime) -> None:
    """A trial is as long as the plan's own, and beyond it no longer than the role may extend one."""
    if days is None or by.kind is ActorKind.SYSTEM:
        return
    own = _version_to_sell(plan, at).trial_days or 0
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
    lent: bool = False,
    ends_at: datetime | None = None,
) -> SubscriptionItem:
    """Added a plan or an add-on to a subscription."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    item = _sell(subscription, plan, quantity=quantity, starts_at=at, ends_at=ends_at, lent=lent, deed=deed)
    event = record(
        deed,
        "subscription:add",
        subject=subscription,
        account_key=account.key,
        changes={"item": [None, f"{quantity} × {plan.name}"]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{plan.name} was added", event=event)
    return item


@transaction.atomic
def change_plan(*, subscription: Subscription, plan: Plan, by: Actor, at: datetime) -> SubscriptionItem:
    """Changed the plan of a subscription at once, in the quantity and interval it had; it gets the version on sale."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    old = _end_plans(subscription, at=at, deed=deed)
    new = _sell(
        subscription,
        plan,
        quantity=max((item.quantity for item in old), default=1),
        interval=next((item.interval for item in old), ""),
        starts_at=max(at, subscription.starts_at),
        deed=deed,
    )
    event = record(
        deed,
        "subscription:change_plan",
        subject=subscription,
        account_key=account.key,
        changes={"plan": [", ".join(item.plan.name for item in old), plan.name]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"The plan changed to {plan.name}", event=event)
    return new


def _end_plans(subscription: Subscription, *, at: datetime, deed: Deed) -> list[SubscriptionItem]:
    """End the plans that are held now, and take back those that were still to begin; lent ones end by themselves."""
    items = subscription.items.select_related("plan").filter(plan__kind=PlanKind.PLAN, lent=False)
    ended = []
    for item in items:
        if item.starts_at >= at:
            remove(item, deed=deed)
        elif item.window.contains(at):
            item.ends_at = at
            keep(item, deed=deed)
        else:
            continue
        ended.append(item)
    return ended


@transaction.atomic
def end(*, subscription: Subscription, ends_at: datetime, reason: str, by: Actor, at: datetime) -> Subscription:
    """Ended a subscription, at once or at an instant to come."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at)
    if ends_at < at:
        raise Refusal("A subscription can't end in the past.", field="ends_at")
    before = entitlements_of(account=account, at=at)
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


def open_for_change(subscription: Subscription, at: datetime) -> Account:
    """The account, locked so that two changes of one customer follow each other."""
    account = Account.objects.select_for_update().get(pk=subscription.account_id)
    subscription.refresh_from_db()
    if subscription.ends_at is not None and subscription.ends_at <= at:
        raise SubscriptionOver(f"{subscription} has ended. Start a new one instead.")
    return account


def _sell(
    subscription: Subscription,
    plan: Plan,
    *,
    quantity: int,
    starts_at: datetime,
    deed: Deed,
    interval: str = "",
    ends_at: datetime | None = None,
    lent: bool = False,
) -> SubscriptionItem:
    """Record an item; it pins the version that is on sale at the moment of recording."""
    if quantity < 1:
        raise Refusal("The quantity is at least 1.", field="quantity")
    item = SubscriptionItem(
        subscription=subscription,
        plan=plan,
        version=_version_to_sell(plan, deed.at),
        quantity=quantity,
        interval=interval,
        starts_at=starts_at,
        ends_at=ends_at,
        lent=lent,
    )
    keep(item, deed=deed)
    return item


def _version_to_sell(plan: Plan, at: datetime) -> PlanVersion:
    rollouts = [row.fact for row in Rollout.objects.filter(version__plan=plan).select_related("version__plan")]
    pk = version_on_sale(plan=plan.key, rollouts=rollouts, at=at)
    if pk is None:
        raise NotOnSale(f"{plan} is not on sale: publish a version of it first.", field="plan")
    return PlanVersion.objects.get(pk=int(pk))
