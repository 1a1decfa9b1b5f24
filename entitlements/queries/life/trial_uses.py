"""Which running trials give a feature: those in which its first use is worth noting."""

from datetime import datetime

from catalog.models import Feature
from entitlements.domain.hearing import Live, gives, hear
from entitlements.domain.holdings import Holdings
from entitlements.models import Account, Subscription
from entitlements.queries.entitlements import facts_of
from entitlements.queries.life.trials import trials_running


def trials_giving(*, account: Account, feature: Feature, at: datetime) -> list[Subscription]:
    """The subscriptions whose running trial gives the feature at the moment, the soonest to end first."""
    running = [trial.subscription for trial in trials_running(at=at).filter(subscription__account=account)]
    if not running:
        return []
    held = Holdings(facts_of(account=account), at)
    giving = {one.item.subscription for one in held.live if _gives(held, one, feature.key)}
    return [subscription for subscription in running if str(subscription.pk) in giving]


def _gives(held: Holdings, one: Live, feature: str) -> bool:
    speaker = hear(held.terms(one, feature), by=one, at=held.at).speaker
    return speaker is not None and gives(speaker)
