"""Every tab of an account's page with five years of history, in a desk of 5,000: `python -m benchmarks.account_page`.

The medians are compared with a page that only asks the database whether it is there, in the same run; the 95th
percentile is reported beside the aim of 500 ms.
"""

import gc
import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse

from catalog.models import Feature, Plan
from desk.admin.account.page import address_of
from desk.demo import story
from desk.slots import tabs
from entitlements.domain.facts import Mode
from entitlements.models import Account, EntitlementChange, Override, Subscription, SubscriptionItem
from entitlements.models.override import OverrideState
from entitlements.queries.story.timeline import timeline
from journal.actions.deeds import begin, keep_many, record
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, AuditHead, Notice, Staff

NOW = datetime.now(UTC)
YEARS = timedelta(days=5 * 365)
CROWD, DEEDS, BOUNDARIES, OVERRIDES, SUBSCRIPTIONS, NOTICES = 5_000, 2_000, 1_500, 300, 20, 400
OTHERS_DEEDS = 4  # of each account of the crowd
ROUNDS, GATE, AIM = 20, 100, 0.5


def spread(number: int, of: int) -> datetime:
    """So many instants over five years, none in the last hour."""
    return NOW - YEARS + (YEARS - timedelta(hours=1)) * number / of


def crowd() -> None:
    """Neighbours with deeds of their own; rows only, since only their number matters here."""
    pro = Plan.objects.get(key="pro")
    version = pro.versions.exclude(state="draft").earliest("number")
    deed = begin(by=SYSTEM, at=NOW - YEARS)
    new = [Account(key=f"crowd-{n}", name=f"Crowd {n}", zone="UTC", created_at=deed.at) for n in range(CROWD)]
    held = [Subscription(account=a, number=1, starts_at=deed.at) for a in keep_many(new, deed=deed)]
    rows = [SubscriptionItem(subscription=s, plan=pro, version=version, starts_at=deed.at) for s in held]
    keep_many(held, deed=deed)
    keep_many(rows, deed=deed)
    head = AuditHead.objects.get(pk=1)
    total = CROWD * OTHERS_DEEDS
    events = [
        AuditEvent(
            seq=head.last_seq + number + 1, at=spread(number, total), actor_kind="system", actor_key="desk",
            actor_name="The desk", verb="account:edit", subject_type="account", subject_key=str(number % CROWD),
            subject_label="A neighbour", account_key=f"crowd-{number % CROWD}", previous_digest="0" * 64, digest="0" * 64,
        )
        for number in range(total)
    ]  # fmt: skip
    AuditEvent.objects.bulk_create(events, batch_size=1_000)
    AuditHead.objects.filter(pk=1).update(last_seq=head.last_seq + total)


def storied() -> Account:
    """One customer of five years: every list of its page is long."""
    account = Account.objects.get(key="crowd-17")
    features = list(Feature.objects.all())
    deed = begin(by=SYSTEM, at=NOW - YEARS)
    _bought(account)
    keep_many([_override(account, features[n % len(features)], n) for n in range(OVERRIDES)], deed=deed)
    changes = []
    for number in range(DEEDS):
        own = begin(by=SYSTEM, at=spread(number, DEEDS))
        event = record(own, "account:edit", subject=account, account_key=account.key, reason="So it was agreed",
                       changes={"name": ["Crowd", f"Crowd {number}"]})  # fmt: skip
        if number % 4 == 0:
            changes += [_change(account, f, own.at, audit_id=event.pk) for f in features[number % 9 :][:3]]
    for number in range(BOUNDARIES):
        changes.append(_change(account, features[number % len(features)], spread(number, BOUNDARIES)))
    EntitlementChange.objects.bulk_create(changes, batch_size=500)
    Notice.objects.bulk_create(
        Notice(once_key=str(uuid4()), kind="bench", recipient="ana@desk.example", subject=f"Notice {n}", body="",
               account_key=account.key, created_at=spread(n, NOTICES))
        for n in range(NOTICES)
    )  # fmt: skip
    return account


