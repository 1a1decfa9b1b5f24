"""What can be told to other systems. Apps register their events in AppConfig.ready().

An event may stand for an audited verb: then every such deed is told, in its own transaction, by `journal.actions.deeds`.
"""

import re

PING = "webhook.ping"
_SPELLED = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")

_events: dict[str, str] = {PING: "Somebody tries whether messages arrive; sent to one endpoint only."}
_of_verbs: dict[str, str] = {}


def register(event: str, words: str, *, verb: str | None = None) -> None:
    """`event` is what receivers see, such as "subscription.started"; `words` tell when it comes.

    Several verbs may lead to one event: register it once for each.
    """
    if not _SPELLED.fullmatch(event):
        raise ValueError(f"{event!r} is no event: write noun.what_happened in lower case, such as override.granted.")
    if _events.setdefault(event, words) != words:
        raise ValueError(f"{event!r} is registered with other words already.")
    if verb is not None:
        _of_verbs[verb] = event


def events() -> dict[str, str]:
    """Every event with its words, by name."""
    return dict(sorted(_events.items()))


def event_of(verb: str) -> str | None:
    """The event that tells of deeds with this verb, if one is registered."""
    return _of_verbs.get(verb)
