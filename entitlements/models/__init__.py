from entitlements.models.access import AccessCount, DecisionTrace
from entitlements.models.account import Account, AccountStanding, Contact, Identifier
from entitlements.models.answer import AnswerGiven
from entitlements.models.billed import BilledFeature, BilledSubscription, BillingFinding
from entitlements.models.change import EntitlementChange, SweepMark
from entitlements.models.cohort import Cohort, CohortMember
from entitlements.models.contract import Contract, ContractLine, ContractVersion
from entitlements.models.credit import CreditBalance, CreditEntry, CreditGrant
from entitlements.models.facts_change import FactsChange
from entitlements.models.features_told import FeaturesTold
from entitlements.models.licence import (
    Licence,
    LicenceActivation,
    LicenceFile,
    LicenceHeartbeat,
    LicenceMonth,
    LicencePolicy,
    Release,
    SigningKey,
)
from entitlements.models.loan import Loan
from entitlements.models.override import Override
from entitlements.models.planned import SubscriptionChange, TrialUse
from entitlements.models.policy import ConcessionPolicy
from entitlements.models.reason import ReasonCode
from entitlements.models.redemption import Redemption, SoldBundle, SpendCap
from entitlements.models.reminder import Reminder
from entitlements.models.renewal import Renewal
from entitlements.models.seat import Seat, SeatActivity
from entitlements.models.subscription import BillingPeriod, Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.models.usage import (
    Reservation,
    SubjectLimit,
    ThresholdCrossing,
    UsageCounter,
    UsageDay,
    UsageEvent,
    UsageForecast,
    UsageReset,
)

__all__ = [
    "AccessCount",
    "Account",
    "AccountStanding",
    "AnswerGiven",
    "BilledFeature",
    "BilledSubscription",
    "BillingFinding",
    "BillingPeriod",
    "Cohort",
    "CohortMember",
    "ConcessionPolicy",
    "Contact",
    "Contract",
    "ContractLine",
    "ContractVersion",
    "CreditBalance",
    "CreditEntry",
    "CreditGrant",
    "DecisionTrace",
    "EntitlementChange",
    "FactsChange",
    "FeaturesTold",
    "Identifier",
    "Licence",
    "LicenceActivation",
    "LicenceFile",
    "LicenceHeartbeat",
    "LicenceMonth",
    "LicencePolicy",
    "Loan",
    "Override",
    "ReasonCode",
    "Redemption",
    "Release",
    "Reminder",
    "Renewal",
    "Reservation",
    "Seat",
    "SeatActivity",
    "SigningKey",
    "SoldBundle",
    "SpendCap",
    "SubjectLimit",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionItem",
    "SubscriptionPhase",
    "SweepMark",
    "ThresholdCrossing",
    "TrialUse",
    "UsageCounter",
    "UsageDay",
    "UsageEvent",
    "UsageForecast",
    "UsageReset",
]
