"""Trials that run, that were just extended, and that are over but may run again."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from entitlements.domain.extending import again_until, undo_until
from entitlements.domain.facts import Phase
from entitlements.models import SubscriptionPhase
from journal.models import Approval, AuditEvent

EXTENDED = "trial:extend"


def trials_running(*, at: datetime) -> QuerySet[SubscriptionPhase]:
    """Every trial that is neither over nor converted, of a subscription that has not ended; the soonest to end first."""
    going_on = Q(subscription__ends_at__isnull=True) | Q(subscription__ends_at__gt=at)
    rows = SubscriptionPhase.objects.filter(
        going_on, phase=Phase.TRIAL, starts_at__lte=at, ends_at__gt=at, subscription__converted_at__isnull=True
    )
    return rows.select_related("subscription__account").order_by("ends_at", "pk")


def trials_of(*, account_ids: Collection[int], at: datetime) -> dict[int, list[SubscriptionPhase]]:
    """The running trials of each account, with what their subscriptions hold; two reads."""
    found: dict[int, list[SubscriptionPhase]] = {account_id: [] for account_id in account_ids}
    rows = trials_running(at=at).filter(subscription__account__in=list(account_ids))
    for trial in rows.prefetch_related("subscription__items"):
        found[trial.subscription.account_id].append(trial)
    return found


def undo_open(trial: SubscriptionPhase, *, at: datetime) -> datetime | None:
    """Until when the last extension of a running trial may still be undone; None: no longer, or there was none."""
    if trial.extended_at is None or trial.extended_from is None:
        return None
    until = undo_until(extended_at=trial.extended_at, extended_from=trial.extended_from)
    return until if at < until else None


def again_open(trial: SubscriptionPhase, *, at: datetime, zone: str) -> bool:
    """Whether a trial that lapsed is still recent enough to run again."""
    return trial.phase == Phase.TRIAL and trial.ends_at is not None and at < again_until(trial.ends_at, zone=zone)


def outdated_extension(approval: Approval) -> str:
    """Why an extension that was asked for can't be approved any more, for whoever decides it; empty while it can."""
    trial = SubscriptionPhase.objects.filter(pk=int(approval.subject_key)).first()
    if trial is not None and trial.ends_at is not None and trial.ends_at.isoformat() == approval.payload["old_end"]:
        return ""
    return "The end of this trial has changed since the extension was asked for."


def last_extension(trial: SubscriptionPhase) -> AuditEvent | None:
    """What the audit says of the last extension of the trial."""
    events = AuditEvent.objects.filter(subject_type="subscription", subject_key=str(trial.subscription_id))
    return events.filter(verb=EXTENDED).order_by("-seq").first()
