from entitlements.admin.accounts import AccountAdmin
from entitlements.admin.changes import EntitlementChangeAdmin
from entitlements.admin.overrides import OverrideAdmin
from entitlements.admin.policies import ConcessionPolicyAdmin

__all__ = ["AccountAdmin", "ConcessionPolicyAdmin", "EntitlementChangeAdmin", "OverrideAdmin"]
