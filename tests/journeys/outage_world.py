"""Run inside a desk's own process: the world of the outages, and a product that asks in its own process.

python -m tests.journeys.outage_world build      (prints a key)
python -m tests.journeys.outage_world product    (a line of JSON for each line of JSON)
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

import entitlements  # noqa: E402
from catalog.domain.fallbacks import Fallback, UseEffect  # noqa: E402
from catalog.models import Plan  # noqa: E402
from entitlements.actions.accounts import open_account  # noqa: E402
from entitlements.actions.lifecycle import fail_payment  # noqa: E402
from entitlements.actions.subscriptions import start  # noqa: E402
from entitlements.models import Subscription  # noqa: E402
from journal.actions.api_keys import issue  # noqa: E402
from journal.actions.deeds import begin, keep  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from journal.domain.rate import MOST  # noqa: E402
from tests.catalog.factories import (  # noqa: E402
    EPOCH,
    FeatureFactory,
    FeatureRevisionFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.world import term  # noqa: E402

DAY = timedelta(days=1)
BRIEF = 8  # seconds that a last known answer of “brief” is kept
EVERYBODY = ("fallback_paying", "fallback_trial", "fallback_unpaid")
FEATURES: dict[str, dict[str, Any]] = {
    "goes_on": dict.fromkeys(EVERYBODY, Fallback.ALLOW),
    "irreversible": {"effect": UseEffect.IRREVERSIBLE},
    "reads": {"effect": UseEffect.READS},
    "brief": {"effect": UseEffect.READS, "fallback_seconds": BRIEF},
}


def build() -> str:
    now = datetime.now(UTC)
    features = [FeatureFactory(key=key, name=key.title()) for key in FEATURES]
    for feature in features:
        FeatureRevisionFactory(feature=feature, effective_at=EPOCH, **_columns(feature.key))
    free = PlanVersionFactory(plan=PlanFactory(key="free", name="Free"))
    keep(term(free, FeatureFactory(key="hello", name="Hello"), True), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(free)
    draft = PlanVersionFactory(plan=PlanFactory(key="pro", name="Pro"), after_trial=Plan.objects.get(key="free"))
    for feature in features:
        keep(term(draft, feature, True), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    for key in ("paying", "unpaid"):
        start(account=_account(key, now - 9 * DAY), plan=draft.plan, by=SYSTEM, at=now - 9 * DAY)
    unpaid = Subscription.objects.get(account__key="unpaid")
    fail_payment(subscription=unpaid, by=SYSTEM, at=now - DAY)
    scopes = ["entitlements:read", "usage:write"]
    return issue(name="Outages", scopes=scopes, expires_at=None, by=SYSTEM, at=now, rate_limit=MOST)[1]


def _columns(key: str) -> dict[str, Any]:
    return dict(FEATURES[key])


def _account(key: str, at: datetime) -> Any:
    return open_account(key=key, name=key.title(), zone="UTC", by=SYSTEM, at=at)


def open_trial(key: str, *, seconds: float) -> float:
    """A trial that ends in so many seconds, and leaves the free plan, which has none of it."""
    connection.close()  # it may be broken since the last outage
    began = datetime.now(UTC) - DAY + timedelta(seconds=seconds)
    start(account=_account(key, began), plan=Plan.objects.get(key="pro"), by=SYSTEM, at=began, trial_days=1)
    return (began + DAY).timestamp()


def answer(asked: dict[str, Any]) -> Any:
    if "open" in asked:
        return open_trial(asked["open"], seconds=asked["seconds"])
    told = entitlements.check(asked["account"], asked["feature"])
    return [told.allowed, told.degraded, told.because]


def product() -> None:
    entitlements.keep_in_memory()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        print(build())
    else:
        product()
