"""What was done because the billing says so, in the words of whoever reads what came of it."""

from collections.abc import Iterable

from journal.models import AuditEvent

WITH_WHAT = {
    "subscription:start": "Begun",
    "subscription:add": "Added",
    "subscription:change_plan": "Changed",
    "subscription:change_quantity": "Changed",
    "subscription:end_item": "Taken away",
}
PLAINLY = {
    "subscription:call_off_change": "What was planned is called off",
    "subscription:name_item": "An item is known by its id there",
    "subscription:keep_item": "An item goes on",
    "subscription:cancel": "Cancelled",
    "subscription:keep": "It goes on after all",
    "subscription:end": "Ended",
    "subscription:pause": "Paused",
    "subscription:resume": "No longer paused",
    "subscription:restore": "Paid, and everything is given again",
    "trial:set_end": "The trial ends at another time",
    "trial:convert": "The trial became a sale",
    "grace:begin": "A payment failed, and is waited for",
    "grace:end": "A payment failed, and is waited for no longer",
    "period:record": "The period that is billed is noted",
}


def say_done(events: Iterable[AuditEvent]) -> str:
    """ "Begun: 3 × Team; the period that is billed is noted"; the same is said once."""
    words = "; ".join(dict.fromkeys(_small(_say(event)) for event in events))
    return words[:1].upper() + words[1:]


def _say(event: AuditEvent) -> str:
    if event.verb not in WITH_WHAT:
        return PLAINLY.get(event.verb) or event.verb_in_words()
    before, after = next(iter(event.changes.values()))
    return f"{WITH_WHAT[event.verb]}: {' → '.join(str(one) for one in (before, after) if one)}"


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
