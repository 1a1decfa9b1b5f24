from entitlements.models.account import Account, AccountStanding, Contact, Identifier
from entitlements.models.change import EntitlementChange, SweepMark
from entitlements.models.override import Override
from entitlements.models.policy import ConcessionPolicy
from entitlements.models.subscription import Subscription, SubscriptionItem, SubscriptionPhase

__all__ = [
    "Account",
    "AccountStanding",
    "ConcessionPolicy",
    "Contact",
    "EntitlementChange",
    "Identifier",
    "Override",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionPhase",
    "SweepMark",
]
