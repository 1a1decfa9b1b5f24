"""A customer's ends on the customer's page: what is to be decided, and what was decided of ends to come."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from entitlements.admin.renewals.words import shown
from entitlements.models import Account
from entitlements.queries.renewals.listing import ahead_of

MOST = 25


def renewals_block(account: Account, at: datetime) -> dict[str, Any]:
    """For templates/entitlements/renewals/_block.html; one read, however much ends."""
    rows = ahead_of(account, at=at, most=MOST + 1)
    return {
        "lines": [shown(row, at=at) for row in rows[:MOST]],
        "more": len(rows) > MOST,
        "url": reverse("admin:entitlements_renewal_changelist"),
    }
