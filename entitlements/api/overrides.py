"""Overrides over HTTP: asked for, edited, renewed, revoked and withdrawn by programs, within what policy gives them."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Status

from catalog.domain.amounts import UnreadableCell
from catalog.domain.values import FeatureShape
from catalog.models import Feature
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import SCOPE, grant, revoke
from entitlements.api.override_schemas import (
    OverrideEdit,
    OverrideIn,
    OverrideList,
    OverrideOut,
    PlaceName,
    RenewalIn,
    RevocationIn,
    WaitingOverride,
    WithdrawalIn,
    render_override,
)
from entitlements.domain.facts import Mode
from entitlements.domain.promises import parse_promise
from entitlements.models import Account, Override, ReasonCode, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.accounts import account_by_key
from entitlements.queries.override_lists import overrides_of
from entitlements.queries.reasons import reason_code_by_key
from journal.actions.approvals import withdraw
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.refusal import Invalid, NotFound, Refusal
from journal.models import Approval

READ = "entitlements:read"
ALL = "/accounts/{key}/overrides"
ONE = f"{ALL}/{{number}}"
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The override's `id`.")]
GRANTED: dict[Any, Any] = {201: OverrideOut, 202: WaitingOverride, **PROBLEMS}

router = Router(tags=["Overrides"], auth=KeyAuth(SCOPE))


@router.get(
    ALL, response={200: OverrideList, **PROBLEMS}, auth=KeyAuth(READ), summary="Its overrides", url_name="overrides"
)
def override_list(request: HttpRequest, key: str, state: PlaceName | None = None) -> Any:
    """What the account was promised beside its plans, the newest 200 first; of one state, where it is asked for."""
    account, at = account_by_key(key), timezone.now()
    rows = overrides_of(account=account, at=at, place=state or "")
    return OverrideList(account=account.key, at=at, overrides=[render_override(row, at=at) for row in rows])


@router.get(
    ONE, response={200: OverrideOut, **PROBLEMS}, auth=KeyAuth(READ), summary="One override", url_name="override"
)
def override_one(request: HttpRequest, key: str, number: Number) -> Any:
    """One override with where it stands now, who asked for it, and who agreed."""
    return render_override(_held(key, number), at=timezone.now())


@router.post(ALL, response=GRANTED, summary="Grant an override", url_name="overrides")
def override_grant(request: HttpRequest, key: str, told: OverrideIn) -> Any:
    """In force with the answer (201), or waiting for a person where it is beyond what policy gives (202).

    Policy gives to roles, and a key has none: unless it is within a policy, what a key asks for waits. While the desk
    keeps a list of reasons, one has to be named in `reason_code`.
    """
    account, feature = account_by_key(key), _feature(told.feature)
    value, unit = _value(told.mode, told.value, shape=feature.shape)
    return _granted(
        grant,
        request,
        account=account,
        feature=feature,
        mode=Mode(told.mode),
        value=value,
        typed_unit=unit,
        subscription=_subscription(account, told.subscription),
        starts_at=told.starts_at,
        through_on=told.through_on,
        review_on=told.review_on,
        reason_code=_reason(told.reason_code),
        reason=told.reason,
        link=str(told.link or ""),
    )


@router.post(f"{ONE}/edit", response=GRANTED, summary="Edit an override", url_name="override_edit")
def override_edit(request: HttpRequest, key: str, number: Number, told: OverrideEdit) -> Any:
    """Another override takes its place (201), or waits to (202); till then the old one stays in force.

    What is left out stays as it was. One that still waits, asked for by this key, is withdrawn and asked for anew.
    Problems worth telling apart: stale (409) where it has changed since it was read.
    """
    override = _held(key, number)
    return _granted(edit, request, override=override, reason=told.reason, seen=told.seen, **_changes(override, told))


@router.post(f"{ONE}/renew", response=GRANTED, summary="Renew an override", url_name="override_renew")
def override_renew(request: HttpRequest, key: str, number: Number, told: RenewalIn) -> Any:
    """The same again, from its end on, or from now on where it has ended; within policy at once, else it waits."""
    return _granted(renew, request, override=_held(key, number), **told.dict())


@router.post(
    f"{ONE}/revoke", response={200: OverrideOut, **PROBLEMS}, summary="Revoke an override", url_name="override_revoke"
)
def override_revoke(request: HttpRequest, key: str, number: Number, told: RevocationIn) -> Any:
    """It stops speaking with the answer. To lift what holds a customer down is a concession, judged by policy (403)."""
    override, at = _held(key, number), timezone.now()
    revoke(override=override, reason=told.reason, seen=told.seen, by=_by(request), at=at)
    return render_override(_held(key, number), at=at)


@router.post(
    f"{ONE}/withdraw",
    response={200: OverrideOut, **PROBLEMS},
    summary="Withdraw a request",
    url_name="override_withdraw",
)
def override_withdraw(request: HttpRequest, key: str, number: Number, told: WithdrawalIn) -> Any:
    """Take back what this key asked for, while nobody has decided it. Somebody else's request is refused (403)."""
    override, at = _held(key, number), timezone.now()
    if override.state != OverrideState.REQUESTED:
        raise Refusal("This override isn't waiting for a decision, so there is nothing to withdraw.")
    withdraw(approval=_request(override), note=told.reason, by=_by(request), at=at)
    return render_override(_held(key, number), at=at)


