"""Granting credits beside the plan, and voiding them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import Kind
from catalog.domain.window import MOMENT, end_through
from catalog.models import Feature
from entitlements.actions.credits.books import Book, open_book
from entitlements.actions.internal import require_end
from entitlements.actions.locking import lock_account
from entitlements.actions.override_drafts import check_day
from entitlements.domain.credits.grants import FIRST_PRIORITY, LAST_PRIORITY
from entitlements.domain.credits.telling import say_credits
from entitlements.models import Account, CreditGrant
from entitlements.models.credit import USUAL_PRIORITY, GrantSource, Recurs
from entitlements.queries.credits.balances import token_of
from entitlements.queries.credits.courses import credit_facts
from entitlements.snapshots.credits import snapshot_grant
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

SCOPE = "credits:write"
GRANTS, VOIDS = "entitlements.grant_credits", "entitlements.void_credits"
MOST = Decimal(10**15)  # smallest units; thousands of such grants still fit what can be stored
MOST_EVERY = 120


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What is granted: amounts in the feature's smallest unit; "through" a day is said in the account's zone.

    It takes effect at once where no instant is said. `recurs_from` is what its recurrences are counted from, its own
    beginning where nothing is said.
    """

    amount: Decimal
    source: GrantSource = GrantSource.SALE
    priority: int = USUAL_PRIORITY
    effective_at: datetime | None = None
    through_on: date | None = None
    expires_at: datetime | None = None
    recurs: Recurs | None = None
    recurs_every: int = 1
    recurs_from: datetime | None = None
    min_rollover: Decimal = Decimal(0)
    max_rollover: Decimal | None = None
    typed_unit: str = ""
    link: str = ""


@transaction.atomic
def grant(
    *,
    account: Account,
    feature: Feature,
    terms: GrantTerms,
    reason: str,
    by: Actor,
    at: datetime,
    seen: str | None = None,
) -> CreditGrant:
    """Granted a customer credits beside what the plan gives.

    They never begin before this moment: what was answered until now stays true. What was used beyond all credits in
    this period is taken from them at once. `seen` is the token of the balance the form showed.
    """
    require(by, GRANTS)
    account = lock_account(account.pk)
    _refuse_stale(account, feature, seen=seen)
    row = drafted(account=account, feature=feature, terms=terms, reason=reason, by=by, at=at)
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    put_in_book(row, at=at)
    changes = {feature.name: [None, words_of(row)]}
    record(deed, "credits:grant", subject=row, account_key=account.key, reason=row.reason, changes=changes)
    return row


def drafted(
    *, account: Account, feature: Feature, terms: GrantTerms, reason: str, by: Actor, at: datetime
) -> CreditGrant:
    """The grant as it would be made, unsaved; refused where it can't be right."""
    _check(feature, terms, reason)
    starts = max(terms.effective_at or at, at)
    expires = end_through(terms.through_on, account.zone) if terms.through_on else terms.expires_at
    if expires is not None and expires <= starts:
        raise Invalid("They would be over before they begin. Choose a later last day.", field="through_on")
    require_end(account=account, ends_at=expires)
    return CreditGrant(
        account=account,
        feature=feature,
        amount=int(terms.amount),
        typed_unit=terms.typed_unit,
        priority=terms.priority,
        effective_at=starts,
        expires_at=expires,
        through_on=terms.through_on,
        zone=account.zone,
        recurs=terms.recurs or "",
        recurs_every=terms.recurs_every,
        recurs_from=(terms.recurs_from or starts) if terms.recurs else None,
        min_rollover=int(terms.min_rollover),
        max_rollover=None if terms.max_rollover is None else int(terms.max_rollover),
        source=terms.source,
        reason=reason.strip(),
        link=terms.link,
        granted_at=at,
        granted_by=by.name,
        granted_by_key=by.key,
    )


