"""Run inside the demo's own process: two plans with prices, one with a trial, and a key to ask with.

python -m tests.journeys.stripe.demo_world
"""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import django

django.setup()

from django.db import transaction  # noqa: E402

from catalog.models.plan import Interval  # noqa: E402
from journal.actions.api_keys import issue  # noqa: E402
from journal.actions.deeds import begin, keep  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from tests.catalog.factories import (  # noqa: E402
    FeatureFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanVersionFactory,
    StorageFactory,
    publish_now,
)
from tests.entitlements.world import GB, term  # noqa: E402

PLANS = (("pro", "Pro", 25, 100), ("team", "Team", 599, 500))


@transaction.atomic
def sell(*, at: datetime) -> None:
    storage, sso = StorageFactory(key="storage", name="Storage"), FeatureFactory(key="sso", name="Single sign-on")
    for key, name, dollars, gigabytes in PLANS:
        draft = PlanVersionFactory(plan=PlanFactory(key=key, name=name), trial_days=14)
        for interval, times in ((Interval.MONTH, 1), (Interval.YEAR, 10)):
            amount = dollars * times * 1_000_000
            PlanPriceFactory(version=draft, interval=interval, currency="USD", amount_micros=amount)
        gives = {storage: Decimal(gigabytes) * GB} | ({sso: True} if key == "team" else {})
        for feature, value in gives.items():
            keep(term(draft, feature, value), deed=begin(by=SYSTEM, at=at))
        publish_now(draft, at=at)


def main() -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    sell(at=at)
    _, token = issue(name="Demo", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=at)
    sys.stdout.write(token)


if __name__ == "__main__":
    main()
