"""Loans: lending a plan, an add-on or a feature for a time, and taking all of it back in one act.

A loan is judged as a whole. Within policy its parts are made at once; where anything is beyond it, for any account,
the whole loan waits for somebody else, and nothing of it is in force until then. Above so many accounts the parts are
made by long work (`loan_work`); a recall ends every part in its own instant, however many there are.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from entitlements.actions.loan_parts import begin_parts, end_at_once, end_parts, lock_loan
from entitlements.actions.loan_proposals import INLINE, LoanProposal, LoanTerms, propose_loan
from entitlements.actions.loan_work import start_lending, start_telling
from entitlements.actions.locking import lock_account, lock_all
from entitlements.actions.overrides import SCOPE, require_writer
from entitlements.models import Cohort, Loan
from entitlements.models.loan import LoanState
from entitlements.queries.lending import Borrower, borrowers_of, judge_recall, lent_version, meant_for
from entitlements.queries.loans import (
    LoanPlace,
    how_long,
    loan_ids,
    parts_of,
    place_of,
    to_whom,
    token_of,
    what_is_lent,
)
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval

__all__ = ["LoanProposal", "LoanTerms", "approve_loan", "lend", "propose_loan", "recall", "reject_loan"]
KIND = "loan"


@transaction.atomic
def lend(*, terms: LoanTerms, by: Actor, at: datetime, seen: Collection[int] | None = None) -> Loan:
    """Lent a plan or a feature for a time, or asked for a loan that is beyond policy.

    `seen` are the loans of the borrower that the form knew of: pressed twice, the second press is refused.
    """
    require_writer(by)
    _lock_borrowers(terms)
    if seen is not None and set(seen) != loan_ids(account=terms.account, cohort=terms.cohort):
        raise Stale("Something was lent here since you opened this form. Look again before lending.")
    proposal = propose_loan(terms=terms, by=by, at=at)
    if proposal.judged.within:
        return _carry_out(proposal.loan, proposal.borrowers, verb="loan:lend", by=by, at=at)
    return _ask(proposal, by=by, at=at)


def _lock_borrowers(terms: LoanTerms) -> None:
    """What is beyond INLINE is only asked for, so its accounts needn't wait."""
    if terms.account is not None:
        lock_account(terms.account.pk)
    elif terms.cohort is not None:
        Cohort.objects.select_for_update().get(pk=terms.cohort.pk)
        members = terms.cohort.members.values_list("account_id", flat=True)[: INLINE + 1]
        if len(members) <= INLINE:
            lock_all(members)


def _ask(proposal: LoanProposal, *, by: Actor, at: datetime) -> Loan:
    loan = proposal.loan
    _refuse_second_request(loan)
    keep(loan, deed=begin(by=by, at=at))
    taking, all_of_them = len(proposal.taking_part), len(proposal.borrowers)
    many = "" if loan.cohort is None else f" ({taking:,} of its {all_of_them:,} accounts take part)"
    approvals.request(
        kind=KIND,
        subject=loan,
        account_key="" if loan.account is None else loan.account.key,
        summary=f"Lend {what_is_lent(loan)} to {to_whom(loan)}{many} {how_long(loan)}. {proposal.judged.because}",
        reason=loan.reason,
        approver_role=proposal.judged.approver_role,
        by=by,
        at=at,
    )
    return loan


def _refuse_second_request(loan: Loan) -> None:
    waiting = Loan.objects.filter(
        account=loan.account, cohort=loan.cohort, plan=loan.plan, feature=loan.feature, state=LoanState.REQUESTED
    ).first()
    if waiting is not None:
        raise Refusal(
            f"A loan of {loan.plan or loan.feature} to {to_whom(loan)} waits for approval already, asked for by "
            f"{waiting.requested_by}. Withdraw that request first, or wait for its decision."
        )


def _carry_out(loan: Loan, borrowers: Sequence[Borrower], *, verb: str, by: Actor, at: datetime) -> Loan:
    deed = begin(by=by, at=at)
    loan.state, loan.approved_at, loan.approved_by = LoanState.APPROVED, at, by.name
    keep(loan, deed=deed)
    event = record(
        deed,
        verb,
        subject=loan,
        account_key="" if loan.account is None else loan.account.key,
        reason=loan.reason,
        changes={what_is_lent(loan): [None, how_long(loan)]},
    )
    if len(borrowers) > INLINE:
        start_lending(loan, by=by, at=at)
    else:
        begin_parts(loan, borrowers, event=event, deed=deed)
    return loan


