"""A purchase that was made elsewhere begins here, with its items and its trial."""

from datetime import datetime

from entitlements.actions.billed.items import begin_item
from entitlements.actions.billed.work import Work, plan_of, say_sold
from entitlements.actions.subscriptions import open_subscription
from entitlements.domain.billed.steps import Start
from entitlements.domain.facts import Phase, Standing
from entitlements.models import Subscription, SubscriptionPhase
from entitlements.queries.holdings import standings
from journal.actions.deeds import Deed, keep
from journal.domain.refusal import Refusal


def start(step: Start, work: Work) -> None:
    """Started what was bought elsewhere, from now on: what was answered until now stays true.

    One that has ended here keeps its past; the new one takes over its name there.
    """
    _refuse_closed(work)
    if work.subscription is not None:
        work.subscription.billing_id = ""
        keep(work.subscription, deed=work.deed)
    begins, billed = work.deed.at, work.billed
    work.subscription = open_subscription(
        work.account, starts_at=begins, deed=work.deed, billed_by=billed.system, billing_id=billed.id
    )
    if step.trial_ends_at is not None and step.trial_ends_at > begins:
        keep(trial_until(work.subscription, step.trial_ends_at, with_card=step.with_card), deed=work.deed)
    for item in step.items:
        begin_item(work, item.id, item.sold, item.quantity, starts_at=begins)
    bought = ", ".join(say_sold(plan_of(item.sold), item.quantity) for item in step.items)
    tried = f", in trial until {step.trial_ends_at:%Y-%m-%d %H:%M} UTC" if step.trial_ends_at is not None else ""
    work.tell("subscription:start", {"plan": [None, f"{bought}{tried}"]})


def _refuse_closed(work: Work) -> None:
    """Whoever pays for a closed account gets nothing for it: a person has to hear of that."""
    account = work.account
    if standings(account_ids=[account.pk], at=work.deed.at)[account.pk] is Standing.CLOSED:
        raise Refusal(f"{account} is closed, and is paid for. Reopen the account, or end the subscription there.")


def trial_until(subscription: Subscription, ends_at: datetime, *, with_card: bool) -> SubscriptionPhase:
    """The trial of a subscription from its beginning, to the instant at which the billing ends it."""
    return SubscriptionPhase(
        subscription=subscription,
        phase=Phase.TRIAL,
        starts_at=subscription.starts_at,
        ends_at=ends_at,
        with_card=with_card,
    )


def open_trial(subscription: Subscription, ends_at: datetime, *, with_card: bool, deed: Deed) -> SubscriptionPhase:
    """A trial that begins later than its subscription."""
    trial = trial_until(subscription, ends_at, with_card=with_card)
    trial.starts_at = max(subscription.starts_at, deed.at)
    return keep(trial, deed=deed)
