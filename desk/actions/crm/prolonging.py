"""A trial that a deal makes longer, and no longer."""

from datetime import datetime
from typing import Any

from catalog.domain.window import add_days
from desk.actions.crm.work import Work
from desk.domain.crm.deciding import Extend, TakeBack
from desk.domain.crm.kept import keep_extension
from desk.domain.crm.wanted import Extension
from desk.models import CrmDeal
from desk.queries.crm.made import trial_request_of
from entitlements.actions import trial_reactivation, trials
from entitlements.actions.trial_shortening import take_extension_back
from entitlements.domain.extending import days_begun, extended_end
from entitlements.domain.facts import Phase
from entitlements.models import SubscriptionPhase
from entitlements.queries.life.trials import again_open, trials_running
from journal.actions import approvals
from journal.domain.refusal import Refusal
from journal.models import Approval

TAKEN_BACK = "The deal says something else by now"


def extend(work: Work, step: Extend) -> None:
    """So much longer than without the deal: of an extension that was made before, only what differs is done."""
    _withdraw(work)
    row, made = work.row, work.row.trial_made
    if made.get("to") and row.trial is not None:
        _move(work, row.trial, step.extension)
        return
    trial = _running(work)
    if trial is None:
        _run_again(work, step.extension)
        return
    zone, old_end = work.account.zone, trials.end_of(trial)
    new_end = _target(old_end, step.extension, zone=zone)
    _ask(work, trial, step.extension, old_end=old_end, new_end=new_end)


def _target(old_end: datetime, extension: Extension, *, zone: str) -> datetime:
    return extended_end(old_end, zone=zone, days=extension.days, through=extension.through)


def _ask(work: Work, trial: SubscriptionPhase, extension: Extension, *, old_end: datetime, new_end: datetime) -> None:
    found = trials.extend(
        subscription=trial.subscription,
        days=extension.days,
        until=extension.through,
        reason=work.reason,
        by=work.by,
        at=work.at,
    )
    _note(work, found, trial, extension, {"from": old_end.isoformat(), "to": new_end.isoformat()})


def _move(work: Work, trial: SubscriptionPhase, extension: Extension) -> None:
    """Another length of what was made: the rest of it is extended too, or what is too much is taken back."""
    zone, made = work.account.zone, work.row.trial_made
    old_end, so_far = (datetime.fromisoformat(made[name]) for name in ("from", "to"))
    target = _target(old_end, extension, zone=zone)
    ends = {"from": made["from"], "to": target.isoformat()}
    if target > so_far:
        more = days_begun(so_far, target, zone=zone)
        found = trials.extend(subscription=trial.subscription, days=more, reason=work.reason, by=work.by, at=work.at)
        _note(work, found, trial, extension, ends, so_far=made["to"])
        if not isinstance(found, Approval):
            _move_later_ones(work.row, after=so_far, days=more, zone=zone)
        return
    less = days_begun(target, so_far, zone=zone)
    found = take_extension_back(trial=trial, old_end=target, new_end=so_far, reason=work.reason, by=work.by, at=work.at)
    _note(work, found, trial, extension, ends)
    _move_later_ones(work.row, after=so_far, days=-less, zone=zone)


def _run_again(work: Work, extension: Extension) -> None:
    """The trial is over: where that was lately, it runs again for as long."""
    rows = SubscriptionPhase.objects.filter(
        phase=Phase.TRIAL, subscription__account=work.account, subscription__converted_at__isnull=True
    )
    rows = rows.filter(ends_at__lte=work.at).select_related("subscription__account").order_by("-ends_at", "-pk")
    lapsed = rows.first()
    zone = work.account.zone
    if lapsed is None or not again_open(lapsed, at=work.at, zone=zone):
        raise Refusal(f"{work.account} is in no trial, so there is none to make longer.")
    ends_at = _target(work.at, extension, zone=zone)
    days = days_begun(work.at, ends_at, zone=zone)
    found = trial_reactivation.reactivate(
        subscription=lapsed.subscription, days=days, reason=work.reason, by=work.by, at=work.at
    )
    ends = {"from": work.at.isoformat(), "to": add_days(work.at, days, zone).isoformat()}
    _note(work, found, lapsed, extension, ends)