def approve_loan(*, approval: Approval, by: Actor, at: datetime) -> Loan:
    """Approved a loan that was beyond the requester's policy; it begins now if it should have begun before."""
    loan = _requested(approval)
    if loan.account is not None:
        lock_account(loan.account.pk)
    elif meant_for(loan).count() <= INLINE:
        lock_all(meant_for(loan).values_list("pk", flat=True))
    loan.starts_at = max(loan.starts_at, at)
    if loan.ends_at <= loan.starts_at:
        raise Refusal("The last day of this loan has passed while it waited. Reject it and ask anew.")
    lent_version(loan, at=at)  # the refusal where none of the plan is on sale any more
    borrowers = borrowers_of(loan, at=at)
    if not any(found.takes_part for found in borrowers):
        raise Refusal("Nobody can take part in this loan any more. Reject it.")
    return _carry_out(loan, borrowers, verb="loan:approve", by=by, at=at)


def reject_loan(*, approval: Approval, by: Actor, at: datetime) -> Loan:
    """Rejected a loan that was asked for."""
    return _settle(approval, LoanState.REJECTED, "loan:reject", by=by, at=at)


def withdraw_loan(*, approval: Approval, by: Actor, at: datetime) -> Loan:
    """Withdrew one's own request for a loan."""
    return _settle(approval, LoanState.WITHDRAWN, "loan:withdraw", by=by, at=at)


def _settle(approval: Approval, state: LoanState, verb: str, *, by: Actor, at: datetime) -> Loan:
    loan, deed = _requested(approval), begin(by=by, at=at)
    loan.state = state
    keep(loan, deed=deed)
    record(deed, verb, subject=loan, account_key=approval.account_key, reason=approval.note)
    return loan


def _requested(approval: Approval) -> Loan:
    loan = lock_loan(int(approval.subject_key))
    if loan.state != LoanState.REQUESTED:
        raise Stale("This loan is no longer waiting for a decision.")
    return loan


@transaction.atomic
def recall(*, loan: Loan, reason: str, by: Actor, at: datetime, seen: str | None = None) -> Loan:
    """Recalled a loan: everything of it ends this second, for everybody.

    Where that gives a customer something back it is judged as revoking an override is. `seen` is the token of the loan
    the person had before them.
    """
    if not by.may(SCOPE):
        by.require("entitlements.revoke_override")
    row = lock_loan(loan.pk)
    refuse_recall(row, at=at)
    if not reason.strip():
        raise Invalid("Say why: the customers will ask.", field="reason")
    if seen is not None and seen != token_of(row):
        raise Stale("This loan has changed since you opened this page. Look again before recalling it.")
    parts = parts_of(row)
    lock_all({part.account.pk for part in parts})
    judged = judge_recall(row, parts, by=by, at=at)
    if not judged.within:
        raise NotAllowed(f"Recalling this gives customers something back. {judged.because}")
    deed = begin(by=by, at=at)
    row.recalled_at, row.recalled_by = at, by.name
    keep(row, deed=deed)
    event = record(
        deed,
        "loan:recall",
        subject=row,
        account_key="" if row.account is None else row.account.key,
        reason=reason.strip(),
        changes={what_is_lent(row): [how_long(row), None]},
    )
    if len(parts) > INLINE:
        end_at_once([part for part in parts if part.lasts(at)], deed=deed)
        start_telling(row, at=at)
    else:
        end_parts(row, parts, event=event, deed=deed)
    return row


def refuse_recall(loan: Loan, *, at: datetime) -> None:
    """The refusal where there is nothing to take back."""
    match place_of(loan, at=at):
        case LoanPlace.RECALLED:
            raise Stale(f"{loan.recalled_by} has recalled it already.")
        case LoanPlace.ENDED:
            raise Refusal("This loan has ended by itself already.")
        case LoanPlace.WAITING:
            raise Refusal("This loan waits for approval, so nothing of it is lent. Withdraw or reject the request.")
        case LoanPlace.REJECTED | LoanPlace.WITHDRAWN:
            raise Refusal("This loan was never lent.")
