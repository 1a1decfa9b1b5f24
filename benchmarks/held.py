"""Accounts that hold one plan: ten gates, and calls and mails a month without a hard end; and a key that may ask."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from benchmarks.publishing import multiply
from catalog.domain.values import Enforcement, Reset
from entitlements.models import Account, Subscription, SubscriptionItem
from journal.actions.api_keys import issue
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureFactory, PlanFactory, PlanVersionFactory, publish_now
from tests.entitlements.using import metered_feature
from tests.entitlements.world import term

GATES = 10
SOLD_AT = datetime.now(UTC) - timedelta(days=200)


def hold(accounts: int) -> str:
    """The accounts `held-1`, `held-2`, …; the key's text."""
    plan = PlanFactory(key="pro", name="Pro")
    draft = PlanVersionFactory(plan=plan)
    deed = begin(by=SYSTEM, at=EPOCH)
    for number in range(GATES):
        gate = FeatureFactory(key=f"gate_{number}", name=f"Gate {number}")
        keep(term(draft, gate, True), deed=deed)
    for key in ("calls", "mails"):
        feature = metered_feature(key, key.title(), Reset.MONTH)
        keep(term(draft, feature, Decimal(1_000_000), enforcement=Enforcement.SOFT), deed=deed)
    publish_now(draft)
    draft.refresh_from_db()
    item = SubscriptionItem(plan=plan, version=draft, starts_at=SOLD_AT, recorded_at=SOLD_AT)
    multiply(Account(name="Holder", created_at=SOLD_AT), accounts, 1, key="'held-' || n")
    multiply(Subscription(number=1, starts_at=SOLD_AT), accounts, 1, account_id="n")
    multiply(item, accounts, 1, subscription_id="n")
    _row, plain = issue(
        name="Shop", scopes=["entitlements:read", "usage:write"], expires_at=None, by=SYSTEM, at=datetime.now(UTC)
    )
    return plain
