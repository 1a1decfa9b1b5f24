"""The policy table as the domain judges by it."""

from entitlements.domain.policy import PolicyRule
from entitlements.models import ConcessionPolicy


def policy_rules() -> tuple[PolicyRule, ...]:
    return tuple(
        PolicyRule(
            role=row.role,
            concession=row.concession,
            max_days=row.max_days,
            max_percent=row.max_percent,
            max_times=row.max_times,
        )
        for row in ConcessionPolicy.objects.all()
    )
