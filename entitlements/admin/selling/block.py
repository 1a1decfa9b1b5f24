"""The part of an account's page about what it has beside its plans, with the ways to sell more of it."""

from datetime import datetime
from typing import Any

from catalog.queries.instants import say_instant
from catalog.queries.promotions import say_effect, say_gift
from entitlements.actions.spend_caps import say_cap
from entitlements.admin.wording import say_end
from entitlements.models import Account
from entitlements.queries.selling.redeemed import HeldBundle, HeldExtra, bundles_of, caps_of, extras_of, redemptions_of

NEWEST = 10


def selling_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """Add-ons outside bundles, bundles with their parts, codes and caps, each in words."""
    zone = account.zone
    extras = extras_of(account=account, at=at)
    return {
        "extras": [_extra(extra, at=at, zone=zone) for extra in extras if extra.bundle is None],
        "bundles": [_bundle(held, at=at, zone=zone) for held in bundles_of(account=account, at=at)],
        "redemptions": [
            {"row": row, "gave": say_gift(row.code), "when": say_instant(row.redeemed_at, zone=zone)}
            for row in redemptions_of(account=account)[:NEWEST]
        ],
        "caps": [{"row": cap, "words": say_cap(cap)} for cap in caps_of(account=account)],
    }


def _extra(extra: HeldExtra, *, at: datetime, zone: str) -> dict[str, Any]:
    row, planned = extra.row, extra.planned
    told = [] if row.lent else [f"it {say_effect(row.plan)}"]
    if row.starts_at > at:
        told.append(f"from {say_instant(row.starts_at, zone=zone)} on")
    if planned is not None:
        told.append(f"{planned.quantity} from {say_instant(planned.starts_at, zone=zone)} on")
    elif row.ends_at is not None:
        told.append(say_end(row.ends_at, zone=zone))
    if row.origin:
        told.append(f"with {row.origin[0].lower()}{row.origin[1:]}")
    words = f"{row.quantity} × {row.plan}" + (", lent" if row.lent else "")
    return {"extra": extra, "row": row, "words": words, "told": "; ".join(told)}


def _bundle(held: HeldBundle, *, at: datetime, zone: str) -> dict[str, Any]:
    begins = held.row.starts_at
    return {
        "row": held.row,
        "parts": held.parts,
        "since": f"from {say_instant(begins, zone=zone)} on"
        if begins > at
        else f"since {say_instant(begins, zone=zone)}",
    }
