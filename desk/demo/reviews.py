"""Overrides that nobody looked at for a while: one for each reason why the review queue shows it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.models import Feature
from desk.demo.customers import Customer, Fate
from entitlements.actions import overrides
from entitlements.actions.override_reviews import ask_owner, keep
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override, ReasonCode
from entitlements.models.override import OverrideState
from entitlements.queries.reasons import reason_codes
from journal.actions import approvals
from journal.actions.staff import create_staff, deactivate
from journal.domain.actor import Actor
from journal.models import Approval, Staff

GB = Decimal(10**9)
DAY = timedelta(days=1)
LEAVER = "lena"


def of_old(customers: Sequence[Customer]) -> list[Account]:
    """Paying customers of long standing who have nothing else beyond their plan, as far as they had joined by then."""
    paying = [one for one in customers if one.fate is Fate.PAYING and one.joined_days_ago % 9 > 5]
    oldest = sorted(paying, key=lambda one: (-one.joined_days_ago, one.key))[:6]
    joined = {account.key: account for account in Account.objects.filter(key__in=[one.key for one in oldest])}
    return [joined[one.key] for one in oldest if one.key in joined]


def hire(*, by: Actor, at: datetime) -> None:
    """A colleague joined; she will have left by today."""
    create_staff(
        username=LEAVER, email=f"{LEAVER}@desk.example", first_name="Lena", last_name="Fischer", roles=["sales"],
        zone="Europe/Berlin", by=by, at=at,
    )  # fmt: skip


def part(*, by: Actor, at: datetime) -> None:
    """She left; what she granted stands without her."""
    deactivate(staff=Staff.objects.get(username=LEAVER), by=by, at=at)


def forget_the_end(customers: Sequence[Customer], *, by: Actor, approver: Actor, at: datetime) -> None:
    """Two exceptions without an end, one of them long forgotten, approved because sales may not give the like alone."""
    for account, days in zip(of_old(customers), (200, 55), strict=False):
        given = _add_storage(account, 150 * GB, "They run our reference project", "Proof", by=by, at=at, review=days)
        _approve(given, by=approver, at=at)


def outgrow(customers: Sequence[Customer], *, by: Actor, through: date, at: datetime) -> None:
    """A floor below what the plan gives by now, and one a colleague granted who left since."""
    accounts = of_old(customers)
    for account in accounts[2:4]:
        _floor(account, 5 * GB, through=through, by=by, at=at)
    for account in accounts[4:5]:
        _floor(account, 150 * GB, through=through, by=Staff.objects.get(username=LEAVER).as_actor(), at=at)


def look(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """One was looked at and kept, and about another one the owner was asked."""
    found = list(Override.objects.filter(account__in=of_old(customers)[2:4], state=OverrideState.APPROVED))
    for override in found[:1]:
        keep(override=override, review_on=(at + 60 * DAY).date(), reason="They are moving plans", by=by, at=at)
    for override in found[1:]:
        ask_owner(override=override, note="Their plan gives more by now. May it go?", by=by, at=at)


def _add_storage(
    account: Account, amount: Decimal, reason: str, code: str, *, by: Actor, at: datetime, review: int
) -> Override:
    return _grant(account, Mode.ADD, amount, reason, code, by=by, at=at, review_on=(at + review * DAY).date())


def _floor(account: Account, amount: Decimal, *, through: date, by: Actor, at: datetime) -> None:
    _grant(account, Mode.AT_LEAST, amount, "Agreed when they signed", "Negotiated", by=by, at=at, through_on=through)


def _grant(account: Account, mode: Mode, amount: Decimal, reason: str, code: str, **asked: Any) -> Override:
    storage = Feature.objects.get(key="storage")
    told: dict[str, Any] = {"value": amount, "typed_unit": "GB", "reason": reason, "reason_code": _reason_code(code)}
    return overrides.grant(account=account, feature=storage, mode=mode, **told, **asked)


def _reason_code(name: str) -> ReasonCode | None:
    """The listed reason that begins so, where the list has one."""
    return reason_codes().filter(name__startswith=name).first() or reason_codes().first()


def _approve(override: Override, *, by: Actor, at: datetime) -> None:
    waiting = Approval.objects.filter(kind="override", subject_key=str(override.pk), state=Approval.State.PENDING)
    for approval in waiting:
        approvals.approve(approval=approval, by=by, at=at)
