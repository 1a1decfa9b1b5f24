"""Prepaid help on the customer's page: what is left in all and by channel, what goes next, and where the ledger is."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from entitlements.models import Account
from support.admin.time.words import balance_words
from support.queries.allowances.balances import balances_of
from support.queries.allowances.foreseen import uncounted_of


def time_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """Empty `lines`: it has no prepaid help. `open_entries`: work that counts on nothing so far."""
    lines = balances_of(account, at)
    of_time = next((line for line in lines if line.of_time), None)
    waiting = uncounted_of(account, at=at).count() if of_time is not None else 0
    return {
        "lines": [balance_words(line, account) for line in lines],
        "waiting": waiting,
        "count_url": reverse("admin:support_time_count", args=[account.key, of_time.key]) if of_time else "",
        "entries": f"{reverse('admin:support_timeentry_changelist')}?q={account.key}",
    }
