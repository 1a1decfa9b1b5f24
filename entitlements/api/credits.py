"""Credits over HTTP: what is left and of what, the ledger that explains it, granting and voiding."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from catalog.domain.amounts import UnreadableCell
from catalog.domain.values import UNLIMITED, Kind
from catalog.models import Feature
from entitlements.actions.credits.grants import SCOPE, GrantTerms, grant, void, words_of
from entitlements.api.credit_schemas import (
    CreditBalanceOut,
    CreditsIn,
    GrantOut,
    LedgerOut,
    VoidIn,
    render_balance,
    render_grant,
    render_ledger,
)
from entitlements.domain.promises import parse_promise
from entitlements.models import Account, CreditGrant
from entitlements.models.credit import GrantSource, Recurs
from entitlements.queries.accounts import account_by_key
from entitlements.queries.credits import balance_of, ledger_of
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound

READ = "entitlements:read"
ONE = "/accounts/{key}/credits/{feature}"
GRANTS = f"{ONE}/grants"
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The grant's `id`.")]
MOST_LINES = 200

router = Router(tags=["Credits"], auth=KeyAuth(SCOPE))


class AtMoment(Schema):
    at: Annotated[
        Instant | None,
        Field(description="What was left at this instant, as it is known now; one to come: if nothing more is used."),
    ] = None


class Page(Schema):
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1, description="The `before` of the page read last.")] = None
    size: Annotated[int, Field(ge=1, le=MOST_LINES)] = 25


@router.get(
    ONE,
    response={200: CreditBalanceOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="What is left of its credits",
    url_name="credits",
)
def credit_balance(request: HttpRequest, key: str, feature: str, moment: Query[AtMoment]) -> Any:
    """What is left, of which grants in the order in which they are used, and what goes first if it isn't."""
    account, found = _named(key, feature)
    at, now = moment.at or timezone.now(), moment.at is None
    return render_balance(balance_of(account=account, feature=found, at=at, latest=now))


@router.get(
    f"{ONE}/ledger",
    response={200: LedgerOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="The ledger of its credits",
    url_name="credit_ledger",
)
def credit_ledger(request: HttpRequest, key: str, feature: str, page: Query[Page]) -> Any:
    """Every line by which the balance moved, the newest first, each explaining itself; nothing of it is ever rewritten."""
    account, found = _named(key, feature)
    at = timezone.now()
    told = ledger_of(account=account, feature=found, at=at, before=page.before, size=page.size)
    return render_ledger(told, balance_of(account=account, feature=found, at=at, latest=True))


@router.post(GRANTS, response={201: GrantOut, **PROBLEMS}, summary="Grant credits", url_name="credit_grants")
def credit_grant(request: HttpRequest, key: str, feature: str, told: CreditsIn) -> Any:
    """There at once, or from `effective_at` on. What was used beyond all credits in this period is taken from them."""
    account, found = _named(key, feature)
    row = grant(
        account=account,
        feature=found,
        terms=_terms(told, found),
        reason=told.reason,
        by=_by(request),
        at=timezone.now(),
    )
    return Status(201, render_grant(row, words=words_of(row)))


@router.post(
    f"{GRANTS}/{{number}}/void",
    response={200: GrantOut, **PROBLEMS},
    summary="Void credits",
    url_name="credit_grant_void",
)
def credit_void(request: HttpRequest, key: str, feature: str, number: Number, told: VoidIn) -> Any:
    """What is left of the grant is gone with the answer; what was used of it stays used. Voided before: stale (409)."""
    account, found = _named(key, feature)
    row = CreditGrant.objects.filter(account=account, feature=found, pk=number).first()
    if row is None:
        raise NotFound(f"The account {key!r} was granted no {found} with the number {number}.")
    row = void(grant=row, reason=told.reason, by=_by(request), at=timezone.now())
    return render_grant(row, words=words_of(row))


def _by(request: HttpRequest) -> Any:
    return request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there


def _named(key: str, feature: str) -> tuple[Account, Feature]:
    account = account_by_key(key)
    found = Feature.objects.filter(key=feature.replace("\x00", ""), kind=Kind.CREDIT).select_related("group").first()
    if found is None:
        raise NotFound(f"No credits have the key {feature!r}.")
    return account, found


def _terms(told: CreditsIn, feature: Feature) -> GrantTerms:
    try:
        amount, unit = parse_promise(told.amount, shape=feature.shape)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="amount") from None
    if amount is UNLIMITED or not isinstance(amount, Decimal):
        raise Invalid("Grant an amount: what has no limit is a plan's or an override's to give.", field="amount")
    return GrantTerms(
        amount=amount,
        source=GrantSource(told.source),
        priority=told.priority,
        effective_at=told.effective_at,
        through_on=told.through_on,
        recurs=Recurs(told.recurs) if told.recurs else None,
        recurs_every=told.recurs_every,
        min_rollover=Decimal(told.min_rollover),
        max_rollover=None if told.max_rollover is None else Decimal(told.max_rollover),
        typed_unit=unit,
        link=str(told.link or ""),
    )
