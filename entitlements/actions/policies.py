"""What each role may concede alone."""

from datetime import datetime

from django.db import transaction

from entitlements.domain.policy import Concession
from entitlements.models import ConcessionPolicy
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor

LIMITS = ("max_days", "max_percent", "max_times")


@transaction.atomic
def set_policy(
    *,
    role: str,
    concession: Concession,
    max_days: int | None,
    max_percent: int | None,
    max_times: int | None,
    by: Actor,
    at: datetime,
) -> ConcessionPolicy:
    """Set how much, how long and how often a role may concede alone."""
    by.require("entitlements.set_policy")
    deed = begin(by=by, at=at)
    row = ConcessionPolicy.objects.select_for_update().filter(role=role, concession=concession).first()
    policy = row or ConcessionPolicy(role=role, concession=concession)
    before = {name: getattr(row, name, None) for name in LIMITS}
    policy.max_days, policy.max_percent, policy.max_times = max_days, max_percent, max_times
    keep(policy, deed=deed)
    changes = {n: [before[n], getattr(policy, n)] for n in LIMITS if before[n] != getattr(policy, n) or row is None}
    record(deed, "policy:set", subject=policy, changes=changes)
    return policy
