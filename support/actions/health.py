"""How an account is doing, as its manager or support sees it: a signal by which targets may move."""

from datetime import datetime

from django.db import transaction

from entitlements.models import Account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.domain.case_events import Health
from support.domain.policy_words import say_health
from support.models import AccountHealth

# Whoever works on its cases sees how it is doing; whoever edits policies decides what that does.
PERMISSIONS = ("support.handle_case", "support.edit_sla")


@transaction.atomic
def set_health(*, account: Account, level: Health, reason: str, by: Actor, at: datetime) -> AccountHealth:
    """How an account is doing was said anew, with why; cases opened from now on are promised by it."""
    if not any(by.may(permission) for permission in PERMISSIONS):
        by.require(PERMISSIONS[0])
    if not reason.strip():
        raise Invalid("Say why; whoever reads a due time that it moved will ask.", field="reason")
    if level not in set(Health):
        raise Invalid("Choose how the account is doing: good, at risk or critical.", field="level")
    Account.objects.select_for_update().get(pk=account.pk)
    row = AccountHealth.objects.filter(account=account).first()
    before = (row.level, row.reason) if row else None
    row = row or AccountHealth(account=account)
    if before == (level, reason.strip()):
        return row
    deed = begin(by=by, at=at)
    row.level, row.reason, row.recorded_at = level, reason.strip(), at
    keep(row, deed=deed)
    said = [say_health(before[0]) if before else None, say_health(level)]
    record(
        deed,
        "account_health:set",
        subject=row,
        account_key=account.key,
        reason=reason.strip(),
        changes={"health": said},
    )
    return row
