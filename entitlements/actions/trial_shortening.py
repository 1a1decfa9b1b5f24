"""Taking back by how much a trial was made longer, whenever what it was made longer for is no longer so."""

from datetime import datetime

from django.db import transaction

from catalog.domain.window import add_days
from entitlements.actions.billing import promise_trial_end
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.locking import lock_account
from entitlements.actions.subscriptions import SCOPE
from entitlements.actions.trials import PERMISSION, end_of
from entitlements.domain.extending import days_begun
from entitlements.models import SubscriptionPhase
from entitlements.queries.life.trials import EXTENDED, trials_running
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.models import AuditEvent


@transaction.atomic
def take_extension_back(
    *, trial: SubscriptionPhase, old_end: datetime, new_end: datetime, reason: str, by: Actor, at: datetime
) -> SubscriptionPhase:
    """Took back the extension of a trial from its old end to its new one; it ends now at the earliest.

    What it was extended by afterwards stays. A trial that is over, or was converted, is left as it is: nothing of what
    the customer had is taken away.
    """
    if not by.may(SCOPE):
        by.require(PERMISSION)
    account = lock_account(trial.subscription.account_id)
    running = trials_running(at=at).filter(pk=trial.pk).first()
    if running is None:
        return SubscriptionPhase.objects.select_related("subscription__account").get(pk=trial.pk)
    trial, was = running, end_of(running)
    days = days_begun(old_end, new_end, zone=account.zone)
    ends_at = max(add_days(was, -days, account.zone) if was > new_end else old_end, at)
    if ends_at >= was:
        return trial
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    trial.ends_at, trial.extended_times = ends_at, max(trial.extended_times - 1, 0)
    if trial.extended_from == old_end:
        trial.extended_at = trial.extended_from = None
    keep(trial, deed=deed)
    changes = {"ends_at": [was.isoformat(), ends_at.isoformat()]}
    subscription = trial.subscription
    moved = _subscription_end_before(trial, old_end, new_end)
    if moved is not None:
        changes["subscription_ends_at"] = [new_end.isoformat(), max(moved, at).isoformat()]
        subscription.ends_at = max(moved, at)
        keep(subscription, deed=deed)
    event = record(
        deed, "trial:take_back_extension", subject=subscription, account_key=account.key, reason=reason, changes=changes
    )
    promise_trial_end(subscription, trial_end=ends_at, event=event, at=at)
    journal_changes(account=account, before=before, at=at, cause="An extension was taken back", event=event)
    return trial


def _subscription_end_before(trial: SubscriptionPhase, old_end: datetime, new_end: datetime) -> datetime | None:
    """When the subscription itself would have ended, where that extension moved it and nothing has since."""
    if trial.subscription.ends_at != new_end:
        return None
    events = AuditEvent.objects.filter(subject_type="subscription", subject_key=str(trial.subscription_id))
    for event in events.filter(verb=EXTENDED).order_by("-seq"):
        said = event.changes
        if said["ends_at"] == [old_end.isoformat(), new_end.isoformat()] and "subscription_ends_at" in said:
            return datetime.fromisoformat(said["subscription_ends_at"][0])
    return None
