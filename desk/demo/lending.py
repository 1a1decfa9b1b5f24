"""What the demo's customers were lent: a beta to a cohort, a plan to one, something recalled, something asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.models import Feature, Plan
from desk.demo.customers import Customer, Fate
from desk.demo.purchases import holding
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.loans import LoanTerms, lend, recall
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import Account, ReasonCode
from journal.domain.actor import Actor

DAY = timedelta(days=1)


def may_lend(*, by: Actor, at: datetime) -> None:
    """Sales may lend a plan for a month twice a year, and to cohorts of ten."""
    limits: dict[str, Any] = {
        "role": "sales",
        "max_percent": None,
        "reason": "As sales agreed with us",
        "by": by,
        "at": at,
    }
    set_policy(concession=Concession.PLAN_LOAN, max_days=31, max_times=2, **limits)
    set_policy(concession=Concession.COHORT_LOAN, max_days=60, max_times=10, **limits)


def lend_things(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Some customers of Pro test single sign-on, one free customer has Team for a month."""
    pro, free = holding(customers, "pro")[2:8], holding(customers, "free", fate=Fate.FREE)
    if not pro or len(free) < 6:
        return
    testers = create_cohort(key="sso_beta", name="Beta of single sign-on", accounts=pro, by=by, at=at)
    sso, beta = Feature.objects.get(key="sso"), _reason("beta_programme")
    told = LoanTerms(
        name="Single sign-on, beta",
        cohort=testers,
        feature=sso,
        mode=Mode.REPLACE,
        value=True,
        through_on=(at + 45 * DAY).date(),
        reason="They try it before everybody gets it.",
        reason_code=beta,
    )
    lend(terms=told, by=by, at=at)
    lend(terms=_team(free[3], at + 25 * DAY, "They asked to see Team with their own data."), by=by, at=at)
    lend(terms=_team(free[4], at + 25 * DAY, "A proof of concept."), by=by, at=at)


def settle_loans(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """One proof of concept is over early; a longer one waits for somebody else."""
    free = holding(customers, "free", fate=Fate.FREE)
    if len(free) < 6:
        return
    for loan in free[4].loans.all()[:1]:
        recall(loan=loan, reason="They chose another supplier.", by=by, at=at)
    lend(terms=_team(free[5], at + 90 * DAY, "Their procurement takes a quarter."), by=by, at=at)


def _team(account: Account, until: datetime, reason: str) -> LoanTerms:
    return LoanTerms(
        name=f"Team for {account}",
        account=account,
        plan=Plan.objects.get(key="team"),
        through_on=until.date(),
        reason=reason,
        reason_code=_reason("proof_of_concept"),
    )


def _reason(key: str) -> ReasonCode | None:
    """The listed reason, or any other there is; staff choose one as soon as there is a list."""
    chosen = ReasonCode.objects.filter(retired_at__isnull=True)
    return chosen.filter(key=key).first() or chosen.first()
