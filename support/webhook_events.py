"""What other systems are told about cases and promises."""

from journal import webhook_events

OPENED = "case.opened"
CHANGED = "case.changed"
WARNED = "case.warned"
BREACHED = "case.breached"
ESCALATED = "case.escalated"
MET = "case.milestone_met"

EVENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (OPENED, "A case was opened; with its clocks and when each is due.", ()),
    (CHANGED, "Something happened to a case; with its state and its clocks as they stand.", ()),
    (WARNED, "A clock comes near its due time, by a warning of its milestone.", ()),
    (BREACHED, "A milestone was not met by its due time; told once for each clock.", ()),
    (ESCALATED, "A clock came to a step of its escalation.", ()),
    (MET, "A milestone was met; with when, and whether in time.", ()),
)


def register_events() -> None:
    for event, words, verbs in EVENTS:
        webhook_events.register(event, words)
        for verb in verbs:
            webhook_events.register(event, words, verb=verb)
