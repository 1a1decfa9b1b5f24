"""What a sender was told, as it is kept beside the event, so that a repeat is told the same."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.usage.operations import Outcome


def keep_answer(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "because": outcome.because,
        "quantity": int(outcome.quantity),
        "used": int(outcome.used),
        "held": int(outcome.held),
        "limit": _kept(outcome.limit),
        "left": _kept(outcome.left),
        "over": int(outcome.over),
        "resets_at": _instant(outcome.resets_at),
        "until": _instant(outcome.until),
        "reservation": outcome.reservation,
    }


def parse_answer(kept: dict[str, Any]) -> Outcome:
    """The outcome again; only what was counted is kept, so that it was allowed."""
    outcome = Outcome(
        allowed=True,
        because=kept["because"],
        quantity=Decimal(kept["quantity"]),
        used=Decimal(kept["used"]),
        held=Decimal(kept["held"]),
        limit=_parsed(kept["limit"]),
        left=_parsed(kept["left"]),
        over=Decimal(kept["over"]),
        resets_at=_parsed_instant(kept["resets_at"]),
        until=_parsed_instant(kept["until"]),
        reservation=kept["reservation"],
    )
    return replace(outcome, replayed=True)


def _kept(amount: Amount) -> int | None:
    return None if amount is UNLIMITED else int(amount)


def _parsed(kept: int | None) -> Amount:
    return UNLIMITED if kept is None else Decimal(kept)


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _parsed_instant(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
