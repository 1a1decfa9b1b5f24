"""Whatever can be told to other systems happens: no event waits for a verb that nobody records."""

import re
from functools import cache
from pathlib import Path

from entitlements.queries.clock import endings
from entitlements.webhook_events import EVENTS, OF_ENDINGS
from journal.webhook_events import event_of, events

ROOT = Path(__file__).resolve().parents[2]
TOLD_BY_TIME = set(OF_ENDINGS.values())


@cache
def source() -> str:
    files = (path for app in ("entitlements", "catalog") for path in (ROOT / app).rglob("*.py"))
    return "\n".join(path.read_text() for path in files if path.name != "webhook_events.py")


def is_recorded(verb: str) -> bool:
    """Spelt out, or put together as `f"account:{verb}"` from words beside it."""
    noun, act = verb.split(":")
    return f'"{verb}"' in source() or (f'f"{noun}:{{' in source() and f'"{act}"' in source())


def test_every_verb_that_is_an_event_is_recorded_somewhere() -> None:
    assert [verb for _event, _words, verbs in EVENTS for verb in verbs if not is_recorded(verb)] == []


def test_every_verb_leads_to_its_event_and_no_two_events_share_one() -> None:
    verbs = [(verb, event) for event, _words, found in EVENTS for verb in found]
    assert all(event_of(verb) == event for verb, event in verbs)
    assert len({verb for verb, _ in verbs}) == len(verbs)


def test_what_has_no_verb_is_told_by_time_or_where_it_happens() -> None:
    told = {event for event, _words, verbs in EVENTS if not verbs} - TOLD_BY_TIME
    assert told == {"entitlements.changed", "usage.threshold_reached", "usage.limit_forecast"}


def test_every_kind_of_ending_is_told_but_for_holds() -> None:
    kinds = set(re.findall(r'^ +"(\w+_\w+)",\n +f?"?(?:\w+:|key)', Path(endings.__file__).read_text(), re.MULTILINE))
    assert kinds - OF_ENDINGS.keys() == {"hold_ended"}
    assert OF_ENDINGS.keys() - kinds <= {"contract_version", "contract_ended"}  # these stand on one line each
    assert events().keys() >= TOLD_BY_TIME


def test_each_is_said_in_a_sentence() -> None:
    for event, words in events().items():
        assert words[0].isupper(), event
        assert words.endswith("."), event