@transaction.atomic
def void(*, grant: CreditGrant, reason: str, by: Actor, at: datetime, seen: str | None = None) -> CreditGrant:
    """Voided a grant: what is left of it is gone this second, and what was used of it stays used."""
    require(by, VOIDS)
    lock_account(grant.account_id)
    row = CreditGrant.objects.select_related("account", "feature").get(pk=grant.pk)
    _refuse_stale(row.account, row.feature, seen=seen)
    if not reason.strip():
        raise Invalid("Say why: the customer's ledger tells it.", field="reason")
    if row.voided_at is not None:
        raise Stale(f"{row.voided_by} has voided this grant already.")
    if row.expires_at is not None and row.expires_at <= at:
        raise Refusal("This grant has expired by itself already, so there is nothing to void.")
    deed = begin(by=by, at=at)
    end_grants([row], reason=reason.strip(), deed=deed)
    changes = {row.feature.name: [words_of(row), None]}
    record(deed, "credits:void", subject=row, account_key=row.account.key, reason=reason, changes=changes)
    return row


def end_grants(rows: Sequence[CreditGrant], *, reason: str, deed: Deed) -> None:
    """Void rows of one balance as the deed's: after whatever has been used of them, in this very moment too."""
    book = _book_of(rows[0], at=deed.at)
    ends = max(deed.at, book.course.at + MOMENT)
    for row in rows:
        row.voided_at, row.voided_by, row.void_reason = ends, deed.by.name, reason[:500]
        keep(row, deed=deed)
    book.take_in(*(snapshot_grant(row) for row in rows), since=ends, at=ends)
    book.close(at=deed.at)


def put_in_book(row: CreditGrant, *, at: datetime) -> None:
    """What was granted counts from the instant on at which it takes effect; the ledger says so."""
    book = _book_of(row, at=at)
    book.take_in(snapshot_grant(row), since=row.effective_at, at=at)
    book.close(at=at)


def _book_of(row: CreditGrant, *, at: datetime) -> Book:
    facts = credit_facts(row.account)
    return open_book(account_id=row.account_id, feature_id=row.feature_id, facts=facts, at=at)


def words_of(row: CreditGrant) -> str:
    """ "80 hours, each month"."""
    amount = say_credits(Decimal(row.amount), shape=row.feature.shape, typed_unit=row.typed_unit)
    return f"{amount}, {say_rhythm(row)}" if row.recurs else amount


def say_rhythm(row: CreditGrant) -> str:
    return f"each {row.recurs}" if row.recurs_every == 1 else f"every {row.recurs_every} {row.recurs}s"


def require(by: Actor, permission: str) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(permission)


def moved_to(row: CreditGrant, *, left: Decimal) -> GrantTerms:
    """The same terms for what is left of it."""
    terms = GrantTerms(
        amount=left,
        source=GrantSource.MERGE,
        priority=row.priority,
        expires_at=row.expires_at,
        effective_at=row.effective_at,
        min_rollover=Decimal(row.min_rollover),
        max_rollover=None if row.max_rollover is None else Decimal(row.max_rollover),
        typed_unit=row.typed_unit,
        link=row.link,
    )
    if not row.recurs:
        return terms
    return replace(terms, recurs=Recurs(row.recurs), recurs_every=row.recurs_every, recurs_from=row.recurs_from)


def _refuse_stale(account: Account, feature: Feature, *, seen: str | None) -> None:
    if seen is not None and seen != token_of(account=account, feature=feature):
        raise Stale(f"The credits of {feature} have changed since you opened this page. Look again.")


def _check(feature: Feature, terms: GrantTerms, reason: str) -> None:
    if feature.kind != Kind.CREDIT:
        raise Invalid(f"{feature} is no credits. Grant an override instead.", field="feature")
    if not (0 < terms.amount <= MOST and terms.amount == terms.amount.to_integral_value()):
        raise Invalid("Grant more than nothing, and no more than can be counted.", field="amount")
    if not FIRST_PRIORITY <= terms.priority <= LAST_PRIORITY:
        raise Invalid(f"A priority goes from {FIRST_PRIORITY} (used first) to {LAST_PRIORITY}.", field="priority")
    if not 1 <= terms.recurs_every <= MOST_EVERY:
        raise Invalid(f"Let it come again after 1 to {MOST_EVERY} of them.", field="recurs_every")
    most = terms.max_rollover
    if terms.min_rollover < 0 or (most is not None and most < terms.min_rollover) or terms.min_rollover > MOST:
        raise Invalid("At most as much rolls over as at least does, or more.", field="max_rollover")
    if not reason.strip():
        raise Invalid("Give a reason: the customer's ledger tells it.", field="reason")
    check_day(terms.through_on, field="through_on")
