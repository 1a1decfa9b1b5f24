"""Time of the demo: the maintained customer's hundred hours, nearly used. What is for e-mail is used up, so that the last
entries went beyond and are billed; one was left out, one was withdrawn, one is from before the hours were bought."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.demo.customers import Customer
from desk.demo.equipment import maintained
from desk.demo.sla import DESK
from entitlements.models import Account
from journal.domain.actor import Actor
from support.actions.cases.opening import open_case
from support.actions.time_afterwards import leave_out
from support.actions.time_entries import enter_time, withdraw_time
from support.domain.case_events import Channel
from support.models import Case, TimeEntry

HELP_DESK = "helpdesk"
RECIPES, REPORTS = "47811", "47812"  # numbers of the two tickets in the help desk
CASES = (
    (RECIPES, Channel.PHONE, "Recipes for the new alloy on both presses"),
    (REPORTS, Channel.EMAIL, "Figures of the lines don’t match the shift reports"),
)
# days before now, minutes, who
BY_PHONE = (
    (36, 340, "Robin"), (34, 285, "Suki"), (33, 410, "Robin"), (31, 255, "Robin"), (29, 390, "Suki"), (27, 325, "Robin"),
    (25, 290, "Suki"), (23, 420, "Robin"), (21, 365, "Robin"), (19, 310, "Suki"), (17, 275, "Robin"), (15, 430, "Robin"),
    (12, 240, "Suki"), (8, 205, "Robin"),
)  # fmt: skip
BY_MAIL = (
    (35, 95, "Suki"), (32, 120, "Suki"), (28, 150, "Robin"), (24, 110, "Suki"), (20, 135, "Suki"), (16, 160, "Robin"),
    (11, 125, "Suki"), (7, 140, "Suki"), (3, 130, "Robin"), (1, 75, "Suki"),
)  # fmt: skip
WORK = tuple((days, RECIPES, minutes, who) for days, minutes, who in BY_PHONE) + tuple(
    (days, REPORTS, minutes, who) for days, minutes, who in BY_MAIL
)
NOTES = ("Went through the log with the operator", "", "Tried the change on the test line first")


def open_tickets(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Two tickets that go on for weeks, and work on one of them before any hours were bought."""
    account = maintained(customers)
    if account is None:
        return
    requester = next(each.email for each in customers if each.key == account.key)
    for number, channel, subject in CASES:
        open_case(
            subject=subject, channel=channel, severity="normal", account=account, requester=requester, team=DESK,
            source=HELP_DESK, external_id=number, by=by, at=at,
        )  # fmt: skip
    _enter(account, RECIPES, 40, "Robin", by=by, at=at + timedelta(hours=2))


def work(customers: Sequence[Customer], *, number: str, minutes: int, who: str, by: Actor, at: datetime) -> None:
    """One piece of work on one of the tickets."""
    if (account := maintained(customers)) is not None:
        _enter(account, number, minutes, who, by=by, at=at)


def goodwill(customers: Sequence[Customer], *, by: Actor, colleague: Actor, at: datetime) -> None:
    """Work that was ours to do; a colleague of whoever entered it leaves it out."""
    if (account := maintained(customers)) is not None:
        entry = _enter(account, RECIPES, 45, "Robin", by=by, at=at)
        leave_out(entry=entry, reason="Our update had changed the units", by=colleague, at=at + timedelta(hours=3))


def mistake(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """An entry on the wrong ticket, withdrawn within the hour."""
    if (account := maintained(customers)) is not None:
        entry = _enter(account, RECIPES, 65, "Suki", by=by, at=at)
        withdraw_time(entry=entry, reason="Written on the wrong case", by=by, at=at + timedelta(minutes=40))


def _enter(
    account: Account, number: str, minutes: int, who: str, *, by: Actor, at: datetime
) -> TimeEntry:  # fmt: skip
    case = Case.objects.get(account=account, source=HELP_DESK, external_id=number)
    return enter_time(case=case, minutes=minutes, worked_by=who, note=NOTES[minutes % 3], by=by, at=at)
