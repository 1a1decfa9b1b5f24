"""A plan whose trial takes some features at once, leaves some for a week, and some if they were used."""

from decimal import Decimal
from typing import Any

from catalog.domain.values import AtTrialEnd
from catalog.models import Plan
from entitlements.models import Subscription
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, PlanFactory, PlanVersionFactory, publish_now
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, term

END = AT + 4 * DAY  # of a trial of fourteen days that began ten days ago
WEEK_AFTER = END + 7 * DAY
WEEK = {"at_trial_end": AtTrialEnd.KEPT_FOR, "kept_days": 7}
IF_USED = {"at_trial_end": AtTrialEnd.KEPT_IF_USED}


def pro(world: Catalog) -> Plan:
    """Pro: 50 GB, kept for a week after a trial; single sign-on, kept if used; 10 seats; smart. It falls back to Free."""
    plan = PlanFactory(key="pro", name="Pro")
    draft = PlanVersionFactory(plan=plan, after_trial=world.free)
    deed = begin(by=SYSTEM, at=EPOCH)
    keep(term(draft, world.storage, 50 * GB, **WEEK), deed=deed)
    keep(term(draft, world.sso, True, **IF_USED), deed=deed)
    keep(term(draft, world.seats, Decimal(10)), deed=deed)
    keep(term(draft, world.tier, "smart"), deed=deed)
    publish_now(draft)
    return plan


def trying(world: Catalog | None = None, **more: Any) -> Subscription:
    """Acme is ten days into a trial of Pro that lasts 14 days."""
    world = world or catalog()
    return subscribed(account(**more), pro(world), trial_days=14)
