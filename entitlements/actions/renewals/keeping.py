"""Writing what the sweep found out about one thing: each step is a deed of the desk's own, with its reason."""

from collections.abc import Sequence
from typing import Any

from catalog.queries.instants import say_until
from entitlements.domain.renewing import BY_TERMS, Act, RenewalState, Settled, Step
from entitlements.ending_sources import End
from entitlements.models import Account, Renewal
from journal.actions.deeds import Deed, keep, pending_changes, record

LONGEST_LABEL, LONGEST_REASON = 300, 500
CLOSED = "It no longer ends by itself, or there is nothing left to renew."
GONE = "What should have gone on in its place is gone."
OPEN_AGAIN = "Its terms no longer say what becomes of it."


def apply(end: End | None, rows: Sequence[Renewal], steps: Sequence[Step], *, deed: Deed) -> list[Renewal]:
    """Took each step, then put right whose the open rows are and what they are called."""
    by_id = {row.pk: row for row in rows}
    written = [_step(step, by_id.get(step.row or 0), end, deed=deed) for step in steps]
    for row in rows:
        if not cared_for(row, end):
            _care(row, end, deed=deed)
    return written


def _step(step: Step, row: Renewal | None, end: End | None, *, deed: Deed) -> Renewal:
    match step.act:
        case Act.OPEN:
            assert end is not None  # nothing is opened about what doesn't end
            return _open(row, end, step.settled, deed=deed)
        case Act.LAPSE:
            assert row is not None
            return lapse(row, _moved(end), deed=deed)
        case Act.REOPEN:
            assert row is not None
            return reopen(row, OPEN_AGAIN if row.decided_by == BY_TERMS else GONE, deed=deed)
        case Act.SETTLE:
            assert row is not None
            assert step.settled is not None  # that is what it settles by
            return _settle(row, step.settled, deed=deed)


def _open(row: Renewal | None, end: End, settled: Settled | None, *, deed: Deed) -> Renewal:
    """Opened a task about an end, with whoever looks after the account as its owner."""
    if row is None:
        row = Renewal(kind=end.kind, subject_key=end.subject_key, ends_at=end.at)
    row.account, row.label, row.owner = end.account, end.label[:LONGEST_LABEL], owner_of(end.account)
    row.opened_at = deed.at
    _undecided(row)
    if settled is not None:
        _decided(row, settled, deed=deed)
    keep(row, deed=deed)
    ends = {"ends_at": [None, row.ends_at.isoformat()], "owner": [None, row.owner and str(row.owner)]}
    _record(row, "renewal:open", deed=deed, changes=ends)
    if settled is not None:
        _record(row, "renewal:settle", deed=deed, reason=row.reason, changes={"state": ["open", row.state]})
    return row


def lapse(row: Renewal, why: str, *, deed: Deed) -> Renewal:
    """Closed a task about an end that is none any more."""
    was = row.state
    row.state, row.reason = RenewalState.LAPSED, why
    row.decided_at, row.decided_by = deed.at, BY_TERMS
    keep(row, deed=deed)
    _record(row, "renewal:lapse", deed=deed, reason=why, changes={"state": [was, row.state]})
    return row


def reopen(row: Renewal, why: str, *, deed: Deed) -> Renewal:
    """Opened a task again that was decided."""
    was = row.state
    _undecided(row)
    if row.owner is None or not row.owner.is_active:
        row.owner = owner_of(row.account)
    keep(row, deed=deed)
    _record(row, "renewal:reopen", deed=deed, reason=why, changes={"state": [was, row.state]})
    return row


def _settle(row: Renewal, settled: Settled, *, deed: Deed) -> Renewal:
    was = row.state
    _decided(row, settled, deed=deed)
    keep(row, deed=deed)
    _record(row, "renewal:settle", deed=deed, reason=row.reason, changes={"state": [was, row.state]})
    return row


def _decided(row: Renewal, settled: Settled, *, deed: Deed) -> None:
    row.state, row.reason = settled.state, settled.why[:LONGEST_REASON]
    row.decided_at, row.decided_by = deed.at, BY_TERMS
    row.successor_key, row.successor_starts_at = settled.successor_key, settled.goes_on_at
    row.successor_label = settled.successor_label[:LONGEST_LABEL]


def _undecided(row: Renewal) -> None:
    row.state, row.decided_at, row.decided_by, row.reason = RenewalState.OPEN, None, "", ""
    row.successor_key, row.successor_label, row.successor_starts_at, row.link = "", "", None, ""


def owner_of(account: Account) -> Any:
    """Whoever looks after the account, while they work here."""
    return account.owner if account.owner is not None and account.owner.is_active else None


def cared_for(row: Renewal, end: End | None) -> bool:
    """Whether an open row is its account's, is called as the thing is, and its owner still works here."""
    if row.state != RenewalState.OPEN or end is None or row.ends_at != end.at:
        return True
    return (
        row.account_id == end.account.pk
        and row.label == end.label[:LONGEST_LABEL]
        and (row.owner.is_active if row.owner is not None else owner_of(end.account) is None)
    )


def _care(row: Renewal, end: End | None, *, deed: Deed) -> None:
    """The thing went to another customer, got another name, or whose task it was has left."""
    assert end is not None  # else it is cared for
    moved = row.account_id != end.account.pk
    row.label = end.label[:LONGEST_LABEL]
    if moved or row.owner is None or not row.owner.is_active:
        row.owner = owner_of(end.account)
    row.account = end.account
    changes = pending_changes(row)
    if changes:
        keep(row, deed=deed)
        _record(row, "renewal:move", deed=deed, changes=changes)


def _moved(end: End | None) -> str:
    return CLOSED if end is None else f"It lasts {say_until(end.at, zone=end.account.zone)} now."


def _record(row: Renewal, verb: str, *, deed: Deed, reason: str = "", changes: Any = None) -> None:
    record(deed, verb, subject=row, account_key=row.account.key, reason=reason, changes=changes or {})
