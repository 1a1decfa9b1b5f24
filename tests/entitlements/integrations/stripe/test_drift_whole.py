"""Of very many subscriptions some differ at random and nobody is told: just those are found, and mended once.

In seconds here; all 5,000 of which 200 differ by `python -m benchmarks.billing_drift`.
"""

import os
import resource
from collections import Counter
from hashlib import sha256
from random import Random
from time import monotonic
from typing import Any

import pytest
from django.apps import apps

from entitlements.actions.billed.runs import start_drift, start_taking
from entitlements.models import BillingFinding
from entitlements.queries.billed.runs import Found, found_by
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Job
from tests.entitlements.integrations.stripe.conftest import Shop
from tests.entitlements.integrations.stripe.drifting import MISSING, Market, corrupt, market
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
NUMBER, WRONG = int(os.environ.get("DESK_DRIFT", "300")), int(os.environ.get("DESK_DRIFT_WRONG", "12"))
SEED = int(os.environ.get("DESK_DRIFT_SEED", "0")) or Random().randrange(1, 10**6)
OWN = {"journal_job", "journal_jobitem", "journal_audithead"}  # that a comparison was made is written down


def test_just_those_that_differ_are_found_and_mended_once(shop: Shop) -> None:
    drawn = Random(SEED)
    places = drawn.sample(range(NUMBER), WRONG)
    missing = places[: max(1, WRONG // 12)]
    there = market(shop, NUMBER, without=missing)
    wrong = {f"sub_copy{place:05}": MISSING for place in missing}
    wrong |= corrupt(there, [f"sub_copy{place:05}" for place in places if place not in missing], drawn)
    print(f"\nseed {SEED}: {NUMBER} subscriptions, {len(wrong)} differ: {dict(Counter(wrong.values()))}")
    found = compared(there)
    assert set(_open()) == set(wrong), (wrong, set(_open()) ^ set(wrong))
    assert (found.looked, found.differ, found.missing) == (
        len(shop.fake.state.all("subscription")),
        WRONG,
        len(missing),
    )
    mended(there)
    assert not _open()
    before = written()
    again = compared(there)
    assert (again.looked, again.differ) == (found.looked, 0)
    assert [name for name, told in written().items() if told != before[name]] == []


def compared(there: Market) -> Found:
    """A whole comparison, and what it took."""
    began, asked = monotonic(), len(there.shop.fake.requests)
    job = start_drift(connection=there.shop.connection, by=SYSTEM, at=AT)
    found = found_by(worked_off(job))
    said = f"{found.looked} compared, {found.differ} differ, {len(there.shop.fake.requests) - asked} questions"
    _say(f"{said}, {monotonic() - began:.1f} s")
    return found


def mended(there: Market) -> None:
    began, asked = monotonic(), len(there.shop.fake.requests)
    job = worked_off(start_taking(connection=there.shop.connection, by=SYSTEM, at=AT))
    assert (job.done, job.skipped, job.failed) == (WRONG, 0, 0), list(job.items.values_list("label", "told"))
    _say(f"{job.done} taken, {len(there.shop.fake.requests) - asked} questions, {monotonic() - began:.1f} s")


def worked_off(job: Job) -> Job:
    work_off(at=AT, most=10**6)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, (job.error, list(job.items.filter(state="failed").values("label", "told")))
    return job


def _say(words: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{words}, {peak} MB at most")


def _open() -> list[str]:
    return list(BillingFinding.objects.filter(state="open").values_list("billing_id", flat=True))


def written() -> dict[str, Any]:
    """Every row of every table, but for that a comparison was made."""
    tables = [model for model in apps.get_models() if model._meta.db_table not in OWN and model is not AuditEvent]
    told = {model._meta.db_table: _sum(model._default_manager.order_by("pk")) for model in tables}
    return told | {"audit": AuditEvent.objects.exclude(verb__startswith="job:").count()}


def _sum(rows: Any) -> str:
    said = sha256()
    for row in rows.values_list().iterator(chunk_size=500):
        said.update(repr(row).encode())
    return said.hexdigest()
