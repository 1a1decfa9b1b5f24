"""Letting a trial that is over run again.

A trial lapses by its own date, so moving that date would rewrite what the customer had between its end and now. The
trial that runs again is therefore a subscription of its own, with what was tried sold to it anew, in trial from now on.
The old subscription ends at the same instant where it gave nothing but the fallback: two at once would count twice
wherever plans add up, during the new trial and again after it. Where it holds something else, bought since or lent,
only what lapsed ends in it. Whatever hangs on the old subscription by name, such as an override or a change to come,
would be lost silently; so it is refused while something does.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.domain.values import PlanKind
from catalog.queries.instants import say_instant
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.sales import sell_item
from entitlements.actions.subscriptions import begin_trial, open_subscription
from entitlements.actions.trials import LONGEST_EXTENSION, PERMISSION, end_of, judge_extension
from entitlements.domain.extending import AGAIN_WITHIN, again_until
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Move
from entitlements.domain.policy import Verdict
from entitlements.models import Override, Subscription, SubscriptionItem, SubscriptionPhase, TrialUse
from entitlements.models.override import OverrideState
from entitlements.queries.holdings import holdings
from entitlements.queries.life.state import require_move
from journal.actions import approvals
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Approval

KIND = "trial_reactivation"


class NotAgain(Refusal):
    """This trial can't run again."""

    code = "not_again"


@transaction.atomic
def reactivate(
    *, subscription: Subscription, days: int, reason: str, by: Actor, at: datetime
) -> SubscriptionPhase | Approval:
    """Let a trial that is over run again for so many days from now, or asked for it where policy says so.

    It is a concession like an extension, and counts as one more of them.
    """
    by.require(PERMISSION)
    if not 1 <= days <= LONGEST_EXTENSION:
        raise Refusal(f"A trial runs again for 1 to {LONGEST_EXTENSION} days.", field="days")
    lock_account(subscription.account_id)
    lapsed = lapsed_trial(subscription, at=at, asked_at=at)
    judged = judge_extension(trial=lapsed, days=days, by=by)
    if not judged.within:
        return _ask(lapsed, days=days, judged=judged, reason=reason, by=by, at=at)
    return _run_again(lapsed, days=days, reason=reason, by=by, at=at)


def lapsed_trial(subscription: Subscription, *, at: datetime, asked_at: datetime) -> SubscriptionPhase:
    """The trial that may run again, or the refusal that says why it can't."""
    subscription = Subscription.objects.select_related("account").get(pk=subscription.pk)
    require_move(subscription, Move.REACTIVATE_TRIAL, at=at)
    trial = subscription.phases.get(phase=Phase.TRIAL)
    trial.subscription = subscription
    zone = subscription.account.zone
    if asked_at >= again_until(end_of(trial), zone=zone):
        ended = say_instant(end_of(trial), zone=zone)
        raise NotAgain(f"This trial ended {ended}. Only one that ended up to {AGAIN_WITHIN} days ago can run again.")
    if subscription.billed_by:
        raise NotAgain(f"{subscription} is billed by another system, which has ended the trial. Start a new one.")
    _refuse_what_hangs_on(subscription, at=at)
    _refuse_held_already(trial, at=at)
    return trial


def _refuse_what_hangs_on(subscription: Subscription, *, at: datetime) -> None:
    """An override or a change of this very subscription would be lost with it, and nobody would have decided that."""
    to_come = subscription.changes.filter(cancelled_at__isnull=True, effective_at__gt=at).first()
    if to_come is not None or subscription.items.filter(starts_at__gt=at).exists():
        what = f": {to_come.words}" if to_come else ""
        raise NotAgain(f"A change of {subscription} is still to come{what}. Call it off first.")
    overrides = Override.objects.filter(subscription=subscription, state=OverrideState.APPROVED, revoked_at=None)
    override = overrides.exclude(ends_at__lte=at).select_related("feature").first()
    if override is not None:
        raise NotAgain(
            f"An override on {override.feature} belongs to {subscription} alone and would be lost. "
            "Revoke it first, and grant it again afterwards."
        )


def _refuse_held_already(trial: SubscriptionPhase, *, at: datetime) -> None:
    subscription = trial.subscription
    tried = {item.plan_id for item in tried_items(trial) if item.plan.kind == PlanKind.PLAN}
    if not tried:
        raise NotAgain(f"No plan was tried in {subscription} at the end of its trial.")
    held = holdings(account_ids=[subscription.account_id], at=at)[subscription.account_id]
    others = [found.id for found in held if found.live and not found.lapsed]
    items = SubscriptionItem.objects.filter(_going_on(at), subscription__in=others, plan__in=tried, lent=False)
    has = items.select_related("plan", "subscription__account").first()
    if has is not None:
        raise NotAgain(f"{has.plan} is held already, by {has.subscription}.")


