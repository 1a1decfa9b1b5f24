"""The impact of a publication on 2,000 accounts, counted while somebody waits: `python -m benchmarks.impact`.

Ratios against resolving every one of them by itself, before and after, from facts read one account at a time. The two
must agree, and are measured in the same run.
"""

import os
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases

from catalog.actions.drafts import open_draft
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience, Publication
from catalog.models import Feature, Plan, PlanVersion
from desk.demo import story
from entitlements.domain.figures import Effects
from entitlements.domain.impact import Comparison
from entitlements.models import Account, Subscription, SubscriptionItem
from entitlements.queries.publishing.impact import catalog_edges, effects_on, impacts, proposed_rollout
from entitlements.queries.publishing.reached import reachable
from entitlements.snapshots import Reader, snapshot_catalog, snapshot_facts
from journal.actions.deeds import begin, keep_many
from journal.domain.actor import SYSTEM

NOW = datetime.now(UTC)
CROWD, SAMPLE, GATE = 2_000, 200, 0.2


def crowd(count: int) -> None:
    """So many accounts on Pro; rows only, since only their number matters here."""
    pro = Plan.objects.get(key="pro")
    version = pro.versions.exclude(state="draft").earliest("number")
    deed = begin(by=SYSTEM, at=NOW - timedelta(days=1))
    with transaction.atomic():
        new = [Account(key=f"crowd-{n}", name=f"Crowd {n}", zone="UTC", created_at=deed.at) for n in range(count)]
        held = [Subscription(account=a, number=1, starts_at=deed.at) for a in keep_many(new, deed=deed)]
        items = [
            SubscriptionItem(subscription=s, plan=pro, version=version, starts_at=deed.at, recorded_at=deed.at)
            for s in keep_many(held, deed=deed)
        ]
        keep_many(items, deed=deed)


def a_draft() -> PlanVersion:
    draft = open_draft(plan=Plan.objects.get(key="pro"), by=SYSTEM, at=NOW)
    storage = Feature.objects.get(key="storage")
    set_term(version=draft, feature=storage, reading="50 GB; then $0.021 per GB", edits=draft.edits, by=SYSTEM, at=NOW)
    draft.refresh_from_db()
    return draft


def one_by_one(draft: PlanVersion, choice: Publication, ids: list[int]) -> dict[int, Effects]:
    """Each account read by itself and resolved by itself: nothing is shared but the catalog."""
    catalog = snapshot_catalog(Reader())
    proposed = proposed_rollout(draft, choice, catalog, at=NOW)
    ahead = replace(catalog, rollouts=(*catalog.rollouts, proposed))
    edges = catalog_edges()
    found = {}
    for pk in ids:
        alone = Comparison(proposed=proposed, before=catalog.rollouts, edges=edges)
        effects = alone.of(snapshot_facts(pk, reader=Reader(), catalog=ahead))
        if effects is not None:
            found[pk] = effects
    return found


def measure() -> bool:
    draft = a_draft()
    choice = Publication(Audience.NOW, None, draft.edits)
    ids = list(reachable(version=draft, at=NOW).values_list("pk", flat=True))
    assert len(ids) >= CROWD
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        found = dict(effects_on(version=draft, choice=choice, at=NOW))
    shared = (time.perf_counter() - start) / len(ids)
    sample = ids[:: len(ids) // SAMPLE]
    start = time.perf_counter()
    expected = one_by_one(draft, choice, sample)
    alone = (time.perf_counter() - start) / len(sample)
    assert {pk: found[pk] for pk in expected} == expected, "the shared answers are the answers"
    assert Counter(pk in found for pk in sample) == Counter(pk in expected for pk in sample)
    start = time.perf_counter()
    impacts(version=draft, choices=[choice, Publication(Audience.AT_RENEWAL, None, draft.edits)], at=NOW)
    two = time.perf_counter() - start
    ratio, ok = shared / alone, shared / alone <= GATE
    print(
        f"impact on {len(ids):,} accounts: {shared * len(ids):.2f} s in {len(captured)} reads, "
        f"{shared * 1e3:.3f} ms each; {ratio:.2f} × one by one ({alone * 1e3:.3f} ms each)   "
        f"(gate {GATE:g} ×)  {'ok' if ok else 'MISSED'}; two audiences at once: {two:.2f} s"
    )
    return ok


def main() -> int:
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            story.tell(now=NOW, count=25)
        crowd(CROWD)
        return 0 if measure() else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
