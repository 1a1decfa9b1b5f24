"""The parts of a loan: each account's lent item or override, begun with the loan and ended with it.

A loan's row is locked before the accounts it reaches, by everyone who locks both. So its parts are made by one hand at
a time, and one account is lent to once, however often a worker was killed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.decided import take_back
from entitlements.actions.loan_proposals import drafted_part
from entitlements.actions.overrides import put_in_force
from entitlements.actions.sales import sell_item
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, Loan, Override, Subscription
from entitlements.queries.lending import Borrower
from entitlements.queries.loans import LoanPart, how_long, what_is_lent
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.actions.deeds import Deed, keep_changed, record
from journal.models import AuditEvent

Answers = Mapping[str, Resolution]


def lock_loan(pk: int) -> Loan:
    """The loan as it stands once it is ours."""
    rows = Loan.objects.select_related("account", "cohort", "plan", "feature__group", "reason_code")
    return rows.select_for_update(of=("self",)).get(pk=pk)


def begin_parts(loan: Loan, borrowers: Iterable[Borrower], *, event: AuditEvent, deed: Deed) -> None:
    """Make the part of each that takes part, and tell what it changed for it."""
    catalog = snapshot_catalog(Reader())
    for borrower in borrowers:
        if borrower.takes_part:
            begin_part(loan, borrower, event=event, deed=deed, catalog=catalog)


def begin_part(
    loan: Loan, borrower: Borrower, *, event: AuditEvent | None, deed: Deed, catalog: CatalogSnapshot
) -> None:
    account = borrower.account
    before = _answers(account, at=deed.at, catalog=catalog) if loan.starts_at <= deed.at else None
    if loan.plan is None:
        put_in_force(drafted_part(loan, borrower, at=deed.at), deed=deed, approved_by=loan.approved_by)
    else:
        _lend_item(loan, borrower, deed=deed)
    if event is None or loan.account_id is None:
        event = _record_part(loan, account, "loan:take_part", became=(None, how_long(loan)), deed=deed)
    if before is not None:
        _tell(account, before, f"{what_is_lent(loan)} was lent: {loan.reason}", event, deed=deed, catalog=catalog)


def _lend_item(loan: Loan, borrower: Borrower, *, deed: Deed) -> None:
    assert loan.plan is not None
    assert borrower.host is not None  # whoever has none takes no part
    host = Subscription.objects.select_related("account__market").get(pk=borrower.host)
    sell_item(
        host,
        loan.plan,
        quantity=loan.quantity,
        starts_at=max(loan.starts_at, deed.at),
        ends_at=borrower.ends_at,
        lent=True,
        origin=f"Loan {loan.name}",
        loan=loan,
        deed=deed,
    )


def end_parts(loan: Loan, parts: Sequence[LoanPart], *, event: AuditEvent, deed: Deed) -> None:
    """End whatever of it speaks or is to come, all in one instant, and tell each account what that took."""
    catalog = snapshot_catalog(Reader())
    lasting = [part for part in parts if part.lasts(deed.at)]
    live = {part.account.pk: part.account for part in lasting if part.live(deed.at)}
    before = {pk: _answers(account, at=deed.at, catalog=catalog) for pk, account in live.items()}
    end_at_once(lasting, deed=deed)
    cause = f"{what_is_lent(loan)} was lent no longer: the loan was recalled"
    for pk, account in {part.account.pk: part.account for part in lasting}.items():
        told = event
        if loan.account_id is None:
            told = _record_part(loan, account, "loan:end_part", became=(how_long(loan), None), deed=deed)
        if pk in before:
            _tell(account, before[pk], cause, told, deed=deed, catalog=catalog)


def end_at_once(parts: Iterable[LoanPart], *, deed: Deed) -> None:
    """What has begun ends at the deed's instant; what hasn't never was."""
    overrides, items = [], []
    for row in [part.row for part in parts]:
        if isinstance(row, Override):
            row.revoked_at, row.revoked_by = deed.at, deed.by.name
            overrides.append(row)
        elif row.starts_at < deed.at:
            row.ends_at = deed.at
            items.append(row)
        else:
            take_back(row, deed=deed)
    keep_changed(overrides, fields=("revoked_at", "revoked_by"), deed=deed)
    keep_changed(items, fields=("ends_at",), deed=deed)


def _record_part(
    loan: Loan, account: Account, verb: str, *, became: tuple[str | None, str | None], deed: Deed
) -> AuditEvent:
    changes = {what_is_lent(loan): list(became)}
    return record(deed, verb, subject=loan, account_key=account.key, reason=loan.reason, changes=changes)


def _answers(account: Account, *, at: datetime, catalog: CatalogSnapshot) -> Answers:
    return answers_before(account=account, at=at, catalog=catalog)


def _tell(
    account: Account, before: Answers, cause: str, event: AuditEvent, *, deed: Deed, catalog: CatalogSnapshot
) -> None:
    journal_changes(account=account, before=before, at=deed.at, cause=cause, event=event, catalog=catalog)
