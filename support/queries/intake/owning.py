"""Whose a ticket is by now. It keeps the account it was decided for; its case, and merges, may have given it to another.

Nothing here writes.
"""

from entitlements.models import Account
from support.models import IntakeDecision


def owner_of(row: IntakeDecision) -> Account | None:
    """As its case says, where it has one; an account that was merged away is the one that stays."""
    account = row.account if row.case is None else row.case.account
    return account if account is None or account.merged_into is None else account.merged_into


def owner_key(row: IntakeDecision) -> str:
    """Under which account its audit and its messages stand; empty while nobody knows whose it is."""
    owner = owner_of(row)
    return "" if owner is None else owner.key
