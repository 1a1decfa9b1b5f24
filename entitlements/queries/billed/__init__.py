"""What differs between what is billed elsewhere and what we hold."""

from datetime import datetime

from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.steps import Decided
from entitlements.domain.billed.told import Billed
from entitlements.queries.billed.held import matched, subscription_of
from entitlements.queries.billed.links import sold_of
from journal.models import Connection


def differences(connection: Connection, billed: Billed, at: datetime) -> Decided:
    """The steps that would make what we hold what is billed; none where nothing differs. Nothing is written."""
    sold = sold_of(billed)
    held = matched(subscription_of(connection.vendor, billed.id), billed, sold=sold, at=at).held
    return decide(billed, held, sold=sold, at=at)