def _bought(account: Account) -> None:
    """Most of them ended long ago; three run beside each other."""
    team = Plan.objects.get(key="team")
    version = team.versions.exclude(state="draft").earliest("number")
    deed = begin(by=SYSTEM, at=NOW - YEARS)
    held = []
    for number in range(2, SUBSCRIPTIONS + 1):
        begun = spread(number, SUBSCRIPTIONS + 1)
        over = begun + timedelta(days=80) if number < SUBSCRIPTIONS - 1 else None
        held.append(Subscription(account=account, number=number, starts_at=begun, ends_at=over))
    keep_many(held, deed=deed)
    keep_many(
        [SubscriptionItem(subscription=s, plan=team, version=version, starts_at=s.starts_at) for s in held], deed=deed
    )


def _override(account: Account, feature: Feature, number: int) -> Override:
    begun = spread(number, OVERRIDES)
    return Override(
        account=account, feature=feature, mode=Mode.DENY, starts_at=begun, ends_at=begun + timedelta(days=60),
        reason="A deal", state=OverrideState.APPROVED, requested_at=begun, requested_by="Sal Sales",
        approved_at=begun, approved_by="Finn Finance",
    )  # fmt: skip


def _change(account: Account, feature: Feature, at: datetime, **more: object) -> EntitlementChange:
    return EntitlementChange(
        account=account, feature_key=feature.key, feature_name=feature.name, before="10 GB", after="20 GB",
        effective_at=at, recorded_at=at, cause="So it was agreed", **more,
    )  # fmt: skip


def seconds(client: Client, url: str) -> float:
    start = time.perf_counter()
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return time.perf_counter() - start


def measure(client: Client, name: str, url: str) -> bool:
    client.get(url)
    with CaptureQueriesContext(connection) as reads:
        client.get(url)
    count = len(reads)  # the next request forgets them
    pairs = [(seconds(client, "/healthz"), seconds(client, url)) for _ in range(ROUNDS)]
    plain, own = statistics.median(pair[0] for pair in pairs), sorted(pair[1] for pair in pairs)
    p50, p95 = statistics.median(own), own[int(ROUNDS * 0.95)]
    ratio = p50 / plain
    said = "" if p95 <= AIM else f"; over the aim of {AIM * 1e3:.0f} ms"
    print(
        f"{name:<28} p50 {p50 * 1e3:6.1f} ms  p95 {p95 * 1e3:6.1f} ms{said}  {count:3d} reads  "
        f"{ratio:6.1f} × the baseline's {plain * 1e3:.2f} ms  (gate {GATE} ×)  {'ok' if ratio <= GATE else 'MISSED'}"
    )
    return ratio <= GATE


def pages(account: Account) -> list[tuple[str, str]]:
    """Every tab; of the story also an old page, a feature and a person; of the answers also the past."""
    story_of = reverse("admin:desk_account_timeline", args=[account.key])
    old = timeline(account=account, newest=1_500).next_cursor
    past = f"{reverse('admin:desk_account_entitlements', args=[account.key])}?known_at={(NOW - timedelta(days=30)):%Y-%m-%dT%H:%M}"
    return [
        *((tab.title, address_of(tab, account.key)) for tab in tabs()),
        ("Timeline, an old page", f"{story_of}?before={old}".replace("+", "%2B")),
        ("Timeline of one feature", f"{story_of}?feature=storage"),
        ("Timeline of one person", f"{story_of}?who=desk"),
        ("Entitlements as believed", past),
    ]


def main() -> int:
    setup_test_environment(debug=False)  # or every statement would be kept
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        with transaction.atomic():
            story.tell(now=NOW, count=25)
        with transaction.atomic():
            crowd()
        with transaction.atomic():
            account = storied()
        gc.collect()
        gc.freeze()  # what building the crowd left behind is no part of serving a page
        client = Client()
        client.force_login(Staff.objects.get(username="finance"))
        print(f"database: {connection.vendor}; {ROUNDS} rounds, each in turn with the baseline")
        within = [measure(client, name, url) for name, url in pages(account)]
        return 0 if all(within) else 1
    finally:
        teardown_databases(databases, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
