"""How many webhooks a second go out while one of ten endpoints is slow: `python -m benchmarks.webhooks`.

Nine receivers on this machine answer at once, the tenth after a while. The desk's senders carry the messages of the nine
and of the tenth; the naive way posts one after another in one thread, as a loop over the rows would. Each message must
arrive once, signed so that the specification's own library reads it.
"""

import os
import sys
import time
from contextlib import ExitStack
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "CRITICAL")

import django

django.setup()

from django.conf import settings
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.utils.timezone import now
from standardwebhooks import Webhook

from journal.actions.webhooks.endpoints import networks, set_up
from journal.actions.webhooks.telling import body_of, tell
from journal.domain.actor import SYSTEM
from journal.domain.webhooks.signing import headers, name_of
from journal.integrations.webhook.line import Line
from journal.integrations.webhook.sending import Senders
from journal.models import Outbound, WebhookEndpoint
from journal.queries.webhooks import newest_secret
from tests.journal.integrations.webhook.receivers import LOOPBACK, Answer, Received, receiver

ENDPOINTS, EACH = 10, int(os.environ.get("DESK_BENCH_MESSAGES", "40"))
SLOW = float(os.environ.get("DESK_BENCH_SLOW", "0.5"))  # seconds
GATE = 4.0


def slowly(received: Received) -> Answer:
    time.sleep(SLOW)
    return 204, {}, b""


def promised(receivers: list[Any], name: str) -> dict[int, str]:
    """A message of each number to each endpoint; the secrets by the port of their receiver."""
    WebhookEndpoint.objects.all().delete()
    Outbound.objects.all().delete()
    made = {there.port: set_up(url=there.url, by=SYSTEM, at=now())[1] for there in receivers}
    for number in range(EACH):
        tell("benchmark.made", data={"number": number}, account_key="", once_key=f"{name}:{number}", at=now())
    return made


def by_senders(fast: list[Any]) -> float:
    """Seconds until the nine had everything, and everybody else too (not timed)."""
    senders, started = Senders(), time.perf_counter()
    while sum(len(there.received) for there in fast) < EACH * len(fast):
        senders.wake(clock=now, jitter=lambda: 0.0)
        time.sleep(0.02)
    took = time.perf_counter() - started
    while Outbound.objects.exclude(state="sent").exists():
        senders.wake(clock=now, jitter=lambda: 0.0)
        time.sleep(0.05)
    senders.wait(60)
    return took


def one_by_one(fast: list[Any]) -> float:
    """Seconds of a loop over the rows, which waits for each answer."""
    endpoints = {row.key: row for row in WebhookEndpoint.objects.all()}
    started = time.perf_counter()
    for row in Outbound.objects.order_by("seq"):
        body, endpoint = body_of(row.payload), endpoints[row.destination]
        signed = headers(name=name_of(row.message_id), at=now(), body=body, secrets=[newest_secret(endpoint)])
        line = Line(endpoint.url, networks=networks())
        assert line.post(body, headers=signed, at=now()).is_ok
        line.close()
        Outbound.objects.filter(pk=row.pk).update(state="sent", sent_at=now())
    return time.perf_counter() - started


def measured(name: str, way: Any) -> float:
    with ExitStack() as open_now:
        fast = [open_now.enter_context(receiver()) for _ in range(ENDPOINTS - 1)]
        slow = open_now.enter_context(receiver(slowly))
        secrets = promised([*fast, slow], name)
        took = way(fast)
        for there in (*fast, slow):
            assert len(set(there.ids)) == len(there.ids) == EACH, "each once"
            for received in there.received:
                Webhook(secrets[there.port]).verify(received.body, received.headers)
    return took


def main() -> int:
    setup_test_environment()
    settings.DESK_WEBHOOK_NETWORKS = LOOPBACK
    before = setup_databases(verbosity=0, interactive=False)
    try:
        naive, ours = measured("naive", one_by_one), measured("ours", by_senders)
    finally:
        teardown_databases(before, verbosity=0)
    prompt = EACH * (ENDPOINTS - 1)
    print(f"{ENDPOINTS} endpoints, one answering after {SLOW:g} s, {EACH} messages each")
    print(f"one by one: {prompt / naive:7.0f} messages/s to the nine that answer at once ({naive:.1f} s)")
    print(f"senders:    {prompt / ours:7.0f} messages/s ({ours:.1f} s)")
    print(f"ratio:      {naive / ours:7.1f} x   (gate: at least {GATE:g} x)")
    return 0 if naive / ours >= GATE else 1


if __name__ == "__main__":
    sys.exit(main())
