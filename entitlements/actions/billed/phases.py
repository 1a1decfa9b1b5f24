"""What befalls a subscription where it is billed: its trial, payments that fail and come, pauses."""

from datetime import datetime

from catalog.domain.window import add_days
from entitlements.actions.billed.starting import open_trial
from entitlements.actions.billed.work import Work
from entitlements.domain.billed.steps import FailPayment, SetTrialEnd
from entitlements.domain.facts import Phase
from entitlements.models import SubscriptionPhase
from entitlements.queries.life.held_plans import grace_days_of
from journal.actions.deeds import keep


def set_trial_end(step: SetTrialEnd, work: Work) -> None:
    """Set the end of the trial to the billing's. One that was over here runs on: there it never ended."""
    subscription, trial = work.held, _trial(work)
    if subscription.converted_at is not None:
        subscription.converted_at = None
        keep(subscription, deed=work.deed)
    was = None if trial is None else trial.ends_at
    if trial is None:
        trial = open_trial(subscription, step.at, with_card=step.with_card, deed=work.deed)
    else:
        trial.ends_at, trial.with_card = max(step.at, trial.starts_at), step.with_card
        trial.extended_at = trial.extended_from = None
        keep(trial, deed=work.deed)
    card = {"with_card": [None, "yes" if step.with_card else "no"]}
    work.tell("trial:set_end", {"ends_at": [_said(was), _said(trial.ends_at)]} | card)


def convert(work: Work) -> None:
    """The trial became a sale there, also where it had lapsed here before that was known."""
    subscription = work.held
    subscription.converted_at = work.deed.at
    keep(subscription, deed=work.deed)
    work.tell("trial:convert")


def fail_payment(step: FailPayment, work: Work) -> None:
    """A payment failed there: the grace of the plan's version runs once; nobody tries any more, so none is left."""
    at, grace = work.deed.at, _grace(work)
    if grace is None:
        days = 0 if step.ended else grace_days_of(work.held, at=at)
        window = {"starts_at": at, "ends_at": add_days(at, days, work.account.zone)}
        grace = keep(SubscriptionPhase(subscription=work.held, phase=Phase.GRACE, **window), deed=work.deed)
        work.tell("grace:begin", {"until": [None, _said(grace.ends_at)]})
    elif step.ended and grace.ends_at is not None and grace.ends_at > at:
        was, grace.ends_at = grace.ends_at, max(at, grace.starts_at)
        keep(grace, deed=work.deed)
        work.tell("grace:end", {"until": [_said(was), _said(grace.ends_at)]})


def restore(work: Work) -> None:
    """Payment came there: the grace is over, or what it left closed is open again."""
    grace = _grace(work)
    if grace is not None:
        grace.restored_at = work.deed.at
        keep(grace, deed=work.deed)
        work.tell("subscription:restore")


def pause(work: Work) -> None:
    """Paused there, until it is lifted there; one that runs here already ends no sooner."""
    paused = _pause(work)
    if paused is None:
        paused = SubscriptionPhase(subscription=work.held, phase=Phase.PAUSED, starts_at=work.deed.at)
    was, paused.ends_at = paused.ends_at, None
    keep(paused, deed=work.deed)
    work.tell("subscription:pause", {"until": [_said(was), None]})


def resume(work: Work) -> None:
    """The pause was lifted there."""
    paused = _pause(work)
    if paused is not None:
        paused.ends_at = max(work.deed.at, paused.starts_at)
        keep(paused, deed=work.deed)
        work.tell("subscription:resume")


def _trial(work: Work) -> SubscriptionPhase | None:
    return work.held.phases.filter(phase=Phase.TRIAL).first()


def _grace(work: Work) -> SubscriptionPhase | None:
    return work.held.phases.filter(phase=Phase.GRACE, restored_at=None).first()


def _pause(work: Work) -> SubscriptionPhase | None:
    rows = work.held.phases.filter(phase=Phase.PAUSED)
    return next((row for row in rows if row.window.contains(work.deed.at)), None)


def _said(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
