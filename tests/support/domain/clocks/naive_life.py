"""The life of a case event by event and minute by minute, for the oracle: its state, severity and terms at any time."""

from dataclasses import dataclass
from datetime import datetime

from support.domain.calendar import Calendar
from support.domain.case_events import OPEN_STATES, CaseEvent, CaseState, EventKind
from support.domain.clocks.values import CaseFacts, Terms
from support.domain.milestones import MilestoneTerms, Promised, Trigger
from support.domain.targets import TargetUnit
from tests.support.domain.clocks.naive_hours import instant_of, minute_of

AT_REST = (CaseState.RESOLVED, CaseState.CLOSED)
REOPENED_BY_MESSAGE = (CaseState.WAITING, CaseState.RESOLVED, CaseState.CLOSED)
ROUND_THE_CLOCK = Calendar.around_the_clock()
KIND_OF = {
    Trigger.OPENED: EventKind.OPENED,
    Trigger.CUSTOMER_MESSAGE: EventKind.CUSTOMER_MESSAGE,
    Trigger.PUBLIC_REPLY: EventKind.PUBLIC_REPLY,
    Trigger.ASSIGNED: EventKind.ASSIGNED,
}


@dataclass(frozen=True)
class Moment:
    """One event, and the state of the case before and after it."""

    minute: int
    event: CaseEvent
    before: CaseState
    after: CaseState

    @property
    def comes_to_rest(self) -> bool:
        return self.after in AT_REST and self.after is not self.before

    @property
    def reopens(self) -> bool:
        return self.before in AT_REST and self.after in OPEN_STATES

    @property
    def cancels(self) -> bool:
        return self.after is CaseState.CANCELLED

    def is_a(self, kind: EventKind) -> bool:
        return self.event.kind is kind

    def fires(self, trigger: Trigger, by_hand: EventKind, milestone: str) -> bool:
        if trigger is Trigger.BY_HAND:
            return self.is_a(by_hand) and self.event.to == milestone
        if trigger is Trigger.RESOLVED:  # closing a case that nobody resolved resolves it
            return self.comes_to_rest and self.before not in AT_REST
        return self.is_a(KIND_OF[trigger])


class Life:
    """The case as it stood at each minute, from its opening to now; later it stays as it is now."""

    def __init__(self, facts: CaseFacts, now: datetime) -> None:
        self.facts = facts
        # Of several terms from one instant on the last speaks; the others held for no time.
        self.terms = list({terms.starts_at: terms for terms in facts.terms}.values())
        events = sorted(facts.events, key=lambda event: (event.at, event.seq))
        self.opened = minute_of(facts.opened_at)
        self.now = max(minute_of(now), minute_of(events[-1].at))
        self.state, self.severity, self.team, self.assignee = CaseState.OPEN, "", "", ""
        self.ended: int | None = None
        self.moments: list[Moment] = []
        self.states: list[CaseState] = []
        self.severities: list[str] = []
        self.begun: list[int] = []  # how many terms had begun
        for minute in range(self.opened, self.now + 1):
            while events and minute_of(events[0].at) == minute:
                self._take(events.pop(0), minute)
            self.states.append(self.state)
            self.severities.append(self.severity)
            self.begun.append(sum(terms.starts_at <= instant_of(minute) for terms in self.terms))

    def _take(self, event: CaseEvent, minute: int) -> None:
        before = self.state
        if before is CaseState.CANCELLED:
            return
        if event.kind is EventKind.STATE:
            self.state = CaseState(event.to)
        elif event.kind is EventKind.CUSTOMER_MESSAGE and before in REOPENED_BY_MESSAGE:
            self.state = CaseState.OPEN
        elif event.kind in {EventKind.OPENED, EventKind.SEVERITY}:
            self.severity = event.to
        elif event.kind is EventKind.ASSIGNED:
            self.team, _, self.assignee = event.to.partition("/")
        if self.state not in {CaseState.CLOSED, CaseState.CANCELLED}:
            self.ended = None
        elif self.state is not before:
            self.ended = minute
        self.moments.append(Moment(minute, event, before, self.state))

    def state_at(self, minute: int) -> CaseState:
        return self.states[min(minute, self.now) - self.opened]

    def terms_at(self, minute: int) -> Terms:
        return self.terms[self.begun[min(minute, self.now) - self.opened] - 1]

    def milestones(self) -> list[str]:
        policies = [terms.policy for terms in self.terms if terms.policy]
        return list(dict.fromkeys(each.key for policy in policies for each in policy.milestones))

    def defined_at(self, key: str, minute: int) -> MilestoneTerms:
        """As the terms of that minute define it; else as the last before them did, else the first after them."""
        begun = self.begun[min(minute, self.now) - self.opened]
        for terms in [*reversed(self.terms[:begun]), *self.terms]:
            for each in terms.policy.milestones if terms.policy else ():
                if each.key == key:
                    return each
        raise AssertionError(key)

    def promised_at(self, key: str, minute: int) -> tuple[Promised | None, Calendar]:
        terms = self.terms_at(minute)
        severity = self.severities[min(minute, self.now) - self.opened]
        policy, channel = terms.policy, self.facts.channel.value
        promised = policy and policy.promised(key, severity=severity, channel=channel)
        if not promised or promised.target.unit is TargetUnit.MINUTES:
            return promised, ROUND_THE_CLOCK
        return promised, terms.hours[promised.calendar or ""]
