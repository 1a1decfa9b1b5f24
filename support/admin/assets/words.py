"""How equipment is said on screens: what state a warranty is in, its colour, and what a row of shares bears."""

from datetime import datetime
from typing import Any

from catalog.queries.instants import say_instant, say_until
from support.domain.cover_terms import SHARES
from support.domain.warranties import WarrantyState
from support.models import Asset, Warranty
from support.queries.assets.standing import Under
from support.queries.assets.warranties import span_held
from support.queries.policy_history import tier_choices

COLOURS = {
    WarrantyState.RUNNING: "green",
    WarrantyState.TO_COME: "blue",
    WarrantyState.OVER: "plain",
    WarrantyState.STOPPED: "amber",
}


def say_borne(row: Any) -> str:
    """ "labour and parts in full, travel 50 %" — of a warranty, a cover or a product; empty: nothing."""
    said = [(aspect.value, getattr(row, aspect.value)) for aspect in SHARES]
    words = [
        f"{name} {'in full' if percent == 100 else f'{percent} %'}" for name, percent in said if percent is not None
    ]
    if tier := getattr(row, "tier", ""):
        words.append(f"support tier {say_tier(tier)}")
    return ", ".join(words)


def say_span(row: Warranty, *, at: datetime) -> str:
    """When it holds: from the first day through the last, or until it was ended."""
    span = span_held(row)
    begins = say_instant(row.starts_at, zone=row.zone)
    if span.state(at) is WarrantyState.STOPPED:
        return f"{begins} until {say_instant(span.until, zone=row.zone)}; it would have lasted {_until(row)}"
    return f"{begins} {_until(row)}"


def say_under(under: Under | None) -> str:
    """ "Through 31 March 2027 (Amsterdam)" while it is under warranty."""
    if under is None:
        return "–"
    if under.end is None:
        return "Not begun yet"
    said = say_until(under.end, zone=under.zone)
    return said[0].upper() + said[1:]


def say_tier(key: str) -> str:
    return tier_choices().get(key, key)


def asset_state(asset: Asset) -> tuple[str, str]:
    """(its word, its colour)"""
    return ("Retired", "plain") if asset.retired_at is not None else ("In service", "green")


def _until(row: Warranty) -> str:
    return say_until(row.ends_at, zone=row.zone)
