"""Run inside a desk's own process: promises webhooks, takes back what dead senders had, and counts what was sent.

python -m tests.journeys.webhooks_world promise <address> 40      … tally [lapse]
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.db.models import Count  # noqa: E402

from journal.actions.webhooks.carrying import expire_leases  # noqa: E402
from journal.actions.webhooks.endpoints import set_up  # noqa: E402
from journal.actions.webhooks.replaying import ping  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from journal.models import Outbound  # noqa: E402
from journal.queries.webhooks import webhook_id  # noqa: E402


def promise(url: str, count: int) -> dict[str, Any]:
    """So many messages to one endpoint, and its secret."""
    endpoint, secret = set_up(url=url, by=SYSTEM, at=datetime.now(UTC))
    ids = [webhook_id(ping(endpoint=endpoint, by=SYSTEM, at=datetime.now(UTC))) for _ in range(count)]
    return {"secret": secret, "ids": ids}


def tally(*, lapse: bool) -> dict[str, int]:
    if lapse:
        now = datetime.now(UTC)
        Outbound.objects.filter(state="sending").update(lease_until=now)
        expire_leases(at=now)
    return dict(Outbound.objects.values_list("state").annotate(Count("seq")))


def main() -> None:
    command, *rest = sys.argv[1:]
    told = promise(rest[0], int(rest[1])) if command == "promise" else tally(lapse="lapse" in rest)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
