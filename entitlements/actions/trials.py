"""Trials: extending and converting them. That they end needs no act: access ends at read time."""

from datetime import datetime

from django.db import transaction

from catalog.domain.window import add_days
from entitlements.actions.changes import journal_changes
from entitlements.domain.facts import Phase
from entitlements.domain.policy import Concession, Verdict, verdict
from entitlements.models import Account, Subscription, SubscriptionPhase
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.policies import policy_rules
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Approval

LONGEST_EXTENSION = 365


class NoRunningTrial(Refusal):
    """The subscription has no trial that is still running."""

    code = "no_running_trial"


@transaction.atomic
def extend(
    *, subscription: Subscription, days: int, reason: str, by: Actor, at: datetime, seen_end: datetime | None = None
) -> SubscriptionPhase | Approval:
    """Extended a trial by so many calendar days in the customer's zone, or asked for it where policy says so.

    `seen_end` is the end the form showed: pressed twice, the second press is refused instead of extending again.
    """
    by.require("entitlements.extend_trial")
    if not 1 <= days <= LONGEST_EXTENSION:
        raise Refusal(f"A trial is extended by 1 to {LONGEST_EXTENSION} days at a time.", field="days")
    account = Account.objects.select_for_update().get(pk=subscription.account_id)
    trial = running_trial(subscription, at=at)
    if seen_end is not None and seen_end != trial.ends_at:
        raise Refusal("This trial's end has changed since you opened the form. Look again before extending it.")
    new_end = add_days(end_of(trial), days, account.zone)
    judged = judge_extension(trial=trial, days=days, by=by)
    if not judged.within:
        return _ask(trial, days=days, new_end=new_end, why=judged.because, reason=reason, by=by, at=at)
    return _extend(trial, new_end=new_end, reason=reason, by=by, at=at)


def judge_extension(*, trial: SubscriptionPhase, days: int, by: Actor) -> Verdict:
    """Whether the role may extend this trial by so many days alone."""
    return verdict(
        policy_rules(),
        roles=by.roles,
        concession=Concession.TRIAL_EXTENSION,
        days=days,
        percent=None,
        times=trial.extended_times + 1,
    )


def running_trial(subscription: Subscription, *, at: datetime) -> SubscriptionPhase:
    """The trial of the subscription that is neither over nor converted."""
    trial = (
        SubscriptionPhase.objects.select_related("subscription__account")
        .filter(subscription=subscription, phase=Phase.TRIAL, starts_at__lte=at, ends_at__gt=at)
        .first()
    )
    if trial is None or trial.subscription.converted_at is not None:
        raise NoRunningTrial(f"{subscription} has no trial that is still running.")
    if trial.subscription.ends_at is not None and trial.subscription.ends_at <= at:
        raise NoRunningTrial(f"{subscription} has ended.")
    return trial


def end_of(trial: SubscriptionPhase) -> datetime:
    """When a trial that is still running ends; every trial is given an end when it starts."""
    assert trial.ends_at is not None
    return trial.ends_at


def _ask(
    trial: SubscriptionPhase, *, days: int, new_end: datetime, why: str, reason: str, by: Actor, at: datetime
) -> Approval:
    account = trial.subscription.account
    if Approval.objects.filter(kind="trial_extension", subject_key=str(trial.pk), state="pending").exists():
        raise Refusal("An extension of this trial is waiting for approval already.")
    return approvals.request(
        kind="trial_extension",
        subject=trial,
        account_key=account.key,
        summary=f"Extend the trial of {account} by {days} days. {why}",
        payload={"new_end": new_end.isoformat(), "old_end": end_of(trial).isoformat()},
        reason=reason,
        by=by,
        at=at,
    )


def approve_extension(*, approval: Approval, by: Actor, at: datetime) -> SubscriptionPhase:
    """Approved the extension of a trial."""
    trial = SubscriptionPhase.objects.select_related("subscription__account").get(pk=int(approval.subject_key))
    Account.objects.select_for_update().get(pk=trial.subscription.account_id)
    trial = running_trial(trial.subscription, at=at)
    if end_of(trial).isoformat() != approval.payload["old_end"]:
        raise Refusal("The end of this trial has changed since the extension was asked for. Reject it and ask anew.")
    new_end = datetime.fromisoformat(approval.payload["new_end"])
    return _extend(trial, new_end=new_end, reason=approval.reason, by=by, at=at)


def _extend(trial: SubscriptionPhase, *, new_end: datetime, reason: str, by: Actor, at: datetime) -> SubscriptionPhase:
    subscription = trial.subscription
    account = subscription.account
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    old_end, trial.ends_at = end_of(trial), new_end
    trial.extended_times += 1
    keep(trial, deed=deed)
    if subscription.ends_at is not None and subscription.ends_at < new_end:
        subscription.ends_at = new_end
        keep(subscription, deed=deed)
    event = record(
        deed,
        "trial:extend",
        subject=subscription,
        account_key=account.key,
        reason=reason,
        changes={"ends_at": [old_end.isoformat(), new_end.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause="The trial was extended", event=event)
    return trial


@transaction.atomic
def convert(*, subscription: Subscription, by: Actor, at: datetime) -> Subscription:
    """Turned a trial into a sale."""
    by.require("entitlements.convert_trial")
    account = Account.objects.select_for_update().get(pk=subscription.account_id)
    trial = running_trial(subscription, at=at)
    before = entitlements_of(account=account, at=at)
    deed = begin(by=by, at=at)
    subscription = trial.subscription
    subscription.converted_at = at
    keep(subscription, deed=deed)
    event = record(deed, "trial:convert", subject=subscription, account_key=account.key)
    journal_changes(account=account, before=before, at=at, cause="The trial was converted", event=event)
    return subscription
