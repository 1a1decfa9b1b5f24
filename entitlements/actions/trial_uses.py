"""Uses in trials: what was used in one may stay after it, so the first use of each feature is noted."""

from datetime import datetime

from django.db import transaction

from catalog.models import Feature
from entitlements.actions.locking import lock_account
from entitlements.actions.trials import NoRunningTrial
from entitlements.models import Account, Subscription, TrialUse
from entitlements.queries.life.trial_uses import trials_giving
from entitlements.queries.life.trials import trials_running
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

SCOPE = "usage:write"


class NotGivenInTrial(Refusal):
    """The trial doesn't give the feature, so there is no use of it to note."""

    code = "not_given_in_trial"


@transaction.atomic
def note_use(*, subscription: Subscription, feature: Feature, by: Actor, at: datetime) -> TrialUse:
    """Noted the first use of a feature in a running trial; a later one is the same use, and changes nothing.

    No answer changes by it before the trial lapses, so no change is told.
    """
    by.require(SCOPE)
    lock_account(subscription.account_id)
    noted = TrialUse.objects.filter(subscription=subscription, feature=feature).first()
    if noted is not None:
        return noted
    if not trials_running(at=at).filter(subscription=subscription).exists():
        raise NoRunningTrial(f"{subscription} has no trial that is still running.")
    account = subscription.account
    if subscription not in trials_giving(account=account, feature=feature, at=at):
        raise NotGivenInTrial(f"The trial of {subscription} doesn't give {feature}.", field="feature")
    deed = begin(by=by, at=at)
    use = keep(TrialUse(subscription=subscription, feature=feature, used_at=at), deed=deed)
    changes = {"first_used": [None, str(feature)]}
    record(deed, "trial:note_use", subject=subscription, account_key=account.key, changes=changes)
    return use


@transaction.atomic
def note_uses(*, account: Account, feature: Feature, by: Actor, at: datetime) -> tuple[TrialUse, ...]:
    """Noted the first use of a feature in every running trial of the account that gives it; in none, nothing.

    A use that is noted already costs one read and no lock: products tell every use.
    """
    by.require(SCOPE)
    running = trials_running(at=at).filter(subscription__account=account).values("subscription")
    known = TrialUse.objects.filter(feature=feature, subscription__in=running).select_related("subscription")
    if len(noted := tuple(known)) == len(running):
        return noted
    giving = trials_giving(account=account, feature=feature, at=at)
    return tuple(note_use(subscription=subscription, feature=feature, by=by, at=at) for subscription in giving)