def _running(work: Work) -> SubscriptionPhase | None:
    rows = list(trials_running(at=work.at).filter(subscription__account=work.account))
    if len(rows) > 1:
        raise Refusal(f"{work.account} has {len(rows)} trials that run. Extend the one that is meant by hand.")
    return rows[0] if rows else None


def _note(
    work: Work,
    found: SubscriptionPhase | Approval,
    trial: SubscriptionPhase,
    extension: Extension,
    ends: dict[str, Any],
    *,
    so_far: str | None = None,
) -> None:
    """What the deal made of the trial; while it waits, what was made before stands beside what is asked for."""
    made: dict[str, Any] = {"extension": keep_extension(extension), "from": ends["from"]}
    if isinstance(found, Approval):
        work.row.trial = trial
        work.row.trial_made = made | {"approval": found.pk, "asked": ends["to"], "to": so_far}
        work.done.append("A longer trial waits for approval")
    else:
        work.row.trial = found
        work.row.trial_made = made | {"to": ends["to"]}
        work.done.append("The trial ends on another day")


def take_back(work: Work, step: TakeBack) -> None:
    """As if the deal had never made it longer; it ends now at the earliest."""
    row = work.row
    _withdraw(work)
    made = row.trial_made
    if made.get("to") and row.trial is not None:
        take_extension_back(
            trial=row.trial,
            old_end=datetime.fromisoformat(made["from"]),
            new_end=datetime.fromisoformat(made["to"]),
            reason=step.why,
            by=work.by,
            at=work.at,
        )
        old_end, new_end = (datetime.fromisoformat(made[name]) for name in ("from", "to"))
        zone = row.trial.subscription.account.zone
        _move_later_ones(row, after=new_end, days=-days_begun(old_end, new_end, zone=zone), zone=zone)
    work.done.append("The longer trial was taken back")
    row.trial, row.trial_made = None, {}


def _move_later_ones(row: CrmDeal, *, after: datetime, days: int, zone: str) -> None:
    """What other deals made of the trial after this one lies so many days later, or earlier, so that each takes back its
    own; `after` is where this one's had ended."""
    for other in CrmDeal.objects.filter(trial=row.trial).exclude(pk=row.pk):
        made = other.trial_made
        if made.get("to") and datetime.fromisoformat(made["from"]) >= after:
            moved = {name: datetime.fromisoformat(made[name]) for name in ("from", "to")}
            other.trial_made = made | {n: add_days(was, days, zone).isoformat() for n, was in moved.items()}
            other.save(update_fields=["trial_made"])


def _withdraw(work: Work) -> None:
    """What waits is asked for no more."""
    asked = trial_request_of(work.row)
    if asked is not None and asked.state == Approval.State.PENDING:
        approvals.withdraw(approval=asked, by=work.by, at=work.at, note=TAKEN_BACK)
    work.row.trial_made = {name: value for name, value in work.row.trial_made.items() if name != "approval"}


def settle_decided(row: CrmDeal) -> None:
    """What was asked for a longer trial and approved since is made; in memory, to be kept with the row. What other deals
    made of it afterwards lies later by as much, and is kept at once."""
    asked = trial_request_of(row)
    if asked is None or asked.state != Approval.State.APPROVED or row.trial is None:
        return
    made = {name: value for name, value in row.trial_made.items() if name not in {"approval", "asked"}}
    if made["to"]:
        zone = row.trial.subscription.account.zone
        so_far, asked_end = (datetime.fromisoformat(row.trial_made[name]) for name in ("to", "asked"))
        _move_later_ones(row, after=so_far, days=days_begun(so_far, asked_end, zone=zone), zone=zone)
    row.trial_made = made | {"to": row.trial_made["asked"]}
    if asked.kind == trial_reactivation.KIND and asked.decided_at is not None:
        again = SubscriptionPhase.objects.filter(
            phase=Phase.TRIAL, subscription__account=row.trial.subscription.account_id, starts_at=asked.decided_at
        ).first()
        row.trial = again or row.trial
        if again is not None and again.ends_at is not None:
            row.trial_made |= {"from": asked.decided_at.isoformat(), "to": again.ends_at.isoformat()}
