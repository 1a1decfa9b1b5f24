from entitlements.admin.accounts import AccountAdmin
from entitlements.admin.changes import EntitlementChangeAdmin
from entitlements.admin.overrides.models import OverrideAdmin
from entitlements.admin.overrides.policies import ConcessionPolicyAdmin
from entitlements.admin.publishing.cohorts import BillingPeriodAdmin, CohortAdmin
from entitlements.admin.publishing.publications import RolloutAdmin
from entitlements.admin.reminders import ReminderAdmin
from entitlements.admin.selling.code_pages import RedemptionAdmin

__all__ = [
    "AccountAdmin",
    "BillingPeriodAdmin",
    "CohortAdmin",
    "ConcessionPolicyAdmin",
    "EntitlementChangeAdmin",
    "OverrideAdmin",
    "RedemptionAdmin",
    "ReminderAdmin",
    "RolloutAdmin",
]
