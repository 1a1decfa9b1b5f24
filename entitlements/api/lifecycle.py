"""The life of a subscription over HTTP: for shops and portals, and for whatever bills."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from catalog.models import Plan
from entitlements.actions import lifecycle, trials
from entitlements.actions.lifecycle import PAYMENT_SCOPE
from entitlements.actions.plan_changes import cancel_change, change_plan
from entitlements.actions.subscriptions import SCOPE, start
from entitlements.api.life_schemas import (
    CancelIn,
    ChangeOut,
    ExtensionIn,
    FailureIn,
    PauseIn,
    PlanIn,
    ReasonIn,
    StartIn,
    SubscriptionList,
    SubscriptionOut,
    Waiting,
    render_change,
    render_subscription,
)
from entitlements.domain.timing import Proration, Timing
from entitlements.models import Subscription, SubscriptionChange
from entitlements.queries.accounts import account_by_key
from entitlements.queries.life.planned import planned_change
from entitlements.queries.life.subscriptions import subscription_of, subscriptions_of
from entitlements.queries.merged import refuse_former_number
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound
from journal.models import Approval

READ = "entitlements:read"
ONE = "/accounts/{key}/subscriptions/{number}"

router = Router(tags=["Subscriptions"], auth=KeyAuth(SCOPE))
payments = KeyAuth(PAYMENT_SCOPE)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _held(key: str, number: int) -> Subscription:
    account = account_by_key(key)
    refuse_former_number(spoken=key, account=account, number=number)
    return subscription_of(account=account, number=number)


def _told(row: Subscription, at: datetime) -> SubscriptionOut:
    found = subscriptions_of(account=row.account, at=at)
    return next(render_subscription(now) for now in found if now.row.pk == row.pk)


def _plan(key: str) -> Plan:
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        raise Invalid(f"No plan has the key {key!r}.", field="plan")
    return plan


@router.get(
    "/accounts/{key}/subscriptions",
    response={200: SubscriptionList, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="Its subscriptions",
    url_name="subscriptions",
)
def subscription_list(request: HttpRequest, key: str) -> Any:
    """Every subscription of the account, with where it stands in its life, what it holds, and what is to come."""
    account, at = account_by_key(key), timezone.now()
    found = [render_subscription(now) for now in subscriptions_of(account=account, at=at)]
    return SubscriptionList(account=account.key, at=at, subscriptions=found)


@router.post(
    "/accounts/{key}/subscriptions",
    response={201: SubscriptionOut, **PROBLEMS},
    summary="Start a subscription",
    url_name="subscriptions",
)
def subscription_start(request: HttpRequest, key: str, told: StartIn) -> Any:
    """Start a subscription to a plan that is sold in the account's market, with a trial where one is asked for.

    A trial is as long as the plan's own at most; longer ones are agreed by people.
    """
    account, at = account_by_key(key), timezone.now()
    given = told.dict(exclude={"plan"})
    row = start(account=account, plan=_plan(told.plan), by=_by(request), at=at, **given)
    return Status(201, _told(row, at))


@router.post(
    f"{ONE}/change", response={201: ChangeOut, **PROBLEMS}, summary="Change the plan", url_name="subscription_change"
)
def plan_change(request: HttpRequest, key: str, number: int, told: PlanIn) -> Any:
    """Another plan, now, at the renewal or on a date; in a trial the trial goes on with it.

    Problems worth telling apart: change_to_come (another is planned already), below_use (more is in use than would be
    left), not_on_sale, move_not_permitted (all 409).
    """
    row, at = _held(key, number), timezone.now()
    change = change_plan(
        subscription=row,
        plan=_plan(told.plan),
        timing=Timing(told.timing),
        on=told.on,
        quantity=told.quantity,
        interval=told.interval,
        proration=Proration(told.proration),
        reason=told.reason,
        by=_by(request),
        at=at,
    )
    return Status(201, render_change(planned_change(change, at=at)))


@router.post(f"{ONE}/cancel", response={201: ChangeOut, **PROBLEMS}, summary="Cancel", url_name="subscription_cancel")
def subscription_cancel(request: HttpRequest, key: str, number: int, told: CancelIn) -> Any:
    """The customer leaves: now, at the renewal (of a trial, at its end) or on a date, with days of access after it."""
    row, at = _held(key, number), timezone.now()
    change = lifecycle.cancel(
        subscription=row,
        timing=Timing(told.timing),
        on=told.on,
        keep_days=told.keep_days,
        proration=Proration(told.proration),
        reason=told.reason,
        by=_by(request),
        at=at,
    )
    return Status(201, render_change(planned_change(change, at=at)))


@router.post(f"{ONE}/keep", response={200: SubscriptionOut, **PROBLEMS}, summary="Stay", url_name="subscription_keep")
def subscription_keep(request: HttpRequest, key: str, number: int, told: ReasonIn) -> Any:
    """Take a cancellation back, as long as the subscription has not ended by it."""
    row, at = _held(key, number), timezone.now()
    return _told(lifecycle.keep_going(subscription=row, reason=told.reason, by=_by(request), at=at), at)


@router.post(
    f"{ONE}/pause", response={200: SubscriptionOut, **PROBLEMS}, summary="Pause", url_name="subscription_pause"
)
def subscription_pause(request: HttpRequest, key: str, number: int, told: PauseIn) -> Any:
    """Pause it from now on; meanwhile it gives only what its plan says for a pause."""
    row, at = _held(key, number), timezone.now()
    lifecycle.pause(subscription=row, until=told.until, reason=told.reason, by=_by(request), at=at)
    return _told(row, at)


@router.post(
    f"{ONE}/resume", response={200: SubscriptionOut, **PROBLEMS}, summary="Resume", url_name="subscription_resume"
)
def subscription_resume(request: HttpRequest, key: str, number: int) -> Any:
    """Let a paused subscription go on from now on."""
    row, at = _held(key, number), timezone.now()
    lifecycle.resume(subscription=row, by=_by(request), at=at)
    return _told(row, at)


@router.post(
    f"{ONE}/payment-failed",
    response={200: SubscriptionOut, **PROBLEMS},
    auth=payments,
    summary="A payment failed",
    url_name="payment_failed",
)
def payment_failed(request: HttpRequest, key: str, number: int, told: FailureIn) -> Any:
    """Grace begins now. Told again while the payment is awaited, nothing changes: 409 already_in_grace."""
    row, at = _held(key, number), timezone.now()
    lifecycle.fail_payment(subscription=row, grace_days=told.grace_days, reason=told.reason, by=_by(request), at=at)
    return _told(row, at)


@router.post(
    f"{ONE}/payment",
    response={200: SubscriptionOut, **PROBLEMS},
    auth=payments,
    summary="Payment came",
    url_name="payment_came",
)
def payment_came(request: HttpRequest, key: str, number: int) -> Any:
    """Everything is open again from now on; what was closed after an unpaid grace stays a gap."""
    row, at = _held(key, number), timezone.now()
    lifecycle.restore(subscription=row, by=_by(request), at=at)
    return _told(row, at)


@router.post(
    f"{ONE}/trial/extend",
    response={200: SubscriptionOut, 202: Waiting, **PROBLEMS},
    summary="Extend the trial",
    url_name="trial_extend",
)
def trial_extend(request: HttpRequest, key: str, number: int, told: ExtensionIn) -> Any:
    """By so many days, or through a day. Beyond what policy lets a program give alone, a person decides (202)."""
    row, at = _held(key, number), timezone.now()
    done = trials.extend(subscription=row, **told.dict(), by=_by(request), at=at)
    if isinstance(done, Approval):
        return Status(202, Waiting(approval=done.pk, summary=done.summary))
    return _told(row, at)


@router.post(
    f"{ONE}/trial/convert",
    response={200: SubscriptionOut, **PROBLEMS},
    summary="Convert the trial",
    url_name="trial_convert",
)
def trial_convert(request: HttpRequest, key: str, number: int) -> Any:
    """Turn a running trial into a sale."""
    row, at = _held(key, number), timezone.now()
    return _told(trials.convert(subscription=row, by=_by(request), at=at), at)


@router.delete(
    f"{ONE}/changes/{{change}}",
    response={200: ChangeOut, **PROBLEMS},
    summary="Call off a change",
    url_name="planned_change",
)
def change_call_off(request: HttpRequest, key: str, number: int, change: int) -> Any:
    """Call off a change that is to come; everything is as if it had never been planned."""
    held, at = _held(key, number), timezone.now()
    row = SubscriptionChange.objects.filter(subscription=held, pk=change).first()
    if row is None:
        raise NotFound(f"{held} has no change {change}.")
    return render_change(planned_change(cancel_change(change=row, by=_by(request), at=at), at=at))
