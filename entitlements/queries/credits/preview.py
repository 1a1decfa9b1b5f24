"""What a balance becomes by a grant that nobody has made yet, or without one that stands. Nothing here writes."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog.domain.values import Amount
from catalog.domain.window import MOMENT
from entitlements.domain.credits.course import Course
from entitlements.domain.credits.grants import Grant
from entitlements.models import CreditGrant
from entitlements.queries.credits.balances import balance_row
from entitlements.queries.credits.courses import credit_facts, outdated_course
from entitlements.snapshots.credits import snapshot_grant

UNMADE = "0"


@dataclass(frozen=True, slots=True)
class Becomes:
    """Before and after, at the instant from which on it makes the difference."""

    at: datetime
    left_before: Amount
    left_after: Amount
    owed_before: Decimal
    owed_after: Decimal


def with_grant(row: CreditGrant, *, at: datetime) -> Becomes:
    """The balance just before an unsaved grant takes effect, and with it."""
    course = _course(row, at=at)
    starts = max(row.effective_at, course.at + MOMENT)
    course.advance(starts - MOMENT)
    before = _stands(course)
    grant = replace(_unmade(row), effective_at=starts)
    course.take_in([grant])
    course.advance(starts)
    return Becomes(starts, *_pairs(before, _stands(course)))


def without_grant(row: CreditGrant, *, at: datetime) -> Becomes:
    """The balance now, and with the grant voided."""
    course = _course(row, at=at)
    ends = max(at, course.at + MOMENT)
    course.advance(ends - MOMENT)
    before = _stands(course)
    grant = snapshot_grant(row)
    course.take_in([replace(grant, voided_at=ends)])
    course.advance(ends)
    return Becomes(ends, *_pairs(before, _stands(course)))


def _course(row: CreditGrant, *, at: datetime) -> Course:
    balance = balance_row(account=row.account, feature=row.feature)
    return outdated_course(balance, facts=credit_facts(row.account), at=at)


def _unmade(row: CreditGrant) -> Grant:
    return replace(snapshot_grant(row), id=UNMADE)


def _stands(course: Course) -> tuple[Amount, Decimal]:
    return course.left, course.state.overage


def _pairs(before: tuple[Amount, Decimal], after: tuple[Amount, Decimal]) -> tuple[Amount, Amount, Decimal, Decimal]:
    return before[0], after[0], before[1], after[1]
