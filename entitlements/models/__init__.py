from entitlements.models.account import Account, AccountStanding, Contact, Identifier
from entitlements.models.answer import AnswerGiven
from entitlements.models.change import EntitlementChange, SweepMark
from entitlements.models.cohort import Cohort, CohortMember
from entitlements.models.contract import Contract, ContractLine, ContractVersion
from entitlements.models.loan import Loan
from entitlements.models.override import Override
from entitlements.models.planned import SubscriptionChange, TrialUse
from entitlements.models.policy import ConcessionPolicy
from entitlements.models.reason import ReasonCode
from entitlements.models.redemption import Redemption, SoldBundle, SpendCap
from entitlements.models.reminder import Reminder
from entitlements.models.subscription import BillingPeriod, Subscription, SubscriptionItem, SubscriptionPhase

__all__ = [
    "Account",
    "AccountStanding",
    "AnswerGiven",
    "BillingPeriod",
    "Cohort",
    "CohortMember",
    "ConcessionPolicy",
    "Contact",
    "Contract",
    "ContractLine",
    "ContractVersion",
    "EntitlementChange",
    "Identifier",
    "Loan",
    "Override",
    "ReasonCode",
    "Redemption",
    "Reminder",
    "SoldBundle",
    "SpendCap",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionItem",
    "SubscriptionPhase",
    "SweepMark",
    "TrialUse",
]
