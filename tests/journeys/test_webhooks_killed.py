"""The sender of webhooks dies without a word: every message arrives, a repeat under the id it had."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from journal.actions.webhooks.carrying import AT_ONCE
from tests.journal.integrations.webhook.receivers import Answer, Received, receiver
from tests.journeys.desk import Desk, desk_in, kill, migrated_desk_in, rows_in, until

MESSAGES = 40
pytestmark = pytest.mark.kill


def slowly(received: Received) -> Answer:
    time.sleep(0.2)
    return 204, {}, b""


def tally(desk: Desk, *words: str) -> dict[str, int]:
    return dict(json.loads(desk.run("-m", "tests.journeys.webhooks_world", "tally", *words)))


def test_every_message_arrives_and_a_repeat_has_the_id_it_had(tmp_path: Path) -> None:
    migrated_desk_in(tmp_path)
    desk = desk_in(tmp_path, DESK_WEBHOOK_NETWORKS="127.0.0.1/32")
    with receiver(slowly) as there:
        made = json.loads(desk.run("-m", "tests.journeys.webhooks_world", "promise", there.url, str(MESSAGES)))
        with desk.worker() as worker:
            assert until(lambda: len(there.received) > AT_ONCE, seconds=60, pause=0.01)
            kill(worker)
        left = tally(desk, "lapse")
        assert 0 < left["pending"] < MESSAGES, "the sender was to die in the middle"
        with desk.worker():
            assert until(lambda: set(there.ids) == set(made["ids"]), seconds=60)
            assert until(lambda: rows_in(tmp_path, "journal_outbound WHERE state = 'sent'") == MESSAGES, seconds=60)
    assert tally(desk) == {"sent": MESSAGES}
    repeated = [name for name, times in Counter(there.ids).items() if times > 1]
    assert len(repeated) <= AT_ONCE, "only what was under way when the sender died is sent again"
    for received in there.received:
        Webhook(made["secret"]).verify(received.body, received.headers)
