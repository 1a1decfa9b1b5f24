"""What the end of a contract does to the customer, worked out as signing is; nothing is written."""

from datetime import datetime

from entitlements.domain.figures import FeatureEffect
from entitlements.models import Contract
from entitlements.queries.contracts.previewing import in_memory
from entitlements.queries.contracts.settling import settlement
from entitlements.queries.contracts.versions import signed_versions
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import as_if, effects


def preview_end(*, contract: Contract, ends_at: datetime, at: datetime) -> tuple[FeatureEffect, ...]:
    """What the customer has otherwise from the end on, beside what they would have if the contract went on."""
    fresh = Contract.objects.select_related("account", "subscription").get(pk=contract.pk)
    settled = settlement(fresh, signed_versions(fresh), ends_at=ends_at, at=at)
    rows, moment = tuple(in_memory(settled, at=at)), max(ends_at, at)
    before = entitlements_of(account=fresh.account, at=moment)
    return effects(before, as_if(account=fresh.account, rows=rows, at=moment))
