"""What shops and portals do for a customer: use a promotional code, set the customer's own caps on overage."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from catalog.domain.prices import MICROS
from catalog.models import Feature
from catalog.queries.promotions import say_gift
from entitlements.actions import redemptions, spend_caps
from entitlements.actions.redemptions import redeem
from entitlements.actions.spend_caps import lift_cap, say_cap, set_cap
from entitlements.models import Redemption, SpendCap
from entitlements.queries.accounts import account_by_key
from entitlements.queries.selling.redeemed import caps_of, redemptions_of
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.refusal import NotFound

READ = "entitlements:read"

router = Router(tags=["Codes and caps"], auth=KeyAuth(READ))


class CodeIn(Schema):
    code: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        description="As the customer typed it; case, spaces and dashes make no difference.", examples=["SPRING-26"]
    )


class RedemptionOut(Schema):
    """One use of a code, and what it gave."""

    id: int
    code: str
    gives: str = Field(description="In words.", examples=["30 days of Pro to try"])
    kind: Literal["trial", "add_on", "override"]
    redeemed_at: datetime
    ends_at: datetime | None = Field(
        None, description="When what it gave ends by itself; null: by the plan's own rule."
    )
    revoked_at: datetime | None = Field(None, description="When it was taken back.")


class RedemptionList(Schema):
    account: str
    redemptions: list[RedemptionOut]


class CapIn(Schema):
    feature: str | None = Field(None, description="The key of a feature; null for all overage together.")
    amount: Annotated[Decimal, Field(ge=0, le=1_000_000_000, max_digits=16, decimal_places=6)] = Field(
        description="The most to pay in one billing period.", examples=["100.00"]
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"


class CapOut(Schema):
    feature: str | None = None
    amount: str = Field(description="A decimal number.", examples=["100"])
    currency: str
    words: str = Field(examples=["$100"])


class CapList(Schema):
    account: str
    spend_caps: list[CapOut]


@router.get(
    "/accounts/{key}/redemptions",
    response={200: RedemptionList, **PROBLEMS},
    summary="Codes it has used",
    url_name="redemptions",
)
def redemption_list(request: HttpRequest, key: str) -> Any:
    """Every promotional code the account has used, the latest first."""
    account = account_by_key(key)
    used = redemptions_of(account=account)
    return RedemptionList(account=account.key, redemptions=[render_redemption(row) for row in used])


@router.post(
    "/accounts/{key}/redemptions",
    response={201: RedemptionOut, **PROBLEMS},
    auth=KeyAuth(redemptions.SCOPE),
    summary="Use a promotional code",
    url_name="redemptions",
)
def redemption_make(request: HttpRequest, key: str, told: CodeIn) -> Any:
    """Redeem a code for the account. What it gives is there with the answer.

    Each way a code can't be used has its own `code` in the problem: unknown_code (404); code_not_yet, code_expired,
    code_stopped, code_used_up, code_used_by_account, code_of_other_market, nothing_to_add_to, has_it_already,
    not_on_sale (409). A request that is sent again after it was carried out is answered code_used_by_account, unless
    the code may be used several times by one customer.
    """
    account = account_by_key(key)
    used = redeem(account=account, code=told.code, by=request.auth, at=timezone.now())  # type: ignore[attr-defined]
    return Status(201, render_redemption(used))


@router.get(
    "/accounts/{key}/spend-caps",
    response={200: CapList, **PROBLEMS},
    summary="Its caps on overage",
    url_name="spend_caps",
)
def cap_list(request: HttpRequest, key: str) -> Any:
    """The most the customer will pay for overage in a billing period, in all and by feature."""
    account = account_by_key(key)
    return CapList(account=account.key, spend_caps=[render_cap(cap) for cap in caps_of(account=account)])


@router.put(
    "/accounts/{key}/spend-caps",
    response={200: CapOut, **PROBLEMS},
    auth=KeyAuth(spend_caps.SCOPE),
    summary="Set a cap on overage",
    url_name="spend_caps",
)
def cap_set(request: HttpRequest, key: str, told: CapIn) -> Any:
    """Set or change the customer's cap, in all or for one feature. The same request twice changes nothing more."""
    cap = set_cap(
        account=account_by_key(key),
        feature=_feature(told.feature),
        amount_micros=int(told.amount * MICROS),
        currency=told.currency,
        by=request.auth,  # type: ignore[attr-defined]  # Ninja puts the key's actor there
        at=timezone.now(),
    )
    return render_cap(cap)


@router.delete(
    "/accounts/{key}/spend-caps",
    response={204: None, **PROBLEMS},
    auth=KeyAuth(spend_caps.SCOPE),
    summary="Lift a cap on overage",
    url_name="spend_caps",
)
def cap_lift(request: HttpRequest, key: str, feature: str | None = None) -> Any:
    """Lift the cap for a feature, or without one the cap for everything."""
    account = account_by_key(key)
    lift_cap(account=account, feature=_feature(feature), by=request.auth, at=timezone.now())  # type: ignore[attr-defined]
    return Status(204, None)


def _feature(key: str | None) -> Feature | None:
    if key is None:
        return None
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No feature has the key {key!r}.")
    return found


def render_redemption(row: Redemption) -> RedemptionOut:
    given = row.override if row.item is None else row.item
    return RedemptionOut(
        id=row.pk,
        code=row.code.code,
        gives=say_gift(row.code),
        kind=row.code.gives,
        redeemed_at=row.redeemed_at,
        ends_at=None if given is None else given.ends_at,
        revoked_at=row.revoked_at,
    )


def render_cap(cap: SpendCap) -> CapOut:
    amount = (Decimal(cap.amount_micros) / MICROS).normalize()
    return CapOut(
        feature=cap.feature.key if cap.feature else None,
        amount=f"{amount:f}",
        currency=cap.currency,
        words=say_cap(cap),
    )
