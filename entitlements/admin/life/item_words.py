"""An item of a subscription in a line: how many of which version, what it came with, from and until when, and why."""

from datetime import datetime

from catalog.queries.instants import say_instant
from entitlements.admin.wording import say_end
from entitlements.domain.explain import say_cause
from entitlements.queries.holdings import HeldItem


def say_item(item: HeldItem, *, at: datetime, zone: str) -> str:
    """ "2 × Team v3, with code SPRING-26, through 31 March 2026 (Amsterdam)"."""
    words = f"{item.quantity} × {item.version}" if item.quantity > 1 else item.version
    if item.lent:
        words = f"{words}, lent"
    if item.origin:
        words = f"{words}, with {item.origin[0].lower()}{item.origin[1:]}"
    begins = item.window.start if item.window.start is not None and item.window.start > at else None
    if begins is not None:
        words = f"{words}, from {say_instant(begins, zone=zone)} on"
    if item.window.end is not None:
        words = f"{words}, {say_end(item.window.end, zone=zone)}"
    if item.cause is not None:
        words = f"{words} ({say_cause(item.cause, zone=zone)})"
    return words if item.live or begins is not None else f"{words} (not now)"
