"""What asking any CRM has in common: who rests, whose login was refused, and how many calls of the day are left.

    with asking(connection, words="Salesforce", at=at) as calls:
        calls.spend()                        # before each call: Later where only the kept fifth is left
        …
        calls.told(used=18, limit=15_000)    # whatever an answer said of the day's calls

Each CRM's client says what its refusals mean, by raising `Later`, `LoginRefused` or `Declined`; what follows from them
for the connection is done here. A login that was refused isn't tried again by itself before a while has passed, so that
nobody is locked out, unless a person has entered something new since.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from desk.domain.crm.budget import Budget
from desk.integrations.crm.port import Declined, LoginRefused
from desk.models import CrmCalls
from desk.queries.crm.budgets import HOLDS, budget_in
from journal.actions.receiving import end_rest, let_rest
from journal.domain.connection import Mode
from journal.domain.receiving import Later
from journal.models import Connection, ConnectionHealth, ConnectionSecret
from journal.queries.connections import SecretMissing

BASE = "base"  # the setting that says where a CRM is pretended
ON_THIS_MACHINE = r"http://(127\.0\.0\.1|localhost)(:\d+)?/?"
TIME_OUT = (3.05, 20.0)  # seconds: until a line stands, and until something comes over it
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
LOGIN_REST = timedelta(hours=1)  # after a refused login, so that trying it over and over locks nobody out


class NotEntered(LoginRefused):
    """Something that the login needs stands nowhere; nobody was asked. The words name the field."""


@dataclass(slots=True)
class Calls:
    """The calls of one CRM's day, as it said last."""

    words: str
    at: datetime
    budget: Budget = field(default_factory=Budget)
    news: bool = False

    def spend(self, calls: int = 1) -> None:
        """Before so many calls: Later where they would need what is kept for others."""
        if not self.budget.allows(calls):
            raise Later(f"The desk has used its part of the calls of {self.words}", after=self._until() - self.at)
        if self.budget.used is not None:
            self.budget = Budget(self.budget.used + calls, self.budget.limit, self.budget.resets_at)

    def told(self, *, used: int, limit: int, resets_at: datetime | None = None) -> None:
        self.budget, self.news = Budget(used, limit, resets_at), True

    def _until(self) -> datetime:
        return self.budget.resets_at or self.at + HOLDS


@contextmanager
def asking(connection: Connection, *, words: str, at: datetime) -> Iterator[Calls]:
    """Room to ask a CRM in, called `words`. While its connection rests nobody asks, so that one who waits in vain is enough."""
    _refuse_resting(connection, words, at=at)
    row = CrmCalls.objects.filter(connection=connection).first()
    _refuse_refused(connection, words, row, at=at)
    calls = Calls(words, at, budget_in(row, at=at))
    try:
        yield calls
    except Later as later:
        let_rest(connection, later, at=at)
        raise
    except SecretMissing as error:
        raise NotEntered(str(error)) from None
    except NotEntered:
        raise
    except LoginRefused:
        _keep(connection, at=at, login_refused_at=at)
        raise
    finally:
        if calls.news:
            told = calls.budget
            _keep(connection, at=at, told_at=at, used=told.used, limit=told.limit, resets_at=told.resets_at)
    end_rest(connection)
    if row is not None and row.login_refused_at is not None:
        _keep(connection, at=at, login_refused_at=None)


def away(connection: Connection, why: str, *, at: datetime, asked: timedelta = timedelta(0)) -> Later:
    """Later, as long again as it has been failing, so that waits double; `asked` is kept where the CRM asks for longer."""
    since = ConnectionHealth.objects.filter(connection=connection).values_list("failing_since", flat=True).first()
    failing = at - since if since else timedelta(0)
    return Later(why, after=max(asked, min(max(failing, SHORTEST_REST), LONGEST_REST)))


def base_of(connection: Connection, words: str) -> str:
    """Where the CRM is pretended; empty: the CRM itself. A secret goes nowhere else, whatever stands in the row."""
    base = str(connection.settings.get(BASE, "")).rstrip("/")
    if not base:
        return ""
    if settings.PRODUCTION or connection.mode != Mode.TEST or not re.fullmatch(ON_THIS_MACHINE, base):
        raise Declined(
            f"This connection would ask {base}, a pretended {words}: that is for trying out on one’s own machine. Clear the "
            "address of the API on its page."
        )
    return base


def entered_at(connection: Connection) -> datetime:
    """When a person last entered something at a connection: a secret, or what it is set up with."""
    secret = ConnectionSecret.objects.filter(connection=connection).order_by("-created_at").first()
    version = Connection.history.filter(id=connection.pk).order_by("-history_date").first()
    moments = [connection.created_at]
    moments += [secret.created_at] if secret else []
    moments += [version.history_date] if version else []
    return max(moments)


def _refuse_resting(connection: Connection, words: str, *, at: datetime) -> None:
    until = ConnectionHealth.objects.filter(connection=connection).values_list("resume_at", flat=True).first()
    if until is not None and until > at:
        raise Later(f"{words} was away a moment ago", after=until - at)


def _refuse_refused(connection: Connection, words: str, row: CrmCalls | None, *, at: datetime) -> None:
    since = row.login_refused_at if row else None
    if since is not None and since <= at < since + LOGIN_REST and entered_at(connection) <= since:
        raise NotEntered(
            f"{words} refused the login at {since:%H:%M} UTC. It is tried again an hour later, or once somebody enters "
            "something new on the page of the connection."
        )


def _keep(connection: Connection, *, at: datetime, **told: object) -> None:
    rows = CrmCalls.objects.filter(connection=connection)
    if rows.update(**told):
        return
    try:
        with transaction.atomic():
            CrmCalls.objects.create(connection=connection, **({"told_at": at} | told))
    except IntegrityError:  # another worker asked first a moment ago
        rows.update(**told)
