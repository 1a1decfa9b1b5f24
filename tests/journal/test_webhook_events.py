"""What receivers read about webhooks is what the desk does."""

import re
from pathlib import Path

from journal.domain.webhooks.schedule import DELAYS, MOST_TRIES
from journal.webhook_events import events

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
UNITS = {"s": 1, "min": 60, "h": 3600}


def test_the_manual_lists_every_event():
    text = MANUAL.read_text()
    table = text.partition("| event | when |\n|---|---|\n")[2].partition("<!-- end of events -->")[0]
    expected = "".join(f"| `{event}` | {words} |\n" for event, words in events().items())
    assert table == expected, f"Put this into {MANUAL.name}:\n{expected}"


def test_the_manual_tells_the_schedule():
    told = re.search(r"A message is sent again (.+?) after the try before", MANUAL.read_text())[1]
    delays = [int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", told)]
    assert delays == [delay.total_seconds() for delay in DELAYS[1:]]
    assert f"given up after {MOST_TRIES}\n" in MANUAL.read_text()


def test_every_recipe_reads_what_the_desk_signs():
    """The recipe without a library, run as it stands."""
    from datetime import UTC, datetime

    from journal.domain.webhooks.signing import headers, spelled

    code = re.search(r"```python\n(import base64.+?)```", MANUAL.read_text(), re.DOTALL)[1]
    recipe: dict[str, object] = {}
    exec(code, recipe)
    secrets, body = [spelled(bytes(24)), spelled(bytes(range(32)))], "{“ü”}".encode()
    signed = headers(name="msg_1", at=datetime.now(UTC), body=body, secrets=secrets)
    assert [recipe["is_ours"](body, signed, secret) for secret in secrets] == [True, True]
    assert not recipe["is_ours"](body + b" ", signed, secrets[0])
    assert not recipe["is_ours"](body, {**signed, "webhook-timestamp": "1"}, secrets[0])
