"""What other systems are told about cases and promises."""

from journal import webhook_events

OPENED = "case.opened"
CHANGED = "case.changed"
WARNED = "case.warned"
BREACHED = "case.breached"
ESCALATED = "case.escalated"
MET = "case.milestone_met"
BILLABLE = "work.billable"
TIME_ENTERED = "time.entered"
TIME_WITHDRAWN = "time.withdrawn"
COVER_AGREED = "cover.agreed"
COVER_CHANGED = "cover.changed"
COVER_ENDED = "cover.ended"
TICKET_DECIDED = "ticket.decided"
TICKET_ASKED = "ticket.answer_asked"
TICKET_SETTLED = "ticket.settled"

EVENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (OPENED, "A case was opened; with its clocks and when each is due.", ()),
    (CHANGED, "Something happened to a case; with its state and its clocks as they stand.", ()),
    (WARNED, "A clock comes near its due time, by a warning of its milestone.", ()),
    (BREACHED, "A milestone was not met by its due time; told once for each clock.", ()),
    (ESCALATED, "A clock came to a step of its escalation.", ()),
    (MET, "A milestone was met; with when, and whether in time.", ()),
    (BILLABLE, "Work or a part was recorded of which the customer pays a share; with that share.", ()),
    (TIME_ENTERED, "Time was entered on a case, or counted on prepaid hours afterwards.", ("time:enter", "time:count")),
    (TIME_WITHDRAWN, "A time entry was withdrawn; what it took of prepaid hours is given back.", ("time:withdraw",)),
    (COVER_AGREED, "A cover was agreed with a customer, or renewed.", ("cover:agree", "cover:renew")),
    (COVER_CHANGED, "A cover was amended: from an instant on it says something else.", ("cover:amend",)),
    (COVER_ENDED, "A cover ends before its time, or was called off.", ("cover:end_early", "cover:call_off")),
    (TICKET_DECIDED, "A ticket was checked as it came; with what follows and why.", ()),
    (TICKET_ASKED, "A validator outside is asked about a ticket; with its words and where to answer.", ()),
    (TICKET_SETTLED, "A person, or a validator outside, decided a ticket that was checked before.", ()),
)


def register_events() -> None:
    for event, words, verbs in EVENTS:
        webhook_events.register(event, words)
        for verb in verbs:
            webhook_events.register(event, words, verb=verb)
