"""Who pays at Stripe for an account's use beyond what is included, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from entitlements.models import BilledSubscription, UsageEvent
from entitlements.queries.billed.payers import INVOICED
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
    """By account, the customer who gets a next invoice; of several the one whose subscription was told of last.

    Whose it is says the subscription, which may have moved in a merge since. Of an account that is billed live too, a
    connection for trying out is told nothing.
    """
    billed = BilledSubscription.objects.annotate(whose_id=Coalesce("subscription__account", "account"))
    rows = billed.filter(connection=connection, whose_id__isnull=False).exclude(customer="")
    if connection.mode == Mode.TEST:
        live = billed.filter(connection__mode=Mode.LIVE, whose_id__isnull=False)
        rows = rows.exclude(whose_id__in=live.values("whose_id"))
    found: dict[int, list[BilledSubscription]] = {}
    for row in rows.annotate(invoiced=Q(state__in=INVOICED)).order_by(
        "invoiced", F("told_at").asc(nulls_first=True), "pk"
    ):
        found.setdefault(row.whose_id, []).append(row)
    return {account: Buyer(several[-1], _since(several)) for account, several in found.items()}


def _since(several: Sequence[BilledSubscription]) -> datetime | None:
    """Since the first subscription of the customer who pays began; None where nobody has said."""
    began = [row.told.get("began_at") for row in several if row.customer == several[-1].customer]
    return min(datetime.fromisoformat(one) for one in began) if all(began) else None
