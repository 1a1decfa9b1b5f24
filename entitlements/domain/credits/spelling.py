"""Checkpoints as JSON and back: amounts as whole numbers in words, so that nothing is rounded on the way."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.credits.burning import Checkpoint, Held


def spell(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "at": checkpoint.at.astimezone(UTC).isoformat(),
        "held": {key: _spell_held(held) for key, held in sorted(checkpoint.held.items())},
        "overage": str(checkpoint.overage),
        "used": str(checkpoint.used),
    }


def parse(told: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        at=datetime.fromisoformat(told["at"]),
        held={key: _parse_held(held) for key, held in told["held"].items()},
        overage=Decimal(told["overage"]),
        used=Decimal(told["used"]),
    )


def _spell_held(held: Held) -> list[str | None]:
    return [_spell_amount(held.left), str(held.used), None if held.amount is None else _spell_amount(held.amount)]


def _parse_held(told: list[str | None]) -> Held:
    left, used, amount = told
    assert left is not None
    assert used is not None
    return Held(_parse_amount(left), Decimal(used), None if amount is None else _parse_amount(amount))


def _spell_amount(amount: Amount) -> str:
    return amount.value if amount is UNLIMITED else str(amount)


def _parse_amount(told: str) -> Amount:
    return UNLIMITED if told == UNLIMITED.value else Decimal(told)
