"""Revoking many overrides alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.actions.overrides import revoke
from entitlements.models import Override
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Revocation:
    """What became of one override: it is revoked, or why it was refused."""

    override: Override
    refused: str = ""


def revoke_each(*, seen: Mapping[int, str], reason: str, by: Actor, at: datetime) -> tuple[Revocation, ...]:
    """Revoked many overrides, each in a transaction of its own: what is refused for one leaves the others revoked.

    `seen` are the overrides with their tokens (`token_of`) as the form showed them.
    """
    by.require("entitlements.revoke_override")
    if not seen:
        raise Refusal("Choose at least one override from the list.")
    if len(seen) > MOST_AT_ONCE:
        raise Refusal(
            f"At most {MOST_AT_ONCE} overrides are revoked at once. Narrow the list down and go on from there."
        )
    rows = Override.objects.select_related("account", "feature").in_bulk(list(seen))
    order = sorted(rows.values(), key=lambda row: (row.account.name, row.feature.name, row.pk))
    return tuple(_revoke_one(row, seen=seen[row.pk], reason=reason, by=by, at=at) for row in order)


def _revoke_one(override: Override, *, seen: str, reason: str, by: Actor, at: datetime) -> Revocation:
    try:
        return Revocation(revoke(override=override, seen=seen, reason=reason, by=by, at=at))
    except Refusal as refusal:
        return Revocation(override, refused=refusal.message)
