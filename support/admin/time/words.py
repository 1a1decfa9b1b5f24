"""Time entries as the screens say them."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.models import Account
from support.domain.case_events import Channel
from support.domain.time_entries import Share, say_minutes, say_share
from support.models import TimeEntry
from support.queries.allowances.balances import BalanceLine

VIEW = "support.view_timeentry"
ENTER = "support.enter_time"
EXEMPT = "support.exempt_case"


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry as a row; `badge` is where it stands, with its colour."""

    entry: TimeEntry
    words: str
    how: str
    when: str
    on: str
    badge: tuple[str, str]
    why: str
    elsewhere: str
    withdraw: str
    correct: str
    leave_out: str


def standing_of(entry: TimeEntry) -> tuple[str, str]:
    """Where an entry stands, in a word, and the colour of that."""
    if entry.withdrawn_at is not None:
        return "Withdrawn", "grey"
    if entry.exempt_reason:
        return "Left out", "grey"
    if entry.beyond_minutes:
        return "Beyond", "red"
    return ("Counted", "green") if entry.counted_minutes else ("Counts on nothing", "amber")


def entry_line(entry: TimeEntry, *, zone: str, whose: int | None = None) -> EntryLine:
    """`whose` is the account the case belongs to now: an entry of another says whose it is."""
    gone = entry.withdrawn_at is not None
    return EntryLine(
        entry=entry,
        words=say_minutes(entry.minutes) if gone else say_entry_share(entry),
        how=Channel(entry.channel).words,
        when=say_instant(entry.worked_at, zone=zone),
        on=str(entry.allowance) if entry.allowance else "",
        badge=standing_of(entry),
        why=entry.withdraw_reason if gone else entry.exempt_reason,
        elsewhere=str(entry.account) if whose is not None and entry.account_id != whose else "",
        withdraw="" if gone else reverse("admin:support_time_withdraw", args=[entry.pk]),
        correct="" if gone else reverse("admin:support_time_correct", args=[entry.pk]),
        leave_out="" if gone or entry.exempt_reason else reverse("admin:support_time_leave_out", args=[entry.pk]),
    )


def say_entry_share(entry: TimeEntry) -> str:
    return say_share(Share(entry.minutes, entry.counted_minutes, entry.beyond_minutes))


def prepaid_url(account: Account, line: BalanceLine) -> str:
    return reverse("admin:support_prepaid", args=[account.key, line.key])


def balance_words(line: BalanceLine, account: Account) -> dict[str, Any]:
    """One allowance as a block shows it: what is left in all and by channel, and what goes next."""
    return {
        "name": line.name,
        "url": prepaid_url(account, line),
        "left": line.one_line,
        "colour": "red" if line.overdrawn or line.used_up else "",
        "goes": line.goes,
        "parts": [(one.name, f"{one.left_words} of {one.of_words}") for one in line.parts],
        "at_zero": "" if line.blocks else "It may be overdrawn.",
        "unit": line.allowance.unit_minutes if line.of_time else 0,
    }