def _going_on(at: datetime) -> Q:
    return Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def tried_items(trial: SubscriptionPhase) -> QuerySet[SubscriptionItem]:
    """What the trial was of at its end; what came with a bundle or a code was bound to that and is not given again."""
    end = end_of(trial)
    items = trial.subscription.items.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=end), starts_at__lt=end)
    plans = Q(plan__kind=PlanKind.PLAN) | Q(origin="", sold_bundle__isnull=True)
    return items.filter(plans, lent=False).select_related("plan").order_by("pk")


def _ask(lapsed: SubscriptionPhase, *, days: int, judged: Verdict, reason: str, by: Actor, at: datetime) -> Approval:
    account = lapsed.subscription.account
    if Approval.objects.filter(kind=KIND, subject_key=str(lapsed.pk), state="pending").exists():
        raise Refusal("It is waiting for approval already that this trial runs again.")
    return approvals.request(
        kind=KIND,
        subject=lapsed,
        account_key=account.key,
        summary=f"Let the trial of {account} run again for {days} day{'' if days == 1 else 's'} "
        f"from the approval on. {judged.because}",
        payload={"days": days},
        reason=reason,
        by=by,
        at=at,
        approver_role=judged.approver_role,
    )


def approve_reactivation(*, approval: Approval, by: Actor, at: datetime) -> SubscriptionPhase:
    """Approved that a trial runs again: from now on, not from when it was asked for."""
    lapsed = SubscriptionPhase.objects.select_related("subscription__account").get(pk=int(approval.subject_key))
    lock_account(lapsed.subscription.account_id)
    lapsed = lapsed_trial(lapsed.subscription, at=at, asked_at=approval.requested_at)
    return _run_again(lapsed, days=approval.payload["days"], reason=approval.reason, by=by, at=at)


def _run_again(lapsed: SubscriptionPhase, *, days: int, reason: str, by: Actor, at: datetime) -> SubscriptionPhase:
    old = lapsed.subscription
    account = old.account
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    tried = list(tried_items(lapsed))
    new = open_subscription(account, starts_at=at, deed=deed)
    for item in tried:
        sell_item(new, item.plan, quantity=item.quantity, interval=item.interval, starts_at=at, deed=deed)
    trial = begin_trial(new, days=days, deed=deed, extended_times=lapsed.extended_times + 1)
    for use in old.trial_uses.all():  # it is the same trial: what was used in it stays used
        keep(TrialUse(subscription=new, feature_id=use.feature_id, used_at=use.used_at), deed=deed)
    event = record(
        deed,
        "trial:reactivate",
        subject=new,
        account_key=account.key,
        reason=reason,
        changes={
            "again": [None, f"{', '.join(item.plan.name for item in tried)}, tried in subscription {old.number}"],
            "ends_at": [end_of(lapsed).isoformat(), end_of(trial).isoformat()],
        },
    )
    _end_what_lapsed(lapsed, again=new, deed=deed)
    journal_changes(account=account, before=before, at=at, cause="The trial runs again", event=event)
    return trial


def _end_what_lapsed(lapsed: SubscriptionPhase, *, again: Subscription, deed: Deed) -> None:
    """End the old subscription, or of one that holds something else too only what fell back."""
    old, at = lapsed.subscription, deed.at
    was = old.ends_at
    ended = what_ends(lapsed, at=at)
    for row in ended:
        row.ends_at = at
        keep(row, deed=deed)
    if old in ended:
        changes = {"ends_at": [was and was.isoformat(), at.isoformat()]}
    else:
        changes = {"item": [", ".join(item.plan.name for item in ended if isinstance(item, SubscriptionItem)), None]}
    reason = f"Its trial runs again as subscription {again.number}"
    account_key = old.account.key
    record(deed, "subscription:end", subject=old, account_key=account_key, reason=reason, changes=changes)


def what_ends(lapsed: SubscriptionPhase, *, at: datetime) -> list[Subscription | SubscriptionItem]:
    """The old subscription, or where it holds something else too, those of its items that lapsed with the trial."""
    old = lapsed.subscription
    going_on = list(old.items.filter(_going_on(at)).select_related("plan").order_by("pk"))
    fell_back = [item for item in going_on if not item.lent and _begun(item) < end_of(lapsed)]
    return [old] if len(fell_back) == len(going_on) else [*fell_back]


def _begun(item: SubscriptionItem) -> datetime:
    """When what the item goes on with began, in whatever quantity."""
    while item.follows is not None:
        item = item.follows
    return item.starts_at
