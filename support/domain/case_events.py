"""What happens to a case, as values: events, and the states they bring it into.

Events are facts with two times: `at`, when it happened, and the order in which it was heard of (`seq`). The clocks are
read from all of them together, ordered by `at`, then by `seq`; so whatever order they came in, the end is the same.

- A customer's message opens a case again that waits for the customer, is resolved or is closed.
- A cancelled case stays cancelled.
- An automatic reply and an internal note answer nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from support.domain.milestones import CaseState

__all__ = [
    "OPEN_STATES",
    "AlertKind",
    "CaseEvent",
    "CaseState",
    "Channel",
    "ClockState",
    "EventKind",
    "Health",
    "Opener",
]  # fmt: skip


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    WEB = "web"
    API = "api"
    IN_PERSON = "in_person"

    @property
    def words(self) -> str:
        return {"email": "E-mail", "api": "API", "web": "Web form"}.get(self.value) or self.value.replace(
            "_", " "
        ).capitalize()


class Opener(StrEnum):
    """Who opened a case: what staff open by themselves owes no first response."""

    CUSTOMER = "customer"
    AGENT = "agent"


class EventKind(StrEnum):
    """`to` of the event is named in brackets."""

    OPENED = "opened"
    CUSTOMER_MESSAGE = "customer_message"
    PUBLIC_REPLY = "public_reply"
    AUTOMATIC_REPLY = "automatic_reply"
    INTERNAL_NOTE = "internal_note"
    STATE = "state"  # [a CaseState]
    SEVERITY = "severity"  # [the key of a severity]
    ASSIGNED = "assigned"  # [the key of a team, and perhaps "/" and an assignee]
    STARTED = "started"  # [the key of a milestone that is started by hand]
    MET = "met"  # [the key of a milestone that is met by hand]


class ClockState(StrEnum):
    """A late clock still runs: whether it is late is told by `breached_at`."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    CANCELLED = "cancelled"


class AlertKind(StrEnum):
    WARNING = "warning"
    BREACH = "breach"
    ESCALATION = "escalation"


class Health(StrEnum):
    GOOD = "good"
    AT_RISK = "at_risk"
    CRITICAL = "critical"


OPEN_STATES = (CaseState.OPEN, CaseState.WAITING, CaseState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    at: datetime
    seq: int
    kind: EventKind
    to: str = ""
