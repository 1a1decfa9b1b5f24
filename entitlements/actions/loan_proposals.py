"""Loans nobody has kept yet: what was asked, checked as a whole, whom it would reach, and who may lend it alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Value
from catalog.domain.window import end_through
from catalog.models import Feature, Plan
from entitlements.actions.override_drafts import check_day, check_reason_code, drafted, roles_of
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession, PolicyRule, Verdict, verdict
from entitlements.models import Account, Cohort, Loan, Override, ReasonCode
from entitlements.models.loan import LoanState
from entitlements.queries.lending import Borrower, borrowers_of, facts_of_each, meant_for, rises_by_lending, times_lent
from entitlements.queries.policies import judge_grant, policy_rules
from entitlements.queries.selling.on_sale import version_to_sell
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, Refusal

LAST_ZONE = "Etc/GMT+12"  # where a day ends last: a loan to a cohort is over once its last day is over everywhere
INLINE = 200  # so many parts are made while somebody waits; more are made as long work, and never by one person alone
MOST = 5_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What is to be lent to whom: a plan or add-on in a quantity, or a change to a feature; to an account or a cohort.

    "Through" a day is said in the account's zone; to a cohort, in each account's own.
    """

    name: str
    through_on: date
    reason: str
    account: Account | None = None
    cohort: Cohort | None = None
    plan: Plan | None = None
    quantity: int = 1
    feature: Feature | None = None
    mode: Mode | None = None
    value: Value | None = None
    typed_unit: str = ""
    starts_at: datetime | None = None
    reason_code: ReasonCode | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class LoanProposal:
    """A loan nobody has kept yet, who takes part and who doesn't and why, and whether the role may lend it alone."""

    loan: Loan
    borrowers: tuple[Borrower, ...]
    judged: Verdict

    @property
    def taking_part(self) -> tuple[Borrower, ...]:
        return tuple(found for found in self.borrowers if found.takes_part)


def propose_loan(*, terms: LoanTerms, by: Actor, at: datetime) -> LoanProposal:
    """What lending would write and how it is judged, refused for the same reasons; nothing is written."""
    loan = _drafted_loan(terms, by=by, at=at)
    borrowers = borrowers_of(loan, at=at)
    taking_part = [found for found in borrowers if found.takes_part]
    if not taking_part:
        raise _nobody(loan, borrowers)
    return LoanProposal(loan, borrowers, _judged(loan, taking_part, by=by, at=at))


def drafted_part(loan: Loan, borrower: Borrower, *, at: datetime) -> Override:
    """One account's part of a lent feature, unsaved; asked for by whoever asked for the loan."""
    assert loan.feature is not None
    part = drafted(
        account=borrower.account,
        feature=loan.feature,
        mode=Mode(loan.mode),
        value=loan.value,
        typed_unit=loan.typed_unit,
        starts_at=loan.starts_at,
        through_on=loan.through_on,
        reason=loan.reason,
        link=loan.link,
        loan=loan,
        by=SYSTEM,
        at=at,
    )
    part.reason_code = loan.reason_code
    part.requested_at, part.requested_by = loan.requested_at, loan.requested_by
    part.requested_by_key, part.requested_as = loan.requested_by_key, loan.requested_as
    return part


def _drafted_loan(terms: LoanTerms, *, by: Actor, at: datetime) -> Loan:
    _check_what(terms, at=at)
    check_day(terms.through_on, field="through_on")
    zone = LAST_ZONE if terms.account is None else terms.account.zone
    loan = Loan(
        name=terms.name.strip(),
        account=terms.account,
        cohort=terms.cohort,
        plan=terms.plan,
        quantity=terms.quantity,
        feature=terms.feature,
        mode=terms.mode or "",
        unlimited=terms.value is UNLIMITED,
        typed_unit=terms.typed_unit,
        starts_at=max(terms.starts_at or at, at),
        ends_at=end_through(terms.through_on, zone),
        through_on=terms.through_on,
        zone=zone,
        reason=terms.reason.strip(),
        reason_code=terms.reason_code,
        link=terms.link,
        state=LoanState.REQUESTED,
        requested_at=at,
        requested_by=by.name,
        requested_by_key=by.key,
        requested_as=roles_of(by),
    )
    _check_loan(loan, by=by)
    if terms.feature is not None:
        _check_feature(loan, terms, at=at)
        loan.set_value(terms.value, shape=terms.feature.shape)
    return loan


