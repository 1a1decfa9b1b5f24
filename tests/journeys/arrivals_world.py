"""Run inside a desk's own process: the pretended system posts to it, as over HTTP, and what came of it is counted.

python -m tests.journeys.arrivals_world send 40      … tally [lapse]
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import django

django.setup()

from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402

from journal.actions.connections import set_up  # noqa: E402
from journal.actions.receiving import expire_leases  # noqa: E402
from journal.domain.actor import SYSTEM  # noqa: E402
from journal.domain.connection import Mode  # noqa: E402
from journal.models import Connection, Inbound, InboundAttempt, Notice  # noqa: E402
from tests.fakes.console import API, HEADER, SIGNING, event, sign  # noqa: E402


def send(count: int) -> dict[str, Any]:
    """So many events about a few things, each sent twice; the first time a connection is set up for them."""
    there = Connection.objects.first() or _connected()
    begun, refused = Inbound.objects.count(), 0
    for number in [*range(begun, begun + count)] * 2:
        body = json.dumps(event(f"evt_{number}", about=f"thing_{number % 7}")).encode()
        signed = {HEADER: sign(body, at=datetime.now(UTC)), "host": "127.0.0.1"}
        answer = Client().post(f"/hooks/{there.key}", body, content_type="application/json", headers=signed)
        refused += answer.status_code != 200
    return {"refused": refused}


def _connected() -> Connection:
    told = {"settings": {"account": "ca_1"}, "secrets": {"signing": SIGNING, "api": API}}
    return set_up(vendor="console", name="Console", mode=Mode.TEST, **told, by=SYSTEM, at=datetime.now(UTC))


def tally(*, lapse: bool) -> dict[str, Any]:
    if lapse:
        now = datetime.now(UTC)
        Inbound.objects.filter(state="working").update(lease_until=now)
        expire_leases(at=now)
    done = Inbound.objects.filter(state="done").values_list("received_at", "done_at")
    return {
        "states": dict(Inbound.objects.values_list("state").annotate(Count("seq"))),
        "told": Notice.objects.filter(kind="took").count(),
        "ended": InboundAttempt.objects.filter(words__contains="ended unexpectedly").count(),
        "lags": sorted((done_at - received_at).total_seconds() for received_at, done_at in done),
    }


def main() -> None:
    command, *rest = sys.argv[1:]
    told = send(int(rest[0])) if command == "send" else tally(lapse="lapse" in rest)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
