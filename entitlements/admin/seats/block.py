"""The seats of an account at a glance: how many are taken of how many, who has them, and who would lose theirs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from catalog.domain.values import UNLIMITED, Amount
from entitlements.domain.saying import in_words
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from entitlements.queries.seats import SeatsOf, listed_seats, seated_features, squeezed_at
from entitlements.queries.usage.words import say_day

AT_A_GLANCE = 10
MOST_ASKED = 10**9
STATES = {
    SeatState.ACTIVE: ("active", "green"),
    SeatState.INVITED: ("invited", "blue"),
    SeatState.RELEASED: ("released", ""),
}


def seats_block(account: Account, *, at: datetime, asked: QueryDict) -> dict[str, Any]:
    """Each feature in which somebody sits by name, with the first of them; the others by their names alone."""
    found = seated_features(account, at=at)
    return {
        "seated": [part_of(one, asked=asked) for one in found if one.taken],
        "unseated": [{**head_of(one), "assign_url": assign_url(one)} for one in found if not one.taken],
    }


def part_of(found: SeatsOf, *, asked: QueryDict) -> dict[str, Any]:
    """One feature: its bar, its first seats, and the answer to “if it were so many”, where that was asked."""
    account, feature = found.account, found.feature
    rows = listed_seats(account, feature, most=AT_A_GLANCE)
    return {
        **head_of(found),
        "lines": lines_of(rows, found),
        "more": max(found.taken - len(rows), 0),
        "list_url": seats_url(account, feature.key),
        "assign_url": assign_url(found),
        "if": _if_it_were(found, asked) if asked.get("feature") == feature.key else None,
    }


def head_of(found: SeatsOf) -> dict[str, Any]:
    """How many are taken of how many, in words, with a bar."""
    had = found.had
    unnamed = int(found.used) - found.taken
    return {
        "feature": found.feature,
        "found": found,
        "had": _said(had),
        "has": in_words(found.terms.answer),
        "granted": found.terms.answer.granted,
        "unnamed": max(unnamed, 0),
        "free": None if found.free is UNLIMITED else int(found.free),
        "width": _width(found.taken, had),
        "state": state_of(found),
        "rule": found.rule.words[0].lower() + found.rule.words[1:],
    }


def lines_of(rows: Sequence[Seat], found: SeatsOf) -> list[dict[str, Any]]:
    zone = found.account.zone
    return [_line(row, found, zone) for row in rows]


def _line(row: Seat, found: SeatsOf, zone: str) -> dict[str, Any]:
    stands, activity = found.standing_of(row), getattr(row, "activity", None)
    return {
        "row": row,
        "state": STATES[SeatState(row.state)],
        "since": _day(row.activated_at or row.invited_at, zone),
        "there": _day(activity.last_active_at, zone) if activity else "",
        "stands": stands,
        "released": _day(row.released_at, zone) if row.released_at else "",
        "invited": row.state == SeatState.INVITED,
    }


def state_of(found: SeatsOf) -> tuple[str, str]:
    """A word and a colour."""
    had = found.had
    if not found.terms.answer.granted:
        return ("not included any more", "red") if found.taken else ("not included", "")
    if found.squeezed:
        return (f"{found.squeezed:,} squeezed out", "red")
    if had is not UNLIMITED and found.used > had:
        return ("more taken than it has", "red")
    if found.free == 0:
        return ("all taken", "amber")
    return ("any number", "") if found.free is UNLIMITED else (f"{int(found.free):,} left", "green")


def _if_it_were(found: SeatsOf, asked: QueryDict) -> dict[str, Any]:
    """Who would lose their seat with so many; what can't be read is said."""
    typed = asked.get("if", "").replace("\x00", "").strip()
    if not typed.isdecimal() or int(typed) > MOST_ASKED:
        return {"typed": typed, "problem": "Write how many seats, for example 10."}
    lost = squeezed_at(found.account, found.feature, Decimal(int(typed)), rule=found.rule)
    return {"typed": typed, "number": int(typed), "lost": lost, "fewer": found.taken > int(typed)}


def _day(instant: datetime, zone: str) -> str:
    """The customer's own day: the hour says nothing here."""
    return say_day(instant.astimezone(ZoneInfo(zone)).date(), year=True)


def _width(taken: int, had: Amount) -> float | None:
    if had is UNLIMITED or had <= 0:
        return None
    return min(round(taken * 100 / float(had), 1), 100.0)


def _said(had: Amount) -> str:
    return "any number" if had is UNLIMITED else f"{int(had):,}"


def assign_url(found: SeatsOf) -> str:
    return reverse("admin:entitlements_seat_assign", args=[found.account.key, found.feature.key])


def seats_url(account: Account, feature: str) -> str:
    return reverse("admin:entitlements_account_seats", args=[account.key, feature])
