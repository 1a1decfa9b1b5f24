"""What a case would be promised if it were opened now, and when that would be due. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Account
from support.domain.case_events import CaseEvent, Channel, EventKind, Opener
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, RunClock
from support.domain.covers import Choice
from support.models import CasePromise, Severity
from support.queries.cases.promising import judged
from support.queries.covering import About
from support.snapshots.cases import TermsReader


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`why` says what the promise rests on; without clocks nothing is due by any time. `choice`: who might cover it."""

    tier_name: str
    why: str
    clocks: tuple[RunClock, ...]
    promise: CasePromise
    choice: Choice | None = None


def foreseen(
    account: Account | None,
    *,
    severity: Severity,
    channel: Channel,
    opener: Opener,
    opened_at: datetime,
    at: datetime,
    known_at: datetime | None = None,
    about: About | None = None,
) -> Foreseen:
    """The promise by the versions in force at `opened_at`, and the clocks as they would stand at `at`.

    Public holidays count as known at `known_at`: when the case was recorded, else `at`.
    """
    found = judged(account, at=opened_at, known_at=known_at or at, about=about or About(channel=channel))
    promise = found.promise
    promise.pk = promise.pk or 0  # nobody has kept it yet
    terms = TermsReader.of([promise]).terms(promise)
    facts = CaseFacts(
        opened_at=opened_at,
        opener=opener,
        channel=channel,
        events=(CaseEvent(opened_at, 0, EventKind.OPENED, severity.key),),
        terms=(terms,),
    )
    clocks = standing_of(facts, now=at).clocks
    choice = None if found.covering is None else found.covering.choice
    return Foreseen("" if terms.policy is None else terms.policy.tier_name, promise.why, clocks, promise, choice)
