"""Tasks about ends in the reader's words: when, whose, and what became of it."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.urls import NoReverseMatch, reverse

from catalog.domain.window import DAY
from catalog.queries.instants import say_instant, say_until
from entitlements.admin.pages import account_url
from entitlements.domain.renewing import BY_TERMS, RenewalState
from entitlements.ending_sources import source_of
from entitlements.models import Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.renewals.one import join_of, say_join

KINDS = {
    EndOf.CONTRACT: "Contract",
    EndOf.SUBSCRIPTION: "Subscription",
    EndOf.MAINTENANCE: "Licence maintenance",
    EndOf.CREDITS: "Credits",
    EndOf.WARRANTY: "Warranty",
    EndOf.COVER: "Cover",
}
COLOURS = {
    RenewalState.OPEN: "amber",
    RenewalState.RENEWED: "green",
    RenewalState.LET_END: "plain",
    RenewalState.LAPSED: "plain",
}
SOON = 30 * DAY


def renewal_url(row: Renewal, page: str = "page") -> str:
    return reverse(f"admin:entitlements_renewal_{page}", args=[row.pk])


def thing_url(row: Renewal, *, key: str = "") -> str:
    """Where staff look at what ends, or at what goes on; the customer's page where that is gone, or has no page."""
    source = source_of(row.kind)
    try:
        return source.page(key or row.subject_key) if source is not None else account_url(row.account)
    except (NoReverseMatch, ObjectDoesNotExist):
        return account_url(row.account)


def shown(row: Renewal, *, at: datetime) -> dict[str, Any]:
    """One line of a list."""
    state = RenewalState(row.state)
    late = state is RenewalState.OPEN and row.ends_at <= at
    joined = join_of(row)
    return {
        "row": row,
        "url": renewal_url(row),
        "label": capital(row.label),
        "kind": KINDS.get(EndOf(row.kind), row.kind),
        "account_url": account_url(row.account),
        "ends": say_until(row.ends_at, zone=row.account.zone),
        "left": say_left(row.ends_at, at=at),
        "late": late,
        "soon": state is RenewalState.OPEN and not late and row.ends_at <= at + SOON,
        "state": "Late: it has ended" if late else said_state(row),
        "colour": "red" if late else "blue" if is_prepared(row) else COLOURS[state],
        "owner": str(row.owner) if row.owner else "",
        "owner_left": row.owner is not None and not row.owner.is_active,
        "what": said_what(row),
        "join": say_join(joined) if joined is not None and not joined.is_seamless else "",
    }


def said_state(row: Renewal) -> str:
    if is_prepared(row):
        return "Being renewed"
    if row.decided_by == BY_TERMS and row.state == RenewalState.RENEWED and not row.successor_key:
        return "Renews by itself"
    return RenewalState(row.state).words


def is_prepared(row: Renewal) -> bool:
    """Something is made that should go on in its place, and isn't agreed yet."""
    return row.state == RenewalState.OPEN and bool(row.successor_label)


def said_what(row: Renewal) -> str:
    """What became of it, or is being done about it."""
    if is_prepared(row):
        return f"{capital(row.successor_label)} is drafted, and has to be signed."
    if row.state == RenewalState.OPEN:
        return ""
    goes_on = f"{capital(row.successor_label)} goes on in its place." if row.successor_label else ""
    return " ".join(part for part in (goes_on if goes_on != row.reason else "", row.reason) if part)


def said_decision(row: Renewal) -> str:
    """ "Sanne de Vries, on 3 March 2026 10:00 (Amsterdam)"."""
    if row.decided_at is None:
        return ""
    return f"{row.decided_by}, on {say_instant(row.decided_at, zone=row.account.zone)}"


def say_left(ends_at: datetime, *, at: datetime) -> str:
    days = (ends_at - at) // DAY if ends_at > at else (at - ends_at) // DAY
    said = f"{days} day{'' if days == 1 else 's'}"
    if ends_at > at:
        return f"in {said}" if days else "within a day"
    return f"{said} ago" if days else "today"


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]
