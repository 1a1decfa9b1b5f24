"""Trials: extending them, taking that back, converting them. That they end needs no act: access ends at read time."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from catalog.queries.instants import say_instant, say_until
from entitlements.actions.billing import promise_trial_end
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.subscriptions import SCOPE
from entitlements.domain.extending import UNDO_FOR, days_begun, extended_end
from entitlements.domain.lifecycle import Move
from entitlements.domain.policy import Concession, PolicyRule, Verdict, verdict
from entitlements.models import Subscription, SubscriptionPhase
from entitlements.queries.life.planned import pending_cancellation
from entitlements.queries.life.state import NotPermitted, require_move
from entitlements.queries.life.trials import EXTENDED, last_extension, trials_running, undo_open
from entitlements.queries.policies import policy_rules
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import Approval

PERMISSION = "entitlements.extend_trial"
LONGEST_EXTENSION = 365


class NoRunningTrial(NotPermitted):
    """The subscription has no trial that is still running."""

    code = "no_running_trial"


class NothingToUndo(Refusal):
    """The last extension can't be undone, or can't be undone any more."""

    code = "nothing_to_undo"


@transaction.atomic
def extend(
    *,
    subscription: Subscription,
    reason: str,
    by: Actor,
    at: datetime,
    days: int | None = None,
    until: date | None = None,
    seen_end: datetime | None = None,
) -> SubscriptionPhase | Approval:
    """Extended a trial in the customer's calendar, or asked for it where policy says so.

    By so many days, or so that it runs through the day `until`. `seen_end` is the end the form showed: pressed twice,
    the second press is refused instead of extending again.
    """
    _require(by, PERMISSION)
    account = lock_account(subscription.account_id)
    trial = running_trial(subscription, at=at)
    _refuse_leaving(trial, at=at)
    if seen_end is not None and seen_end != trial.ends_at:
        raise Stale("This trial's end has changed since you opened the form. Look again before extending it.")
    new_end = new_end_of(trial, zone=account.zone, days=days, until=until)
    days = days_begun(end_of(trial), new_end, zone=account.zone)
    judged = judge_extension(trial=trial, days=days, by=by)
    if not judged.within:
        return _ask(trial, days=days, new_end=new_end, judged=judged, reason=reason, by=by, at=at)
    return _extend(trial, new_end=new_end, reason=reason, by=by, at=at)


def new_end_of(trial: SubscriptionPhase, *, zone: str, days: int | None, until: date | None) -> datetime:
    """Where an extension leads, or the refusal of one that leads nowhere."""
    field = "days" if until is None else "until"
    within = f"A trial is extended by 1 to {LONGEST_EXTENSION} days at a time."
    if (days is None) == (until is None):
        raise Refusal("Say how many days, or through which day.", field=field)
    if days is not None and not 1 <= days <= LONGEST_EXTENSION:
        raise Refusal(within, field=field)
    end = end_of(trial)
    apart = 0 if until is None else (until - end.date()).days
    if apart > LONGEST_EXTENSION + 1:  # no calendar is asked about the year 9999
        raise Refusal(within, field=field)
    new_end = end if apart < -2 else extended_end(end, zone=zone, days=days, through=until)
    if new_end <= end:
        raise Refusal(f"The trial runs {say_until(end, zone=zone)} already; choose a later day.", field=field)
    if days_begun(end, new_end, zone=zone) > LONGEST_EXTENSION:
        raise Refusal(within, field=field)
    _refuse_longer(trial, than=new_end, field=field)
    return new_end


def _refuse_longer(trial: SubscriptionPhase, *, than: datetime, field: str = "") -> None:
    """What ends before its trial would come back by more days than were judged; what is sold after it would lapse."""
    subscription, zone = trial.subscription, trial.subscription.account.zone
    if subscription.ends_at is not None and subscription.ends_at < end_of(trial):
        raise Refusal(f"{subscription} ends on {say_instant(subscription.ends_at, zone=zone)}, before its trial would.")
    sold = [item for item in subscription.items.all() if not item.lent and item.follows_id is None]
    after = [item for item in sold if end_of(trial) <= item.starts_at < than]
    if after and not trial.with_card:
        day = say_instant(after[0].starts_at, zone=zone)
        raise Refusal(f"{after[0].plan} is sold from {day} on; move that first.", field=field)


def judge_extension(
    *, trial: SubscriptionPhase, days: int, by: Actor, rules: Sequence[PolicyRule] | None = None
) -> Verdict:
    """Whether the role may extend this trial by so many days alone; `rules` spare whoever judges many a read each."""
    return verdict(
        policy_rules() if rules is None else rules,
        roles=by.roles,
        concession=Concession.TRIAL_EXTENSION,
        days=days,
        percent=None,
        times=trial.extended_times + 1,
    )


def running_trial(subscription: Subscription, *, at: datetime, move: Move = Move.EXTEND_TRIAL) -> SubscriptionPhase:
    """The trial of the subscription that is neither over nor converted, where its state permits the move."""
    trial = trials_running(at=at).filter(subscription=subscription).first()
    if trial is None:
        raise NoRunningTrial(f"{subscription} has no trial that is still running.")
    require_move(trial.subscription, move, at=at)
    return trial


def end_of(trial: SubscriptionPhase) -> datetime:
    """When a trial that is still running ends; every trial is given an end when it starts."""
    assert trial.ends_at is not None
    return trial.ends_at


def _ask(
    trial: SubscriptionPhase, *, days: int, new_end: datetime, judged: Verdict, reason: str, by: Actor, at: datetime
) -> Approval:
    account = trial.subscription.account
    if Approval.objects.filter(kind="trial_extension", subject_key=str(trial.pk), state="pending").exists():
        raise Refusal("An extension of this trial is waiting for approval already.")
    runs = say_until(new_end, zone=account.zone)
    return approvals.request(
        kind="trial_extension",
        subject=trial,
        account_key=account.key,
        summary=f"Extend the trial of {account} by {days} day{'' if days == 1 else 's'}, to run {runs}. {judged.because}",
        payload={"new_end": new_end.isoformat(), "old_end": end_of(trial).isoformat()},
        reason=reason,
        by=by,
        at=at,
        approver_role=judged.approver_role,
    )


def approve_extension(*, approval: Approval, by: Actor, at: datetime) -> SubscriptionPhase:
    """Approved the extension of a trial."""
    trial = SubscriptionPhase.objects.select_related("subscription__account").get(pk=int(approval.subject_key))
    lock_account(trial.subscription.account_id)
    trial = running_trial(trial.subscription, at=at)
    _refuse_leaving(trial, at=at)
    if end_of(trial).isoformat() != approval.payload["old_end"]:
        raise Refusal("The end of this trial has changed since the extension was asked for. Reject it and ask anew.")
    new_end = datetime.fromisoformat(approval.payload["new_end"])
    _refuse_longer(trial, than=new_end)
    return _extend(trial, new_end=new_end, reason=approval.reason, by=by, at=at)


def _extend(trial: SubscriptionPhase, *, new_end: datetime, reason: str, by: Actor, at: datetime) -> SubscriptionPhase:
    subscription = trial.subscription
    account = subscription.account
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    old_end, trial.ends_at = end_of(trial), new_end
    trial.extended_times += 1
    trial.extended_at, trial.extended_from = at, old_end
    keep(trial, deed=deed)
    changes = {"ends_at": [old_end.isoformat(), new_end.isoformat()]}
    if subscription.ends_at is not None and subscription.ends_at < new_end:
        changes["subscription_ends_at"] = [subscription.ends_at.isoformat(), new_end.isoformat()]
        subscription.ends_at = new_end
        keep(subscription, deed=deed)
    event = record(deed, EXTENDED, subject=subscription, account_key=account.key, reason=reason, changes=changes)
    promise_trial_end(subscription, trial_end=new_end, event=event, at=at)
    journal_changes(account=account, before=before, at=at, cause="The trial was extended", event=event)
    return trial


@transaction.atomic
def undo_extension(
    *, subscription: Subscription, by: Actor, at: datetime, seen_end: datetime | None = None
) -> SubscriptionPhase:
    """Undid the last extension of a trial, within ten minutes of it.

    Never once the old end has passed: the customer has access by the extension then, and undoing it would end that
    access without warning. Nor where something was decided since that counts on the new end.
    """
    by.require(PERMISSION)
    account = lock_account(subscription.account_id)
    trial = running_trial(subscription, at=at, move=Move.UNDO_EXTENSION)
    if seen_end is not None and seen_end != trial.ends_at:
        raise Stale("This trial's end has changed since you opened the form. Look again before undoing anything.")
    old_end = end_before(trial, at=at)
    subscription = trial.subscription
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    new_end, trial.ends_at = end_of(trial), old_end
    trial.extended_times -= 1
    trial.extended_at = trial.extended_from = None
    keep(trial, deed=deed)
    changes = {"ends_at": [new_end.isoformat(), old_end.isoformat()]}
    if moved := _subscription_end_before(trial):
        changes["subscription_ends_at"] = [new_end.isoformat(), moved.isoformat()]
        subscription.ends_at = moved
        keep(subscription, deed=deed)
    event = record(deed, "trial:undo_extension", subject=subscription, account_key=account.key, changes=changes)
    promise_trial_end(subscription, trial_end=old_end, event=event, at=at)
    journal_changes(account=account, before=before, at=at, cause="The extension was undone", event=event)
    return trial


def end_before(trial: SubscriptionPhase, *, at: datetime) -> datetime:
    """The end to go back to, or the refusal of going back."""
    zone = trial.subscription.account.zone
    if trial.extended_at is None or trial.extended_from is None:
        raise NothingToUndo("There is no extension to undo: only the last one can be undone, and only once.")
    if trial.extended_from <= at:
        raise NothingToUndo("Its old end has passed, so undoing it would end access at once. End the trial instead.")
    if undo_open(trial, at=at) is None:
        last = say_instant(trial.extended_at + UNDO_FOR, zone=zone)
        raise NothingToUndo(f"An extension can be undone for ten minutes; for this one that was until {last}.")
    since = {"recorded_at__gte": trial.extended_at}
    subscription = trial.subscription
    decided = subscription.changes.filter(cancelled_at__isnull=True, **since).exists()
    if decided or subscription.items.filter(**since).exists():
        raise NothingToUndo(f"What {subscription} holds was changed since. Take that back first.")
    return trial.extended_from


def _subscription_end_before(trial: SubscriptionPhase) -> datetime | None:
    """When the subscription itself would have ended, where the extension moved that too."""
    event = last_extension(trial)
    if event is None or "subscription_ends_at" not in event.changes:
        return None
    before, after = map(datetime.fromisoformat, event.changes["subscription_ends_at"])
    if trial.subscription.ends_at != after:
        raise NothingToUndo(f"The end of {trial.subscription} was changed since. Take that back first.")
    return before


@transaction.atomic
def convert(*, subscription: Subscription, by: Actor, at: datetime) -> Subscription:
    """Turned a trial into a sale."""
    _require(by, "entitlements.convert_trial")
    account = lock_account(subscription.account_id)
    trial = running_trial(subscription, at=at, move=Move.CONVERT_TRIAL)
    _refuse_leaving(trial, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    subscription = trial.subscription
    subscription.converted_at = at
    keep(subscription, deed=deed)
    event = record(deed, "trial:convert", subject=subscription, account_key=account.key)
    promise_trial_end(subscription, trial_end=at, event=event, at=at)
    journal_changes(account=account, before=before, at=at, cause="The trial was converted", event=event)
    return subscription


def _refuse_leaving(trial: SubscriptionPhase, *, at: datetime) -> None:
    """Whoever has cancelled leaves at the end that was said then; a longer trial would keep them unasked."""
    leaving = pending_cancellation(trial.subscription, at=at)
    if leaving is not None:
        day = say_instant(leaving.effective_at, zone=trial.subscription.account.zone)
        raise Refusal(f"{trial.subscription} is cancelled as of {day}. Keep it going first.")


def _require(by: Actor, permission: str) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(permission)
