"""Run inside a desk's own process: a plan to fire at, its customers, and a key. Prints the key.

python -m tests.journeys.fire_world 10000      (the hard limit)
"""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import django

django.setup()

from catalog.domain.values import Reset  # noqa: E402
from entitlements.actions.accounts import open_account  # noqa: E402
from entitlements.actions.subscriptions import start  # noqa: E402
from journal.actions.api_keys import issue  # noqa: E402
from journal.actions.deeds import begin, keep  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from journal.domain.rate import MOST  # noqa: E402
from tests.catalog.factories import EPOCH, PlanFactory, PlanVersionFactory, publish_now  # noqa: E402
from tests.entitlements.using import metered_feature  # noqa: E402
from tests.entitlements.world import term  # noqa: E402

CUSTOMERS = ("limited", "random", "replayed", "killed", "restarted", "redis")


def build(limit: int) -> str:
    now = datetime.now(UTC)
    calls = metered_feature("calls", "API calls", Reset.NEVER)
    draft = PlanVersionFactory(plan=PlanFactory(key="pro", name="Pro"))
    keep(term(draft, calls, Decimal(limit)), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    for key in CUSTOMERS:
        held_by = open_account(key=key, name=key.title(), zone="UTC", by=SYSTEM, at=now - timedelta(days=2))
        start(account=held_by, plan=draft.plan, by=SYSTEM, at=now - timedelta(days=1))
    scopes = ["entitlements:read", "usage:write"]
    return issue(name="Fire", scopes=scopes, expires_at=None, by=SYSTEM, at=now, rate_limit=MOST)[1]


if __name__ == "__main__":
    print(build(int(sys.argv[1])))
