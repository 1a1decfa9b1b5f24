"""What is billed for an account elsewhere, as its page shows it: how it stands there, and what wants a look."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from entitlements.admin.billed.words import SETTLE, VIEW, finding_url, page_there, say_age, say_state, say_where
from entitlements.models import Account, BilledSubscription
from entitlements.queries.billed.listing import billed_for, given_features, open_of

MOST = 20


def billed_block(account: Account, *, at: datetime, user: Any) -> dict[str, Any] | None:
    """None where nothing is billed elsewhere, or it is not the reader's to see."""
    if not user.has_perm(VIEW):
        return None
    rows, findings = list(billed_for(account)[:MOST]), list(open_of(account)[:MOST])
    features = list(given_features(account)[:MOST])
    if not rows and not findings and not features:
        return None
    return {
        "features": features,
        "lines": [_line(row, at=at) for row in rows],
        "findings": [{"row": row, "url": finding_url(row), "age": say_age(row.first_at, at=at)} for row in findings],
        "look": reverse("admin:entitlements_billed_look", args=[account.key]) if rows and user.has_perm(SETTLE) else "",
    }


def _line(row: BilledSubscription, *, at: datetime) -> dict[str, Any]:
    words, colour = say_state(row.state)
    return {
        "row": row,
        "state": words,
        "colour": colour,
        "where": say_where(row.connection),
        "told": say_age(row.told_at, at=at) if row.told_at else "",
        "there": page_there(row.connection, row.billing_id),
        "customer_there": page_there(row.connection, row.customer),
    }
