"""Licences issued, suspended, revoked and handed over by the vendor's own programs, with an API key."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from entitlements.actions.licences.issuing import Issued, issue, renew_key, transfer
from entitlements.actions.licences.locking import WRITE
from entitlements.actions.licences.standing import resume, revoke, suspend
from entitlements.api.licence_once import issued_once
from entitlements.api.licence_schemas import (
    IssuedOut,
    IssueIn,
    LicenceList,
    LicenceOut,
    ReasonIn,
    ResumeIn,
    TransferIn,
    render_licence,
)
from entitlements.models import Account, Subscription
from entitlements.models.licence import Licence, LicencePolicy
from entitlements.queries.accounts import account_by_key
from entitlements.queries.licences import facts_of, licence_by_prefix, licences_of
from entitlements.queries.licences.reading import facts_in
from entitlements.snapshots import Reader, snapshot_facts
from journal.api.auth import KeyAuth
from journal.api.idempotency import idempotent_by_itself
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound

READ = "entitlements:read"
ONE = "/licences/{prefix}"
router = Router(tags=["Licences"], auth=KeyAuth(WRITE))


@router.get(
    "/licences",
    response={200: LicenceList, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="An account's licences",
    url_name="licences",
)
def licence_list(request: HttpRequest, account: str) -> Any:
    """All of them, the newest first, as they stand now."""
    owner, at = account_by_key(account), timezone.now()
    facts = snapshot_facts(owner.pk, reader=Reader())
    rows = licences_of(owner)
    return LicenceList(account=owner.key, licences=[render_licence(row, facts_in(facts, row, at), at) for row in rows])


@router.post("/licences", response={200: IssuedOut, **PROBLEMS}, summary="Issue a licence", url_name="licences")
@idempotent_by_itself
def licence_issue(request: HttpRequest, told: IssueIn) -> Any:
    """Issue a licence for an account. Its key is answered this once. Repeated with the same `Idempotency-Key`, no
    second one is issued, and the answer names the first with `key: null`: if the key was lost on the way, renew it.
    """
    by, at = _by(request), timezone.now()

    def act() -> IssuedOut:
        account = account_by_key(told.account)
        done = issue(
            account=account, policy=_policy(told.policy), subscription=_subscription(account, told.subscription),
            name=told.name, environment=told.environment, through_on=told.through_on, expires_at=told.expires_at,
            maintenance_until=told.maintenance_until, by=by, at=at,
        )  # fmt: skip
        return _issued(done, at)

    return issued_once(request, by=by, act=act)


@router.get(ONE, response={200: LicenceOut, **PROBLEMS}, auth=KeyAuth(READ), summary="One licence", url_name="licence")
def licence_show(request: HttpRequest, prefix: str) -> Any:
    """By the part of its key that may be shown."""
    return _told(licence_by_prefix(prefix), timezone.now())


@router.post(ONE + "/suspend", response={200: LicenceOut, **PROBLEMS}, summary="Suspend", url_name="licence_suspend")
def licence_suspend(request: HttpRequest, prefix: str, told: ReasonIn) -> Any:
    """It is good for nothing until it goes on; its places stay its own."""
    return _done(request, prefix, lambda row, by, at: suspend(licence=row, reason=told.reason, by=by, at=at))


@router.post(ONE + "/resume", response={200: LicenceOut, **PROBLEMS}, summary="Let it go on", url_name="licence_resume")
def licence_resume(request: HttpRequest, prefix: str, told: ResumeIn) -> Any:
    """Take the suspension back."""
    return _done(request, prefix, lambda row, by, at: resume(licence=row, reason=told.reason, by=by, at=at))


@router.post(ONE + "/revoke", response={200: LicenceOut, **PROBLEMS}, summary="Revoke", url_name="licence_revoke")
def licence_revoke(request: HttpRequest, prefix: str, told: ReasonIn) -> Any:
    """For good: a revoked licence never becomes valid again. Files given out before run to their end."""
    return _done(request, prefix, lambda row, by, at: revoke(licence=row, reason=told.reason, by=by, at=at))


@router.post(
    ONE + "/transfer", response={200: LicenceOut, **PROBLEMS}, summary="Hand it over", url_name="licence_transfer"
)
def licence_transfer(request: HttpRequest, prefix: str, told: TransferIn) -> Any:
    """To another account, whose entitlements it has from then on. It has to be activated anew wherever it ran."""

    def act(row: Licence, by: Actor, at: datetime) -> Licence:
        owner = account_by_key(told.account)
        subscription = _subscription(owner, told.subscription)
        return transfer(licence=row, account=owner, subscription=subscription, reason=told.reason, by=by, at=at)

    return _done(request, prefix, act)


@router.post(
    ONE + "/renew-key", response={200: IssuedOut, **PROBLEMS}, summary="Give it a new key", url_name="licence_renew_key"
)
@idempotent_by_itself
def licence_renew_key(request: HttpRequest, prefix: str, told: ReasonIn) -> Any:
    """The old key stops at once, and its places stay. The new one is answered this once (see issuing)."""
    by, at = _by(request), timezone.now()

    def act() -> IssuedOut:
        return _issued(renew_key(licence=licence_by_prefix(prefix), reason=told.reason, by=by, at=at), at)

    return issued_once(request, by=by, act=act)


def _done(request: HttpRequest, prefix: str, act: Callable[[Licence, Actor, datetime], Licence]) -> LicenceOut:
    at = timezone.now()
    return _told(act(licence_by_prefix(prefix), _by(request), at), at)


def _told(row: Licence, at: datetime) -> LicenceOut:
    return render_licence(row, facts_of(row, at), at)


def _issued(done: Issued, at: datetime) -> IssuedOut:
    return IssuedOut(**_told(done.licence, at).model_dump(), key=done.key)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _policy(key: str) -> LicencePolicy:
    found = LicencePolicy.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No licence policy has the key {key!r}.", field="policy")
    return found


def _subscription(account: Account, number: int | None) -> Subscription | None:
    if number is None:
        return None
    found = Subscription.objects.filter(account=account, number=min(number, 2**31 - 1)).first()
    if found is None:
        raise NotFound(f"{account} has no subscription {number}.", field="subscription")
    return found
