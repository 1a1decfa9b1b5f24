"""Overrides as a person of sales asks for them, and what somebody else decides on them."""

from datetime import date, datetime
from typing import Any

from catalog.domain.values import Value
from catalog.models import Feature
from entitlements.actions.overrides import grant
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from journal.actions import approvals
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.world import AT

MARCH, APRIL, LONG = date(2026, 3, 31), date(2026, 4, 30), date(2026, 12, 31)


def promised(acme: Account, feature: Feature, value: Value | None, mode: Mode = Mode.ADD, **more: Any) -> Override:
    """Asked for by sales on 2 March, through April."""
    terms = {"reason": "Deal", "through_on": APRIL, "by": actor("sales"), "at": AT}
    return grant(account=acme, feature=feature, mode=mode, value=value, **(terms | more))


def request_of(override: Override) -> Approval:
    return Approval.objects.get(kind="override", subject_key=str(override.pk))


def approved(override: Override, *, at: datetime = AT) -> Override:
    approvals.approve(approval=request_of(override), by=actor("finance"), at=at)
    override.refresh_from_db()
    return override
