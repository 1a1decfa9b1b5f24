"""A dispute pack about five years of one customer, against reading the same rows of the audit.

`python -m benchmarks.dispute_pack`. The customer has 1,500 acts, 200 overrides, 6 plans one after the other and 3,000
answers given; the desk has the demo beside it.
"""

import os
import sys
import time
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from catalog.models import Feature, Plan
from desk.demo import story
from entitlements.actions.dispute_packs import make_pack
from entitlements.domain.facts import Mode
from entitlements.evidence.checking import check
from entitlements.evidence.drawing import drawn_again
from entitlements.models import Account, AnswerGiven, Override, Subscription, SubscriptionItem
from entitlements.models.override import OverrideState
from journal.actions.audit import seal
from journal.actions.deeds import begin, keep_many, record
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent

NOW = datetime.now(UTC)
BEGAN = NOW - timedelta(days=5 * 365)
ACTS, OVERRIDES, PLANS, ANSWERS = 1_500, 200, ("free", "pro", "team", "pro", "team", "pro"), 3_000
AIM, GATE = 10.0, 300


def an_old_customer() -> Account:
    """Five years in rows: only their number and their dates matter here."""
    deed = begin(by=SYSTEM, at=BEGAN)
    with transaction.atomic():
        [account] = keep_many(
            [Account(key="old", name="Old customer", zone="Europe/Amsterdam", created_at=BEGAN)], deed=deed
        )
        [held] = keep_many([Subscription(account=account, number=1, starts_at=BEGAN)], deed=deed)
        keep_many(_items(held), deed=deed)
        keep_many(_overrides(account), deed=deed)
        for number in range(ACTS):
            act = begin(by=SYSTEM, at=BEGAN + (NOW - BEGAN) * number / ACTS)
            record(act, "account:note", subject=account, account_key="old", reason=f"Call {number}")
        AnswerGiven.objects.bulk_create(_answers(account))
    seal(at=NOW)
    return account


def _items(held: Subscription) -> list[SubscriptionItem]:
    part = (NOW - BEGAN) / len(PLANS)
    rows = []
    for number, key in enumerate(PLANS):
        plan = Plan.objects.get(key=key)
        version = plan.versions.exclude(state="draft").earliest("number")
        ends = None if number == len(PLANS) - 1 else BEGAN + part * (number + 1)
        rows.append(
            SubscriptionItem(
                subscription=held, plan=plan, version=version, starts_at=BEGAN + part * number, ends_at=ends
            )
        )
    return rows


def _overrides(account: Account) -> list[Override]:
    storage, part = Feature.objects.get(key="storage"), (NOW - BEGAN) / OVERRIDES
    who = {"requested_by": "Sal", "approved_by": "Finn", "state": OverrideState.APPROVED, "reason": "A deal"}
    return [
        Override(
            account=account, feature=storage, mode=Mode.ADD, amount=10**9 * (number + 1), starts_at=BEGAN + part * number,
            ends_at=BEGAN + part * number + timedelta(days=30), requested_at=BEGAN + part * number,
            approved_at=BEGAN + part * number, **who,
        )
        for number in range(OVERRIDES)
    ]  # fmt: skip


def _answers(account: Account) -> list[AnswerGiven]:
    part = (NOW - BEGAN) / ANSWERS
    return [
        AnswerGiven(
            account=account,
            told=f"Key {number % 3}",
            told_at=BEGAN + part * number,
            digest=f"{number:064x}",
            answers={"storage": {"text": f"{number} GB", "granted": True}},
        )
        for number in range(ANSWERS)
    ]


def measure(account: Account) -> tuple[float, float, int]:
    start = time.perf_counter()
    # The demo's catalog is younger than the customer, so that only what was believed lately can be asked.
    asked = {"from_on": BEGAN.date(), "through_on": NOW.date(), "moments": [NOW - timedelta(hours=2), NOW]}
    made = make_pack(account=account, reason="Bench", by=SYSTEM, at=NOW, **asked)
    seconds = time.perf_counter() - start
    assert drawn_again(made.event).data == made.pack.data, "drawn up again, it must be the same"
    assert check(made.pack.data).findings == ()
    start = time.perf_counter()
    for _ in range(10):
        assert len(list(AuditEvent.objects.filter(account_key="old"))) >= ACTS
    return seconds, (time.perf_counter() - start) / 10, len(made.pack.data)


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            story.tell(now=NOW, count=5)
        seconds, reading, size = measure(an_old_customer())
    finally:
        teardown_databases(databases, verbosity=0)
    ratio = seconds / reading
    print(
        f"database: {connection.vendor}; five years in {seconds:.2f} s (aim {AIM:g} s), {size / 1e6:.2f} MB, "
        f"{ratio:.0f} × reading the {ACTS:,} acts (gate {GATE} ×)  {'ok' if ratio <= GATE else 'MISSED'}"
    )
    return 0 if ratio <= GATE else 1


if __name__ == "__main__":
    sys.exit(main())
