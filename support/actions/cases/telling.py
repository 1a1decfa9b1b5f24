"""What other systems are told of cases: with the number, the state, and the clocks with when each is due.

Each message is written in the transaction of what it tells of, under a key made from it: told twice, it goes out once.
What people wrote stays out of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from journal.actions.webhooks.telling import spell_instant, tell
from journal.models import WebhookEndpoint
from support.actions.cases.handling import account_key_of
from support.models import Case, Clock
from support.webhook_events import MET

MOST_CLOCKS = 40


def tell_case(event: str, case: Case, *, once_key: str, at: datetime, about: dict[str, Any] | None = None) -> int:
    """Told how a case stands, all its clocks with it: of very many, the latest. One query where nobody listens."""
    if not anybody_listens():
        return 0
    clocks = Clock.objects.filter(case=case).order_by("-started_at", "-pk")[:MOST_CLOCKS]
    data = {**plain_case(case), "clocks": [plain_clock(clock) for clock in reversed(clocks)], **(about or {})}
    return tell(event, data=data, account_key=account_key_of(case), once_key=once_key, at=at)


def tell_met(cases: Mapping[int, Case], clocks: Iterable[Clock], *, at: datetime) -> int:
    """Told that milestones of these cases were met, each run once, whatever is heard of it later."""
    if not anybody_listens():
        return 0
    told = 0
    for clock in clocks:
        case = cases[clock.case_id]
        data = {**plain_case(case), **plain_clock(clock), "in_time": clock.breached_at is None}
        once_key = f"case:{case.pk}:{clock.milestone}:{clock.run}:met"
        told += tell(MET, data=data, account_key=account_key_of(case), once_key=once_key, at=at)
    return told


def anybody_listens() -> bool:
    """One query for many messages, where there is no endpoint at all."""
    return WebhookEndpoint.objects.exists()


def plain_case(case: Case) -> dict[str, Any]:
    """How messages name a case and say where it stands."""
    return {
        "account": account_key_of(case) or None,
        "case": case.number,
        "source": case.source,
        "external_id": case.external_id or None,
        "state": str(case.state),
        "severity": case.severity.key,
        "team": case.team.key if case.team else None,
        "assignee": case.assignee or None,
    }


def plain_clock(clock: Clock) -> dict[str, Any]:
    """`clock` is where it stands (running, paused, met, cancelled); whether it is late is told by `breached_at`."""
    return {
        "milestone": clock.milestone,
        "run": clock.run,
        "clock": str(clock.state),
        "due_at": _spelled(clock.due_at),
        "met_at": _spelled(clock.met_at),
        "breached_at": _spelled(clock.breached_at),
    }


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else spell_instant(at)
