"""Who pays at Stripe for an account's use beyond what is included, and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from entitlements.models import BilledSubscription, UsageEvent
from journal.domain.connection import Mode
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer of a billed subscription. What was used before they bought is nothing of theirs."""

    billed: BilledSubscription
    since: datetime | None

    def pays(self, event: UsageEvent) -> bool:
        return self.since is None or self.since <= event.at


def buyers_of(connection: Connection) -> dict[int, Buyer]:
    """By account, the customer of the subscription that was told of last. Of an account that is billed live too, a
    connection for trying out is told nothing."""
    rows = BilledSubscription.objects.filter(connection=connection, account__isnull=False).exclude(customer="")
    if connection.mode == Mode.TEST:
        live = BilledSubscription.objects.filter(connection__mode=Mode.LIVE, account__isnull=False)
        rows = rows.exclude(account__in=live.values("account"))
    found: dict[int, Buyer] = {}
    for row in rows.order_by(F("told_at").asc(nulls_first=True), "pk"):
        if row.account_id:
            found[row.account_id] = Buyer(row, _since(row, found.get(row.account_id)))
    return found


def _since(row: BilledSubscription, former: Buyer | None) -> datetime | None:
    """Since the first subscription of the same customer began; None where nobody has said."""
    said = row.told.get("began_at")
    began = None if said is None else datetime.fromisoformat(said)
    if former is None or former.billed.customer != row.customer:
        return began
    return None if began is None or former.since is None else min(began, former.since)
