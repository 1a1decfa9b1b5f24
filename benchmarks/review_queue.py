"""The review queue over 2,000 overrides in force at 1,000 accounts: `python -m benchmarks.review_queue`.

The baseline reads the same overrides plainly, with their accounts and features, in the same run. What is called safe
to remove must be what resolving each account by itself calls the same.
"""

import os
import statistics
import sys
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases

from benchmarks.impact import crowd
from benchmarks.pages import seconds
from catalog.models import Feature
from desk.demo import story
from entitlements.domain.facts import Mode
from entitlements.domain.reviewing import Section
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.preview import without_override
from entitlements.queries.review.queue import review_queue
from entitlements.queries.review.rows import granted_rows
from journal.actions.deeds import begin, keep_many
from journal.domain.actor import SYSTEM

NOW = datetime.now(UTC)
ACCOUNTS, ROUNDS, SAMPLE, GATE, AIM = 1_000, 5, 20, 20, 2.0
GB = 10**9


def exceptions() -> None:
    """For each of the crowd more storage, and a floor below what the plan gives by now."""
    deed = begin(by=SYSTEM, at=NOW - timedelta(days=1))
    storage = Feature.objects.get(key="storage")
    rows = [
        Override(
            account=account, feature=storage, mode=mode, amount=GB, typed_unit="GB", reason="A deal",
            starts_at=deed.at, ends_at=NOW + timedelta(days=60), state=OverrideState.APPROVED,
            requested_at=deed.at, requested_by="Sal", requested_as="sales", approved_at=deed.at, approved_by="Sal",
        )
        for account in Account.objects.filter(key__startswith="crowd-")
        for mode in (Mode.ADD, Mode.AT_LEAST)
    ]  # fmt: skip
    with transaction.atomic():
        keep_many(rows, deed=deed)


def plainly() -> list[Override]:
    return list(granted_rows(at=NOW).select_related("account__owner", "feature", "subscription", "reason_code"))


def check() -> None:
    """A few of those called safe, and a few that aren't, each resolved by itself."""
    safe = {line.override.pk for line in review_queue(at=NOW).within(Section.SAFE)}
    rows = [row for row in plainly() if row.account.key.startswith("crowd-")]
    assert len(rows) >= 2 * ACCOUNTS
    for row in rows[:: len(rows) // SAMPLE]:
        has, would = entitlements_of(account=row.account, at=NOW), without_override(override=row, at=NOW)
        assert (has["storage"].value == would["storage"].value) == (row.pk in safe), row


def measure() -> bool:
    check()
    with CaptureQueriesContext(connection) as captured:
        review_queue(at=NOW)
    pairs = [(seconds(plainly), seconds(lambda: review_queue(at=NOW))) for _ in range(ROUNDS)]
    baseline, queue = (statistics.median(pair[n] for pair in pairs) for n in (0, 1))
    ok = queue / baseline <= GATE
    print(
        f"review queue over {2 * ACCOUNTS:,} overrides: {queue:.2f} s in {len(captured)} reads (aim < {AIM:g} s); "
        f"{queue / baseline:.1f} × reading them ({baseline * 1e3:.0f} ms)   (gate {GATE:g} ×)  {'ok' if ok else 'MISSED'}"
    )
    return ok


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            story.tell(now=NOW, count=25)
        crowd(ACCOUNTS)
        exceptions()
        return 0 if measure() else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
