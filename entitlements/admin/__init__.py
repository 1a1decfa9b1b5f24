from entitlements.admin.access.traces import DecisionTraceAdmin
from entitlements.admin.accounts import AccountAdmin
from entitlements.admin.billed.models import BillingFindingAdmin
from entitlements.admin.changes import EntitlementChangeAdmin
from entitlements.admin.contracts.models import ContractAdmin
from entitlements.admin.licences.models import LicenceAdmin
from entitlements.admin.licences.policies import LicencePolicyAdmin
from entitlements.admin.licences.signing_keys import SigningKeyAdmin
from entitlements.admin.loans.models import LoanAdmin
from entitlements.admin.overrides.models import OverrideAdmin
from entitlements.admin.overrides.policies import ConcessionPolicyAdmin
from entitlements.admin.overrides.reason_codes import ReasonCodeAdmin
from entitlements.admin.publishing.cohorts import BillingPeriodAdmin, CohortAdmin
from entitlements.admin.publishing.publications import RolloutAdmin
from entitlements.admin.reminders import ReminderAdmin
from entitlements.admin.renewals.models import RenewalAdmin
from entitlements.admin.selling.code_pages import RedemptionAdmin

__all__ = [
    "AccountAdmin",
    "BillingFindingAdmin",
    "BillingPeriodAdmin",
    "CohortAdmin",
    "ConcessionPolicyAdmin",
    "ContractAdmin",
    "DecisionTraceAdmin",
    "EntitlementChangeAdmin",
    "LicenceAdmin",
    "LicencePolicyAdmin",
    "LoanAdmin",
    "OverrideAdmin",
    "ReasonCodeAdmin",
    "RedemptionAdmin",
    "ReminderAdmin",
    "RenewalAdmin",
    "RolloutAdmin",
    "SigningKeyAdmin",
]
