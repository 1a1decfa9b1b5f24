"""Lending to very many accounts, and telling what a large recall took: long work, an account at a time.

A unit that was done is never done again: its account has its part. One that was lost with its worker left nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.domain.window import MOMENT
from entitlements.actions.changes import tell_what_time_changed
from entitlements.actions.loan_parts import begin_part, lock_loan
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Loan
from entitlements.queries.entitlements import facts_of
from entitlements.queries.lending import borrowers_of, meant_for
from entitlements.queries.loans import LENDING, TELLING, how_long, loans, what_is_lent
from entitlements.snapshots import Reader, snapshot_catalog
from journal.actions.deeds import begin, record
from journal.actions.jobs import start
from journal.domain.actor import SYSTEM, Actor
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job, JobItem

CHUNK = 500
DECIDES = "entitlements.approve_concession"


def start_lending(loan: Loan, *, by: Actor, at: datetime) -> Job:
    """Whoever approved it may pause it or stop it."""
    title = f"Lending {what_is_lent(loan)} to {loan.cohort}"
    return start(kind=LENDING, title=title, payload={"loan": loan.pk}, by=by, at=at)


def start_telling(loan: Loan, *, at: datetime) -> Job:
    title = f"What recalling {what_is_lent(loan)} took from {loan.cohort}"
    return start(kind=TELLING, title=title, payload={"loan": loan.pk}, by=SYSTEM, at=at)


def plan_lending(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    return _planned(meant_for(_loan(job)), cursor)


def plan_telling(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    loan = job.payload["loan"]
    lent = Account.objects.filter(Q(overrides__loan=loan) | Q(subscriptions__items__loan=loan)).distinct()
    return _planned(lent, cursor)


def _planned(accounts: QuerySet[Account], cursor: str) -> tuple[Sequence[Planned], str | None]:
    found = list(accounts.filter(pk__gt=int(cursor or 0)).order_by("pk")[:CHUNK])
    units = [Planned(str(account.pk), f"{account.name} ({account.key})") for account in found]
    return units, str(found[-1].pk) if len(found) == CHUNK else None


def lend_to_one(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Make the part of one account, if it can take part now and the loan is still lent."""
    loan = lock_loan(job.payload["loan"])
    if loan.recalled_at is not None:
        return Outcome.passed_over("The loan was recalled meanwhile.")
    account = _held(int(item.key))
    borrower = borrowers_of(loan, at=at, accounts=[account])[0]
    if borrower.obstacle is not None:
        return Outcome.passed_over(f"It {borrower.obstacle.words}.")
    begin_part(loan, borrower, event=None, deed=begin(by=by, at=at), catalog=snapshot_catalog(Reader()))
    return Outcome.done(how_long(loan))


def _held(pk: int) -> Account:
    """The account, locked; one that was merged since the work was planned left its place to the account that stays."""
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("market")
    account = rows.get(pk=pk)
    return account if account.merged_into_id is None else rows.get(pk=account.merged_into_id)


def tell_one(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Tell what one account lost, or has again, at the instant of the recall."""
    loan, account = _loan(job), Account.objects.get(pk=int(item.key))
    assert loan.recalled_at is not None  # the job begins with the recall
    facts = facts_of(account=account)
    record(begin(by=by, at=at), "loan:end_part", subject=loan, account_key=account.key)
    changed = tell_what_time_changed(
        account=account,
        before=resolve(facts, at=loan.recalled_at - MOMENT),
        after=resolve(facts, at=loan.recalled_at),
        effective_at=loan.recalled_at,
        recorded_at=at,
        cause=f"{what_is_lent(loan)} was lent no longer: the loan was recalled",
    )
    return Outcome.done(", ".join(changed)) if changed else Outcome.passed_over("Nothing changed for it.")


HANDLERS = {
    LENDING: JobHandler("Lending to many accounts", DECIDES, plan_lending, lend_to_one),
    TELLING: JobHandler("Telling what a recall took", "entitlements.revoke_override", plan_telling, tell_one),
}


def _loan(job: Job) -> Loan:
    return loans().get(pk=job.payload["loan"])
