"""Run inside a desk's own process: prepares what a worker will do, and counts what it did.

python -m tests.journeys.world prepare 60      … promise 200      … tally [settle]      … opened
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Count  # noqa: E402

from catalog.domain.values import Kind  # noqa: E402
from catalog.models import Feature, FeatureGroup  # noqa: E402
from entitlements.models import Account, EntitlementChange, Override, SweepMark  # noqa: E402
from journal.actions.deeds import Deed, begin, keep  # noqa: E402
from journal.actions.notices import tell  # noqa: E402
from journal.actions.outbound import expire_leases  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from journal.models import Notice, Outbound, Staff  # noqa: E402


@transaction.atomic
def prepare(count: int) -> None:
    """So many accounts, each with an override that ended while no worker was alive."""
    now = datetime.now(UTC)
    deed = begin(by=SYSTEM, at=now - timedelta(days=2))
    group = keep(FeatureGroup(key="all", name="All"), deed=deed)
    feature = keep(Feature(key="sso", name="Single sign-on", group=group, kind=Kind.GATE), deed=deed)
    for number in range(count):
        _one(number, feature, now=now, deed=deed)
    SweepMark.objects.create(swept_to=now - timedelta(days=1))


def _one(number: int, feature: Feature, *, now: datetime, deed: Deed) -> None:
    owner = Staff.objects.create(username=f"owner{number}", email=f"owner{number}@desk.example")
    account = Account(key=f"acme-{number}", name=f"Acme {number}", zone="UTC", owner=owner, created_at=deed.at)
    keep(account, deed=deed)
    override = Override(
        account=account,
        feature=feature,
        mode="replace",
        starts_at=deed.at,
        ends_at=now - timedelta(minutes=number + 1),
        reason="A trial of it",
        state="approved",
        requested_at=deed.at,
        requested_by="Ana",
        approved_at=deed.at,
        approved_by="Ana",
    )
    keep(override, deed=deed)


def promise(count: int) -> None:
    """So many notices, each to somebody else."""
    now = datetime.now(UTC)
    for number in range(count):
        key = f"job-{number}"
        tell(recipient=f"{key}@desk.example", subject="Ended", body="It ended.", once_key=key, kind="test", at=now)


def tally(*, settle: bool) -> dict[str, Any]:
    """What stands in the rows, and what the mail server accepted; `settle` takes back the leases of dead workers."""
    if settle:
        expire_leases(at=datetime.now(UTC) + timedelta(minutes=5))
    accepted = Path(settings.VAR) / "accepted.log"
    return {
        "changes": EntitlementChange.objects.count(),
        "changed_accounts": EntitlementChange.objects.values("account").distinct().count(),
        "notices": Notice.objects.count(),
        "outbound": dict(Outbound.objects.exclude(kind="webhook").values_list("state").annotate(Count("seq"))),
        "sent": list(Outbound.objects.filter(state="sent").values_list("destination", flat=True)),
        "accepted": accepted.read_text().splitlines() if accepted.exists() else [],
    }


def main() -> None:
    command, *rest = sys.argv[1:]
    match command:
        case "prepare":
            prepare(int(rest[0]))
        case "promise":
            promise(int(rest[0]))
        case "opened":
            sys.stdout.write(json.dumps(list(Account.objects.values_list("key", flat=True))))
        case _:
            sys.stdout.write(json.dumps(tally(settle="settle" in rest)))


if __name__ == "__main__":
    main()
