"""What Stripe didn't take from us stands among what a person has to look at, until it is taken."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from entitlements.actions.billed.findings import note, settle_gone
from entitlements.actions.billed.work import Noted
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import Account
from journal.actions.connections import as_actor
from journal.actions.deeds import begin
from journal.models import Connection


@transaction.atomic
def note_refusals(
    connection: Connection, refused: Mapping[str, str], *, at: datetime, billing_id: str = "", account_key: str = ""
) -> None:
    """Noted what was refused, by what it was about; what was refused before and isn't any more is mended."""
    deed = begin(by=as_actor(connection), at=at)
    account = Account.objects.filter(key=account_key).first() if account_key else None
    noted = [Noted(FindingKind.PUSH, about, words, {"theirs": words}) for about, words in refused.items()]
    for one in noted:
        note(one, connection=connection, billing_id=billing_id, account=account, deed=deed)
    settle_gone(connection=connection, billing_id=billing_id, kinds=[FindingKind.PUSH], still=noted, deed=deed)
