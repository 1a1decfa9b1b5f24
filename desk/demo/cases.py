"""Tickets of the demo's help desk: late, due soon, waiting for the customer, of nobody known, and five weeks of old ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from desk.demo.customers import Customer, Fate
from desk.demo.lives import Act
from desk.demo.purchases import holding
from desk.demo.sla import DESK, ESCALATIONS
from entitlements.models import Account
from journal.domain.actor import Actor
from support.actions.cases.noting import note
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel, EventKind
from support.models import Case

MINUTE = timedelta(minutes=1)
HELP_DESK = "helpdesk"
REPLY, WROTE, STATE = EventKind.PUBLIC_REPLY, EventKind.CUSTOMER_MESSAGE, EventKind.STATE
HOURS = 60
DAYS = 24 * HOURS


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket opened so many minutes before now; what happened to it, each so many minutes after the opening."""

    ago: int
    whose: tuple[str, int] | None
    severity: str
    channel: Channel
    subject: str
    happened: tuple[tuple[int, EventKind, str], ...] = ()
    team: str = DESK


# fmt: off
STORIES = (
    Story(38, ("team", 0), "urgent", Channel.PHONE, "Nobody can sign in since the deployment", team=ESCALATIONS),
    Story(190, ("enterprise", 0), "urgent", Channel.EMAIL, "Writes time out in eu-west", (
        (12, REPLY, ""), (14, EventKind.ASSIGNED, f"{ESCALATIONS}/suki@desk.example"), (95, REPLY, ""), (151, WROTE, ""))),
    Story(75, ("enterprise", 1), "high", Channel.WEB, "Backups of last night are missing"),
    Story(26 * HOURS, ("team", 1), "high", Channel.EMAIL, "Replication lags by minutes", (
        (35, REPLY, ""), (36, STATE, "waiting"))),
    Story(4 * DAYS, ("team", 2), "normal", Channel.WEB, "The usage chart counts twice"),
    Story(2 * DAYS, ("team", 3), "normal", Channel.EMAIL, "How do we move to another region?", (
        (5 * HOURS, REPLY, ""), (6 * HOURS, STATE, "waiting"), (30 * HOURS, WROTE, ""))),
    Story(3 * DAYS, ("enterprise", 2), "high", Channel.EMAIL, "Exports stop at 2 GB", (
        (40, REPLY, ""), (9 * HOURS, STATE, "resolved"), (31 * HOURS, WROTE, ""), (33 * HOURS, REPLY, ""))),
    Story(30 * HOURS, ("team", 4), "low", Channel.WEB, "A dark theme for the reports", (
        (50, EventKind.SEVERITY, "low"), (3 * HOURS, REPLY, ""), (3 * HOURS + 5, STATE, "on_hold"))),
    Story(5 * HOURS, ("pro", 0), "normal", Channel.EMAIL, "An invoice with our new address"),
    Story(100, None, "normal", Channel.EMAIL, "Is there somebody I can talk to?"),
)
# fmt: on
OLD = (
    "The import stops at a comma",
    "Passwords can’t be reset",
    "Two customers see the same file",
    "Slow since Monday",
    "Which region are our backups in?",
    "Webhook signatures don’t match",
    "The API answers 429",
    "A column vanished",
)  # fmt: skip
OLDEST, EACH = 38, 2  # days; the last of the customers joined 40 days ago


def tickets(customers: Sequence[Customer], *, by: Actor, now: datetime) -> list[Act]:
    """Every act of every ticket at its moment."""
    acts: list[Act] = []
    kept = {customer.plan for customer in customers if customer.fate is Fate.PAYING}
    for number, story in enumerate([*_settled(), *STORIES], start=48211):
        if story.whose is None or story.whose[0] in kept:  # a small demo may have nobody on a plan
            acts += _told(story, customers, number=str(number), by=by, now=now)
    return acts


def _settled() -> Iterator[Story]:
    """Five weeks of tickets that are done: most in time, every fifth late."""
    for number, days in enumerate(range(OLDEST, 6, -EACH)):
        answered = 40 if number % 5 else 30 * HOURS
        yield Story(
            days * DAYS + 13 * number,
            ("enterprise", number % 2) if number % 3 == 0 else ("team", number % 5),
            ("high", "normal", "urgent", "low")[number % 4],
            (Channel.EMAIL, Channel.WEB, Channel.PHONE)[number % 3],
            OLD[number % len(OLD)],
            ((answered, REPLY, ""), (answered + 200, STATE, "resolved"), (answered + 2 * DAYS, STATE, "closed")),
        )


def _told(story: Story, customers: Sequence[Customer], *, number: str, by: Actor, now: datetime) -> Iterator[Act]:
    opened = now - story.ago * MINUTE
    yield Act(opened, partial(_open, story, customers, number, by))
    for after, kind, to in story.happened:
        yield Act(opened + after * MINUTE, partial(_happened, number, kind, to, by))


def _open(story: Story, customers: Sequence[Customer], number: str, by: Actor, at: datetime) -> None:
    asked: dict[str, Any] = {"subject": story.subject, "channel": story.channel, "severity": story.severity}
    account, requester = _whose(story, customers)
    open_case(
        **asked, account=account, requester=requester, team=story.team, source=HELP_DESK, external_id=number,
        url=f"https://help.desk.example/tickets/{number}", by=by, at=at,
    )  # fmt: skip


def _happened(number: str, kind: EventKind, to: str, by: Actor, at: datetime) -> None:
    case = Case.objects.get(source=HELP_DESK, external_id=number)
    note(case=case, kind=kind, to=to, by=by, at=at)


def _whose(story: Story, customers: Sequence[Customer]) -> tuple[Account | None, str]:
    if story.whose is None:
        return None, "curious@unknown.example"
    plan, place = story.whose
    accounts = holding(customers, plan)
    account = accounts[place % len(accounts)]
    return account, next(each.email for each in customers if each.key == account.key)
