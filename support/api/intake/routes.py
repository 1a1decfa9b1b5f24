"""Tickets that were checked: listed, read with all that decided them, and decided by whoever reviews them."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from support.actions.intake.settling import SCOPE, settle_ticket
from support.api.cases.schemas import LARGEST
from support.api.intake.render import render_detail, render_ticket
from support.api.intake.schemas import SettleIn, TicketDetailOut, TicketList
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.queries.intake.listing import Wanted, listed_tickets, ticket_named

READ = "cases:read"
ALL = "/tickets"
ONE = f"{ALL}/{{number}}"

router = Router(tags=["Tickets"], auth=KeyAuth(READ))


class Filter(Schema):
    """Which tickets; what is left out is any."""

    account: Annotated[str, Field(max_length=200, description="Our key or any system's id.")] = ""
    stage: Stage | None = None
    outcome: Annotated[Outcome | None, Field(description="As it stands: a person's, where one decided.")] = None
    after: Annotated[int, Field(ge=0, le=LARGEST, description="`next` of the page before.")] = 0
    most: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 100


@router.get(ALL, response={200: TicketList, **PROBLEMS}, summary="Tickets that were checked", url_name="tickets")
def ticket_list(request: HttpRequest, asked: Query[Filter]) -> Any:
    """In the order they came; `next` leads on. Those that were asked about beforehand have the stage `asked`."""
    account = account_by_key(asked.account) if asked.account else None
    wanted = Wanted(account=account, stage=asked.stage, outcome=asked.outcome)
    rows = listed_tickets(wanted, after=asked.after, most=asked.most + 1)
    page = rows[: asked.most]
    following = page[-1].pk if len(rows) > asked.most else None
    return TicketList(tickets=[render_ticket(row) for row in page], next=following)


@router.get(ONE, response={200: TicketDetailOut, **PROBLEMS}, summary="One ticket", url_name="ticket")
def ticket_one(request: HttpRequest, number: str) -> Any:
    """By our number ("T-12"), or by the help desk's with its name before it; with all that the decision was made from."""
    return render_detail(ticket_named(number))


@router.post(
    f"{ONE}/settle", response={200: TicketDetailOut, **PROBLEMS}, auth=KeyAuth(SCOPE), summary="Decide a ticket",
    url_name="ticket_settle",
)  # fmt: skip
def ticket_settle(request: HttpRequest, number: str, told: SettleIn) -> Any:
    """Decide a ticket that was held, blocked, sampled or waits for an answer, and say what its requests are about.

    Once: the second is refused (409 `already_settled`), and one that was only asked about has nothing to decide (409
    `nothing_to_settle`). Accepting opens the case of a blocked one, which needs `cases:write` as well.
    """
    by: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    row = ticket_named(number)
    settle_ticket(
        decision=row, outcome=told.outcome, labels=told.labels, note=told.note, by=by, at=timezone.now()
    )  # fmt: skip
    return render_detail(ticket_named(row.number))
