"""The part of an account's page about what it was promised beside its plans."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entitlements.actions.overrides import words_of
from entitlements.models import Account
from entitlements.queries.concessions import Place, PlacedOverride, placed_overrides
from journal.models import Approval

MOST_WAITING = 20
OVER = frozenset({Place.ENDED, Place.REVOKED, Place.REJECTED})


@dataclass(frozen=True, slots=True)
class OverridePart:
    """The overrides that stand in one place of their life; those that are over are folded away."""

    place: Place
    lines: tuple[dict[str, Any], ...]

    @property
    def over(self) -> bool:
        return self.place in OVER


def overrides_block(account: Account, *, at: datetime, known_at: datetime | None = None) -> dict[str, Any]:
    """The newest overrides by place, and what waits for a second person."""
    parts: dict[Place, list[dict[str, Any]]] = {}
    for found in placed_overrides(account_id=account.pk, at=at, known_at=known_at):
        if found.place is not Place.WAITING:  # its request says more
            parts.setdefault(found.place, []).append(override_line(found))
    return {
        "parts": [OverridePart(place, tuple(lines)) for place, lines in parts.items()],
        "waiting": waiting_for(account),
    }


def waiting_for(account: Account) -> list[Approval]:
    """What was asked for about the account and nobody has decided, the oldest first."""
    rows = Approval.objects.filter(account_key=account.key, state=Approval.State.PENDING)
    return list(rows.order_by("requested_at")[:MOST_WAITING])


def override_line(found: PlacedOverride) -> dict[str, Any]:
    return {"found": found, "row": found.row, "words": words_of(found.row)}
