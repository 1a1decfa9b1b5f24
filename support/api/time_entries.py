"""Time worked on cases over HTTP: entered, withdrawn, listed; and what is left of prepaid help, with its ledger."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Query, Router, Schema, Status

from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound
from support.actions.cases.handling import SCOPE
from support.actions.time_entries import enter_time, withdraw_time
from support.api.time_schemas import (
    AllowanceList,
    PrepaidLedgerOut,
    TimeEntryList,
    TimeEntryOut,
    TimeIn,
    WithdrawIn,
    render_balance,
    render_entry,
    render_line,
    unit_of,
)
from support.models import Allowance, TimeEntry
from support.queries.allowances.balances import balance_line, balances_of
from support.queries.allowances.foreseen import entries_of
from support.queries.allowances.ledger import ledger_of
from support.queries.cases.listing import case_named

READ_CASES, READ_COVERAGE = "cases:read", "coverage:read"
MOST = 200

router = Router(tags=["Time and prepaid help"], auth=KeyAuth(SCOPE))
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The entry's `id`.")]


class Whose(Schema):
    account: Annotated[str, Field(min_length=1, max_length=200, description="Our key or any system's id.")]


class LedgerPage(Whose):
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1, description="`before` of the page read last.")] = None
    most: Annotated[int, Field(ge=1, le=MOST, description="How many at most.")] = 50


@router.post(
    "/cases/{number}/time", response={201: TimeEntryOut, **PROBLEMS}, summary="Enter time", url_name="case_time"
)
def time_enter(request: HttpRequest, number: str, told: TimeIn) -> Any:
    """Enter time worked on a case. It is counted on the customer's prepaid hours, each entry rounded up to their unit.

    What doesn't fit of hours that block is `beyond_minutes`, and becomes work to bill. Where the customer has no prepaid
    hours it counts on nothing. Leaving time out with a reason is for people. The answer is the entry; told again under
    the same `id`, the one that stands.
    """
    asked = told.dict(exclude={"allowance", "id", "channel"})
    channel = None if told.channel is None else told.channel.value
    allowance = _allowance(told.allowance) if told.allowance else None
    entry = enter_time(
        case=case_named(number), allowance=allowance, name=told.id, channel=channel, by=_by(request), at=timezone.now(),
        **asked,
    )  # fmt: skip
    return Status(201, render_entry(_entry(entry.pk)))


@router.get(
    "/cases/{number}/time",
    response={200: TimeEntryList, **PROBLEMS},
    auth=KeyAuth(READ_CASES),
    summary="Time worked on a case",
    url_name="case_time",
)
def time_list(request: HttpRequest, number: str) -> Any:
    """Every entry of a case with its real and its counted minutes, withdrawn ones too."""
    rows = entries_of(case_named(number)).select_related("case", "account", "allowance__feature")
    return TimeEntryList(entries=[render_entry(row) for row in rows[:MOST]])


@router.post(
    "/time-entries/{entry}/withdraw",
    response={200: TimeEntryOut, **PROBLEMS},
    summary="Withdraw time",
    url_name="time_withdraw",
)
def time_withdraw(request: HttpRequest, entry: Number, told: WithdrawIn) -> Any:
    """Take an entry back: what it took of prepaid hours is given back, and what was beyond isn't billed any more.

    Withdrawn before, it is answered as it stands. Refused (409 `already_billed`) where what was beyond has left for
    billing. To correct an entry, withdraw it and enter it anew.
    """
    row = withdraw_time(entry=_entry(entry), reason=told.reason, by=_by(request), at=timezone.now())
    return render_entry(_entry(row.pk))


@router.get(
    "/allowances",
    response={200: AllowanceList, **PROBLEMS},
    auth=KeyAuth(READ_COVERAGE),
    summary="What is left of prepaid help",
    url_name="allowances",
)
def allowance_list(request: HttpRequest, asked: Query[Whose]) -> Any:
    """Prepaid hours and incidents of an account: what is left in all and by channel, and what of it goes next."""
    account = account_by_key(asked.account)
    lines = balances_of(account, timezone.now())
    return AllowanceList(account=account.key, allowances=[render_balance(line) for line in lines])


@router.get(
    "/allowances/{feature}/ledger",
    response={200: PrepaidLedgerOut, **PROBLEMS},
    auth=KeyAuth(READ_COVERAGE),
    summary="The ledger of prepaid help",
    url_name="allowance_ledger",
)
def allowance_ledger(
    request: HttpRequest, feature: Annotated[str, Path(max_length=64)], asked: Query[LedgerPage]
) -> Any:  # fmt: skip
    """Every line in words that the customer may read: what was bought, used by which case, given back, expired, carried
    over; the balance after each. The newest first; `before` leads on.
    """
    at, account, allowance = timezone.now(), account_by_key(asked.account), _allowance(feature)
    balance = balance_line(account, allowance, at=at)
    page = ledger_of(account, allowance, at=balance.view.at, before=asked.before, size=asked.most)
    return PrepaidLedgerOut(
        account=account.key,
        allowance=feature,
        unit=unit_of(balance),
        lines=[render_line(line, balance) for line in page.lines],
        before=page.before,
    )


def _allowance(key: str) -> Allowance:
    found = Allowance.objects.select_related("feature").filter(feature__key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No prepaid help has the key {key[:64]!r}.")
    return found


def _entry(pk: int) -> TimeEntry:
    found = TimeEntry.objects.select_related("case", "account", "allowance__feature").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no time entry {pk}.")
    return found


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