def _by(request: HttpRequest) -> Any:
    return request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there


def _granted(act: Callable[..., Override], request: HttpRequest, **asked: Any) -> Any:
    at = timezone.now()
    override = act(**asked, by=_by(request), at=at)
    told = render_override(override, at=at)
    if override.state != OverrideState.REQUESTED:
        return Status(201, told)
    waits = _request(override)
    role = waits.approver_role
    return Status(202, WaitingOverride(approval=waits.pk, summary=waits.summary, approver_role=role, override=told))


def _request(override: Override) -> Approval:
    waiting = Approval.objects.filter(kind="override", state=Approval.State.PENDING)
    return waiting.get(subject_key=str(override.pk))


def _held(key: str, number: int) -> Override:
    rows = Override.objects.select_related("account", "feature", "subscription", "reason_code")
    found = rows.filter(account=account_by_key(key), pk=number).first()
    if found is None:
        raise NotFound(f"The account {key!r} has no override {number}.")
    return found


def _changes(override: Override, told: OverrideEdit) -> dict[str, Any]:
    """The arguments of an edit: only what was named."""
    given = told.dict(exclude_unset=True, exclude={"reason", "seen"})
    shape, mode = override.feature.shape, given.get("mode") or override.mode
    if "mode" in given:
        given["mode"] = Mode(mode)
    if "value" in given or mode == Mode.DENY:
        given["value"], given["typed_unit"] = _value(mode, given.get("value"), shape=shape)
    if "subscription" in given:
        given["subscription"] = _subscription(override.account, given["subscription"])
    if "reason_code" in given:
        given["reason_code"] = _reason(given["reason_code"])
    if "link" in given:
        given["link"] = str(given["link"] or "")
    return given


def _value(mode: str, told: Any, *, shape: FeatureShape) -> tuple[Any, str]:
    if mode == Mode.DENY and told is None:
        return None, ""
    try:
        return parse_promise(told, shape=shape)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="value") from None


def _feature(key: str) -> Feature:
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise Invalid(f"No feature has the key {key!r}.", field="feature")
    return found


def _subscription(account: Account, number: int | None) -> Subscription | None:
    if number is None:
        return None
    found = Subscription.objects.filter(account=account, number=number).first()
    if found is None:
        raise Invalid(f"{account} has no subscription {number}.", field="subscription")
    return found


def _reason(key: str | None) -> ReasonCode | None:
    return None if key is None else reason_code_by_key(key)
