"""The parts of the page on which a CRM's flows stand: a card for each flow, what failed, and what came last."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from desk.admin.crm.words import (
    DEAL_BADGES,
    FLOW_BADGES,
    VIEW_COMPANY,
    VIEW_DEAL,
    Act,
    page_there,
    record_url,
    say_age,
    say_came,
    say_in,
    say_moment,
    say_span,
)
from desk.domain.crm.flows import FlowState
from desk.domain.crm.sent import read_sent
from desk.domain.crm.told import DealState
from desk.domain.crm.tries import MOST_TRIES
from desk.models import CrmCompany, CrmDeal
from desk.queries.crm.flows import FlowShown, Progress, failed_of
from desk.queries.crm.listing import latest
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from journal.models import Connection

MOST_FAILED, MOST_LATEST = 10, 5


def flow_card(one: FlowShown, *, at: datetime, acts: Sequence[Act]) -> dict[str, Any]:
    """How one flow stands, in words."""
    row, is_on = one.row, one.state is FlowState.ACTIVE
    return {
        "flow": one.flow,
        "title": one.flow.words,
        "state": one.state.words,
        "colour": FLOW_BADGES[one.state],
        "is_new": one.state is FlowState.NEW,
        "reason": row.state_reason if one.state is FlowState.PAUSED else "",
        "since": say_moment(row.state_at) if row.state_at and one.state is not FlowState.NEW else "",
        "behind": _behind(one) if is_on and not one.rests else "",
        "too_far": one.too_far,
        "last_run": say_age(row.last_run_at, at=at) if row.last_run_at else "",
        "next_run": say_in(row.next_run_at, at=at) if is_on and not one.rests and row.next_run_at else "",
        "counts": f"{row.moved:,} moved, {row.skipped:,} skipped, {row.failed:,} failed" if row.last_run_at else "",
        "ever": f"{row.moved_ever:,}" if row.moved_ever else "",
        "waiting": _waiting(one),
        "progress": one.progress,
        "read": _read(one.progress) if one.progress is not None else "",
        "trouble": row.trouble,
        "trouble_since": say_moment(row.trouble_since) if row.trouble and row.trouble_since else "",
        "acts": acts,
    }


def _behind(one: FlowShown) -> str:
    tolerated = say_span(one.flow.tolerated)
    return f"{say_span(one.behind)}; up to {tolerated} is all right".capitalize()


def _waiting(one: FlowShown) -> str:
    if not one.waiting:
        return ""
    verb = "waits" if one.waiting == 1 else "wait"
    return f"{one.waiting:,} {verb} to be {'looked at' if one.flow.comes_in else 'written'}"


def _read(progress: Progress) -> str:
    of = f" of about {progress.expected:,}" if progress.expected else ""
    return f"{progress.read:,}{of} read"


def failed_lines(one: FlowShown, *, at: datetime) -> list[dict[str, Any]]:
    """What it couldn't take in or write, in the CRM's own words, with both records."""
    column, tries = ("failed", "tries") if one.flow.comes_in else ("write_failed", "write_tries")
    rows = failed_of(one.row).select_related("account").order_by(f"-{tries}", "pk")[:MOST_FAILED]
    return [
        {
            "row": record,
            "here": record_url(record),
            "there": page_there(one.row.connection, record),
            "account": record.account,
            "account_url": account_url(record.account) if record.account else "",
            "words": getattr(record, column),
            "again": _again(record, getattr(record, tries), comes_in=one.flow.comes_in, at=at),
        }
        for record in rows
    ]


def _again(record: CrmCompany | CrmDeal, tries: int, *, comes_in: bool, at: datetime) -> str:
    """When it is tried by itself again, if it is."""
    when = record.due_at if comes_in else getattr(record, "write_after", None)
    if when is not None and tries < MOST_TRIES:
        return f"Tried {_times(tries)}; again {say_in(when, at=at)}"
    return f"Tried {_times(tries)}; it waits for a person" if tries else "It waits for a person"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def latest_lines(connection: Connection, *, at: datetime, user: Any) -> list[dict[str, Any]]:
    """What was looked at last, and what came of each: deals and companies in one list, the newest first."""
    rows: list[CrmDeal | CrmCompany] = []
    if user.has_perm(VIEW_DEAL):
        rows += latest(CrmDeal, connection, most=MOST_LATEST)
    if user.has_perm(VIEW_COMPANY):
        rows += latest(CrmCompany, connection, most=MOST_LATEST)
    rows.sort(key=lambda row: row.told_at or at, reverse=True)
    sees = user.has_perm(VIEW_ACCOUNT)
    return [_line(row, connection, at=at, sees=sees) for row in rows]


def _line(row: CrmDeal | CrmCompany, connection: Connection, *, at: datetime, sees: bool) -> dict[str, Any]:
    is_deal = isinstance(row, CrmDeal)
    return {
        "sort": "Deal" if is_deal else "Company",
        "row": row,
        "here": record_url(row),
        "there": page_there(connection, row),
        "state": DealState(row.state).words if isinstance(row, CrmDeal) and row.state else "",
        "colour": DEAL_BADGES.get(DealState(row.state), "plain") if isinstance(row, CrmDeal) and row.state else "",
        "account": row.account,
        "account_url": account_url(row.account, part="contracts" if is_deal else "") if row.account and sees else "",
        "came": ". ".join(came_of(row, at=at)),
        "age": say_age(row.told_at, at=at) if row.told_at else "",
    }


def came_of(row: CrmDeal | CrmCompany, *, at: datetime) -> Iterator[str]:
    """What the desk has made of it, and what it wrote to it, in a few words."""
    if isinstance(row, CrmDeal):
        yield say_came(row) or "Nothing yet"
        return
    if row.gone:
        yield "Deleted there, or made part of another"
    elif row.left_out:
        yield "Left out: no customer of ours"
    elif row.account is None:
        yield "Nobody’s yet"
    else:
        yield f"It is {row.account}"
        yield _written(row, at=at)


def _written(row: CrmCompany, *, at: datetime) -> str:
    """What stands there of the account by now, and since when."""
    if row.written_at is None:
        return "Nothing was written to it yet"
    number = len(read_sent(row.written or {}).entitlements)
    return f"Written {say_age(row.written_at, at=at)}, with {number:,} entitlement{'' if number == 1 else 's'}"
