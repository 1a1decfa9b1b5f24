"""Publishing to a million subscribers takes as long as to ten: `python -m benchmarks.publishing`.

Two plans that say the same, one with ten holders and one with a million. Publishing is measured on the two in turn and
the medians are compared; after each publication the very next check of a random holder must give what was published.
The holders are written by plain SQL, without history, since only their number matters here. `DESK_BENCH_HOLDERS` says
how many there are.
"""

import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, models, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.models import Feature, Plan
from entitlements.models import Account, Subscription, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureFactory, PlanFactory, StorageFactory, published_version

FEW, MANY = 10, int(os.environ.get("DESK_BENCH_HOLDERS", "1000000"))
ROUNDS, FEATURES, GATE = 15, 60, 1.5
GB = 10**9
NOW = datetime.now(UTC)
SOLD_AT = NOW - timedelta(days=90)


def multiply(row: models.Model, count: int, first: int, **each: str) -> None:
    """So many rows like this one, numbered from `first`; `each` names the columns that differ, as SQL of the number n."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    values = [each.get(field.attname, "%s") for field in fields]
    given = [
        field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields if field.attname not in each
    ]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} (id, {columns}) "
            f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {first + count}) "
            f"SELECT n, {', '.join(values)} FROM numbers",
            given,
        )


def a_plan(key: str, *, holders: int, first: int) -> Plan:
    """A plan of sixty features, the first of them storage, held by so many accounts."""
    storage = Feature.objects.get(key="storage")
    version = published_version(
        plan=PlanFactory(key=key, name=key.title()), at=SOLD_AT, feature=storage, amount=100 * GB
    )
    item = SubscriptionItem(plan=version.plan, version=version, starts_at=SOLD_AT, recorded_at=SOLD_AT)
    multiply(Account(name="Holder", created_at=SOLD_AT), holders, first, key=f"'{key}-' || n")
    multiply(Subscription(number=1, starts_at=SOLD_AT), holders, first, account_id="n")
    multiply(item, holders, first, subscription_id="n")
    return version.plan


def publish_next(plan: Plan, size: int) -> float:
    """Seconds to publish a version with so many GB for everybody; the draft is written before the clock starts."""
    draft = open_draft(plan=plan, by=SYSTEM, at=NOW)
    storage = Feature.objects.get(key="storage")
    set_term(version=draft, feature=storage, reading=f"{size} GB", edits=draft.edits, by=SYSTEM, at=NOW)
    draft.refresh_from_db()
    begun = time.perf_counter()
    publish(version=draft, audience=Audience.NOW, effective_at=None, edits=draft.edits, by=SYSTEM, at=datetime.now(UTC))
    return time.perf_counter() - begun


def check(plan: Plan, size: int, holder: int) -> None:
    account = Account.objects.get(key=f"{plan.key}-{holder}")
    found = entitlements_of(account=account, at=datetime.now(UTC))["storage"].value
    assert found == Decimal(size * GB), f"{account.key} has {found} after {size} GB were published"


def measure() -> tuple[list[float], list[float]]:
    """The two plans in turn, so that a machine that slows down slows both."""
    firsts = {FEW: 1, MANY: 1_000}
    plans = {count: a_plan(f"held_by_{count}", holders=count, first=first) for count, first in firsts.items()}
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    for number in range(1, ROUNDS + 1):
        for count, plan in plans.items():
            size = 100 + number
            times[count].append(publish_next(plan, size))
            check(plan, size, holder=firsts[count] + random.randrange(count))
    return times[FEW], times[MANY]


def main() -> int:
    setup_test_environment()
    databases: Any = setup_databases(verbosity=0, interactive=False)
    try:
        StorageFactory(key="storage", name="Storage")
        for _ in range(FEATURES - 1):
            FeatureFactory()
        with transaction.atomic():
            few, many = measure()
    finally:
        teardown_databases(databases, verbosity=0)
    baseline, measured = statistics.median(few), statistics.median(many)
    ratio = measured / baseline
    print(f"database: {connection.vendor}; medians of {ROUNDS} rounds, the two in turn")
    print(
        f"publish for {MANY:,} holders {measured * 1e3:.1f} ms = {ratio:.2f} × the {baseline * 1e3:.1f} ms for {FEW} "
        f"(gate {GATE:g} ×)  {'ok' if ratio <= GATE else 'MISSED'}; the next check of a random holder was right each time"
    )
    return 0 if ratio <= GATE else 1


if __name__ == "__main__":
    sys.exit(main())
