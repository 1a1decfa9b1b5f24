"""Lending in tests: what to lend to whom, a cohort, and what a role may lend alone."""

from datetime import date, datetime
from typing import Any

from catalog.models import Plan
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.loans import LoanTerms, lend
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import Account, Cohort, Loan
from entitlements.queries.loans import loan_by_id
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, Catalog, account, policy, subscribed

THROUGH = date(2026, 3, 31)


def may_lend(*, days: int = 60, accounts: int = 5, times: int = 2) -> None:
    """Sales may lend a plan for so many days, twice a year, and to cohorts of so many accounts; overrides as usual."""
    policy(percent=1000)
    told = {"role": "sales", "max_days": days, "max_percent": None, "by": SYSTEM, "at": AT - 20 * DAY}
    set_policy(concession=Concession.PLAN_LOAN, max_times=times, **told)
    set_policy(concession=Concession.COHORT_LOAN, max_times=accounts, **told)


def borrowing(*holders: Account, key: str = "beta") -> Cohort:
    return create_cohort(key=key, name="Beta testers", accounts=holders, by=SYSTEM, at=AT - DAY)


def on_free(world: Catalog, *keys: str) -> list[Account]:
    """Accounts in Amsterdam that have Free."""
    found = [account(key) for key in keys]
    for one in found:
        subscribed(one, world.free)
    return found


def terms(**given: Any) -> LoanTerms:
    return LoanTerms(**({"name": "Try it", "through_on": THROUGH, "reason": "A beta"} | given))


def lent(plan: Plan | None = None, *, by: Actor = SYSTEM, at: datetime = AT, **given: Any) -> Loan:
    """A loan as asked for by the desk and approved by somebody where policy wants that; a gate is simply given."""
    if given.get("feature") is not None:
        given = {"mode": Mode.REPLACE, "value": True} | given
    loan = lend(terms=terms(plan=plan, **given), by=by, at=at)
    request = Approval.objects.filter(kind="loan", subject_key=str(loan.pk), state=Approval.State.PENDING).first()
    if request is not None:
        approvals.approve(approval=request, by=actor("finance"), at=at)
    return loan_by_id(loan.pk)
