"""A user's, agent's, device's or task's own limit under the account's.

In each period of the feature, or in all from an instant on: a budget for a task. It is always hard, it never gives more
than the account has, and use counts on both. Limits are read with each use, so that a new one holds at once.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import Kind
from catalog.domain.words import say_value
from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.actions.locking import lock_account
from entitlements.domain.decision import is_used
from entitlements.domain.usage.charging import REFUSED
from entitlements.domain.usage.operations import LARGEST
from entitlements.models import Account, SubjectLimit
from entitlements.models.usage import LONGEST_NAME
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound, Stale

PERMISSION = "entitlements.set_subject_limit"
SCOPE = "usage:write"


@transaction.atomic
def set_subject_limit(
    *,
    account: Account,
    feature: Feature,
    subject: str,
    amount: Decimal,
    by: Actor,
    at: datetime,
    in_all: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
    seen: str | None = None,
) -> SubjectLimit:
    """Set how much of a feature one user, agent, device or task of an account may use, in each period or in all.

    `amount` in the feature's smallest unit. A budget (`in_all`) counts from `starts_at` on: where that is left out, a
    budget there is goes on with what it has used, and a new one begins now; another start begins at nothing. `seen` is
    the limit's token as the form showed it.
    """
    _require(by)
    lock_account(account.pk)
    _check(feature, subject, amount, in_all=in_all, starts_at=starts_at, ends_at=ends_at)
    limit = subject_limit_of(account, feature, subject)
    _refuse_unseen(limit, seen)
    before = say_subject_limit(limit)
    goes_on = limit is not None and limit.in_all is in_all
    limit = limit or SubjectLimit(account=account, feature=feature, subject=subject)
    limit.starts_at = starts_at or (limit.starts_at if goes_on else at)
    limit.amount, limit.in_all, limit.ends_at = int(amount), in_all, ends_at
    if ends_at is not None and ends_at <= limit.starts_at:
        raise Invalid("It would end before it begins.", field="ends_at")
    after = say_subject_limit(limit)
    if before == after:
        return limit
    limit.reason = reason
    deed = begin(by=by, at=at)
    keep(limit, deed=deed)
    changes = {_what(limit): [before or None, after]}
    record(deed, "subject_limit:set", subject=limit, account_key=account.key, reason=reason, changes=changes)
    return limit


@transaction.atomic
def lift_subject_limit(
    *,
    account: Account,
    feature: Feature,
    subject: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    seen: str | None = None,
) -> None:
    """Lifted the limit of one user, agent, device or task: only the account's own bounds it from now on."""
    _require(by)
    lock_account(account.pk)
    limit = subject_limit_of(account, feature, subject)
    _refuse_unseen(limit, seen)
    if limit is None:
        raise NotFound(f"“{subject}” has no limit of its own for {feature}.")
    deed = begin(by=by, at=at)
    changes = {_what(limit): [say_subject_limit(limit), None]}
    record(deed, "subject_limit:lift", subject=limit, account_key=account.key, reason=reason, changes=changes)
    remove(limit, deed=deed)


def subject_limit_of(account: Account, feature: Feature, subject: str) -> SubjectLimit | None:
    rows = SubjectLimit.objects.select_related("account", "feature")
    return rows.filter(account=account, feature=feature, subject=subject).first()


def say_subject_limit(limit: SubjectLimit | None) -> str:
    """ "1,000 in each period", "20 GB in all from 2 March 2026 (Amsterdam)"; empty where there is none."""
    if limit is None:
        return ""
    amount = say_value(Decimal(limit.amount), shape=limit.feature.shape)
    if not limit.in_all:
        return f"{amount} in each period"
    zone = limit.account.zone
    until = f" to {say_instant(limit.ends_at, zone=zone)}" if limit.ends_at else ""
    return f"{amount} in all from {say_instant(limit.starts_at, zone=zone)}{until}"


def token_of(limit: SubjectLimit | None) -> str:
    """What a form was opened with."""
    if limit is None:
        return ""
    ends = limit.ends_at.isoformat() if limit.ends_at else ""
    return f"{limit.amount};{limit.in_all};{limit.starts_at.isoformat()};{ends}"


def _refuse_unseen(limit: SubjectLimit | None, seen: str | None) -> None:
    if seen is not None and seen != token_of(limit):
        now = say_subject_limit(limit) or "none"
        raise Stale(f"Since you opened this form, the limit has become {now}. Look again.")


def _check(
    feature: Feature,
    subject: str,
    amount: Decimal,
    *,
    in_all: bool,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> None:
    shape = feature.shape
    if not is_used(shape) or (shape.kind is Kind.METERED and shape.aggregation not in REFUSED):
        raise Invalid(f"{feature} is told afterwards or not used up, so no limit could stop it.", field="feature")
    if not subject.strip() or subject != subject.strip() or len(subject) > LONGEST_NAME or "\x00" in subject:
        words = f"Name the user, agent, device or task as products do, in at most {LONGEST_NAME} characters."
        raise Invalid(words, field="subject")
    if amount != amount.to_integral_value() or not 0 <= amount <= LARGEST:
        raise Invalid("Write an amount from 0 on, whole in the smallest unit.", field="amount")
    if not in_all and (starts_at is not None or ends_at is not None):
        words = "What holds in each period begins at once and has no end; lift it when it is over."
        raise Invalid(words, field="starts_at" if starts_at is not None else "ends_at")


def _require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def _what(limit: SubjectLimit) -> str:
    return f"{limit.feature} for {limit.subject}"
