"""Terms for tests of counting, without a database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.fallbacks import Fallback, Reliance
from catalog.domain.values import UNLIMITED, Aggregation, Amount, Enforcement, FeatureShape, Kind, Reset, TermState
from entitlements.domain.resolution import Resolution
from entitlements.domain.usage.allowances import Holder
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Act, Operation
from entitlements.domain.usage.terms import UseTerms

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SEATS = FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat")


def terms(limit: Amount | int | None = 10, aggregation: Aggregation = Aggregation.SUM, **more: Any) -> UseTerms:
    """A monthly feature of which so much is had; None: it isn't."""
    value = Decimal(limit) if isinstance(limit, int) else limit
    answer = Resolution(
        shape=more.pop("shape", FeatureShape("calls", "Calls", Kind.METERED, unit="call", aggregation=aggregation)),
        value=value,
        granted=value is not None,
        state=TermState.UNLIMITED if value is UNLIMITED else TermState.VALUE,
        reset=more.pop("reset", Reset.MONTH),
        enforcement=more.pop("enforcement", Enforcement.HARD),
        overage_percent=more.pop("overage_percent", None),
        typed_unit="call",
        valid_until=None,
        sub_limits=more.pop("sub_limits", {}),
        each_of=more.pop("each_of", None),
    )
    return UseTerms(answer, Reliance(Fallback.DENY), **more)


def holder(held: UseTerms, account_id: int = 1, **spending: Any) -> Holder:
    return Holder(account_id, 7, held, **spending)


def operation(quantity: int = 1, act: Act = Act.CONSUME, **more: Any) -> Operation:
    told = {"source": "shop", "id": "e", "account_id": 1, "feature": "calls", "at": AT} | more
    return Operation(act, quantity=Decimal(quantity), **told)


def month(account_id: int = 1, *, subject: str = "", choice: str = "") -> CounterKey:
    return CounterKey(account_id, 7, datetime(2026, 3, 1, tzinfo=UTC), subject, choice)
