"""A customer's cases on the customer's page: what is open and when it is due, what was before, how the account is doing."""

from datetime import datetime
from typing import Any

from catalog.queries.instants import say_instant
from entitlements.models import Account
from support.admin.cases.pages import case_url
from support.admin.cases.words import HEALTH_COLOURS, say_length, say_remaining, state_badge
from support.domain.case_events import Health
from support.models import AccountHealth, Case, Clock
from support.queries.cases.finding import ended_cases_of, open_cases_of

MOST, LATELY = 50, 10


def cases_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """The same reads for every account, however many cases it has; beyond the first fifty the list says how to see more."""
    found = open_cases_of(account, limit=MOST + 1)
    return {
        "open": [_line(case, case.going_on, at=at, zone=account.zone) for case in found[:MOST]],  # type: ignore[attr-defined]
        "more": len(found) > MOST,
        "before": [_line(case, [], at=at, zone=account.zone) for case in ended_cases_of(account, limit=LATELY)],
        "health": _health(account),
    }


def _line(case: Case, clocks: list[Clock], *, at: datetime, zone: str) -> dict[str, Any]:
    return {
        "case": case,
        "url": case_url(case),
        "state": state_badge(case.state),
        "opened": say_instant(case.opened_at, zone=zone),
        "ended": say_instant(case.ended_at, zone=zone) if case.ended_at is not None else "",
        "clocks": [_clock(clock, at=at) for clock in clocks],
    }


def _clock(clock: Clock, *, at: datetime) -> tuple[str, str, str]:
    """Its name, what is left of it, and the colour of that."""
    if clock.due_at is None:
        since = "" if clock.paused_since is None else f" for {say_length(at - clock.paused_since)}"
        return clock.name, f"paused{since}", "amber"
    late = clock.due_at < at
    return clock.name, say_remaining(clock.due_at, at=at), "red" if late else "blue"


def _health(account: Account) -> dict[str, str] | None:
    row = AccountHealth.objects.filter(account=account).first()
    if row is None:
        return None
    level = Health(row.level)
    return {
        "words": level.value.replace("_", " ").capitalize(),
        "colour": HEALTH_COLOURS[level],
        "reason": row.reason,
        "since": say_instant(row.recorded_at, zone=account.zone),
    }