def _check_what(terms: LoanTerms, *, at: datetime) -> None:
    if (terms.account is None) == (terms.cohort is None):
        raise Invalid("Lend to one account or to one cohort.", field="account")
    if (terms.plan is None) == (terms.feature is None):
        raise Invalid("Choose one thing to lend: a plan, an add-on or a feature.", field="what")
    if terms.feature is not None and terms.mode is None:
        raise Invalid("Choose what to do with the feature.", field="mode")
    if terms.plan is not None:
        if terms.quantity < 1:
            raise Invalid("The quantity is at least 1.", field="quantity")
        version_to_sell(terms.plan, at)  # the refusal where none of it is on sale


def _check_loan(loan: Loan, *, by: Actor) -> None:
    if not loan.name:
        raise Invalid("Give it a name, by which everybody will find it again.", field="name")
    if loan.ends_at <= loan.starts_at:
        raise Invalid("The last day is over already. Choose today or a later day.", field="through_on")
    if not loan.reason:
        raise Invalid("Give a reason: it is shown wherever this loan explains an answer.", field="reason")
    check_reason_code(loan.reason_code, by=by)
    if loan.cohort is not None and (many := meant_for(loan).count()) > MOST:
        raise Invalid(f"{loan.cohort} has {many:,} accounts; at most {MOST:,} can be lent to at once.", field="cohort")


def _check_feature(loan: Loan, terms: LoanTerms, *, at: datetime) -> None:
    """As an override of the whole account would be checked; of whose account makes no difference."""
    account = loan.account or meant_for(loan).first()
    if account is None or terms.feature is None or terms.mode is None:
        raise Invalid("Nobody is in this cohort.", field="cohort")
    drafted(
        account=account,
        feature=terms.feature,
        mode=terms.mode,
        value=terms.value,
        typed_unit=terms.typed_unit,
        ends_at=loan.ends_at,
        reason=loan.reason,
        by=SYSTEM,
        at=at,
    )


def _nobody(loan: Loan, borrowers: Sequence[Borrower]) -> Refusal:
    if not borrowers:
        return Refusal("Nobody is in this cohort.")
    obstacles = list(dict.fromkeys(found.obstacle.words for found in borrowers if found.obstacle is not None))
    if loan.account is not None:
        return Refusal(f"{loan.account} {obstacles[0]}, so there is nothing to lend to.")
    return Refusal(f"Nobody in {loan.cohort} can take part: each {' or '.join(obstacles)}.")


def _judged(loan: Loan, taking_part: Sequence[Borrower], *, by: Actor, at: datetime) -> Verdict:
    """What is beyond policy for anybody makes the whole loan wait."""
    beyond = [found for found in _verdicts(loan, taking_part, by=by, at=at) if not found.within]
    if not beyond:
        return Verdict(within=True, because="It is within what you may lend alone.")
    reasons = list(dict.fromkeys(found.because for found in beyond))
    role = next((found.approver_role for found in beyond if found.approver_role), "")
    return Verdict(within=False, because=" ".join(reasons[:2]), approver_role=role)


def _verdicts(loan: Loan, taking_part: Sequence[Borrower], *, by: Actor, at: datetime) -> Iterator[Verdict]:
    rules = policy_rules()
    if loan.cohort is not None:
        ends_at = max(found.ends_at for found in taking_part)
        yield _verdict(Concession.COHORT_LOAN, loan, rules, by=by, ends_at=ends_at, times=len(taking_part))
    if len(taking_part) > INLINE:
        yield Verdict(False, f"It is for {len(taking_part):,} accounts; beyond {INLINE} somebody else always approves.")
    elif loan.plan is None:
        read = facts_of_each([found.account for found in taking_part])
        for found, (_account, facts) in zip(taking_part, read, strict=True):
            yield judge_grant(override=drafted_part(loan, found, at=at), by=by, at=at, facts=facts)
    else:
        ids = [found.account.pk for found in taking_part]
        times = times_lent(loan, account_ids=ids, at=at)
        measured = any(rule.concession == Concession.PLAN_LOAN and rule.max_percent is not None for rule in rules)
        rises = rises_by_lending(loan, taking_part, at=at) if measured else {}
        for found in taking_part:
            yield _verdict(
                Concession.PLAN_LOAN,
                loan,
                rules,
                by=by,
                ends_at=found.ends_at,
                times=times.get(found.account.pk, 0) + 1,
                percent=rises.get(found.account.pk),
            )


def _verdict(
    concession: Concession,
    loan: Loan,
    rules: Sequence[PolicyRule],
    *,
    by: Actor,
    ends_at: datetime,
    times: int,
    percent: Decimal | None = None,
) -> Verdict:
    return verdict(
        rules,
        roles=by.roles,
        concession=concession,
        days=-(-(ends_at - loan.starts_at) // DAY),
        percent=percent,
        times=times,
        reason=None if loan.reason_code is None else loan.reason_code.key,
    )
