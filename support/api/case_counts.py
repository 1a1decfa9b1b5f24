"""Whether a case is counted on prepaid help, over HTTP: what it took, left uncounted for a reason, counted after all."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from support.actions.allowances.exempting import LONGEST_REASON, count_case, exempt_case
from support.actions.cases.handling import SCOPE
from support.models import Case
from support.queries.allowances.counts import held_by
from support.queries.cases.listing import case_named

READ = "cases:read"
ONE = "/cases/{number}/counted"

router = Router(tags=["Time and prepaid help"], auth=KeyAuth(SCOPE))


class CountedIn(Schema):
    """Whether the case is to be counted, and why."""

    counted: bool = Field(description="False: it costs the customer nothing, and what it took is given back.")
    reason: Annotated[str, StringConstraints(max_length=LONGEST_REASON)] = Field(
        description="The customer’s ledger tells it.", examples=["Our release broke it"]
    )


class IncidentOut(Schema):
    """An incident that the case took and hasn’t given back."""

    allowance: str = Field(description="The key of the prepaid help.", examples=["incidents"])
    at: datetime = Field(description="When it counts from.")
    overdrawn: bool = Field(description="Nothing was left of it.")


class CountedOut(Schema):
    """How a case stands to prepaid help. `counted` says that nobody has left it uncounted; whether it took anything
    follows from how it is covered."""

    case: str = Field(examples=["C-1234"])
    account: str | None
    counted: bool
    reason: str = Field(description="Why it isn’t counted; empty: it is.")
    decided_by: str
    decided_at: datetime | None
    taken: list[IncidentOut]


@router.get(
    ONE,
    response={200: CountedOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="What a case took of prepaid help",
    url_name="case_counted",
)
def case_counted(request: HttpRequest, number: str) -> Any:
    """Whether it is counted, and the incident that it took."""
    return _render(case_named(number))


@router.put(
    ONE, response={200: CountedOut, **PROBLEMS}, summary="Count a case, or leave it uncounted", url_name="case_counted"
)
def case_count(request: HttpRequest, number: str, told: CountedIn) -> Any:
    """Leave a case uncounted for a reason, or count it after all. As it stands already, it is answered so.

    Whoever opened the case doesn’t leave it uncounted (409 `own_case`): a key tells of cases, another one, or a person,
    decides that one costs nothing. Counted after all, it takes one where one is left (else 409 `nothing_left`, or
    `count_too_late`).
    """
    case = case_named(number)
    if told.counted != (case.uncounted_at is None):
        act = count_case if told.counted else exempt_case
        act(case=case, reason=told.reason, by=_by(request), at=timezone.now())
        case = case_named(number)
    return _render(case)


def _render(case: Case) -> CountedOut:
    taken = [
        IncidentOut(allowance=row.allowance.feature.key, at=row.at, overdrawn=row.overdrawn) for row in held_by(case)
    ]
    return CountedOut(
        case=case.number,
        account=None if case.account is None else case.account.key,
        counted=case.uncounted_at is None,
        reason=case.uncounted_reason,
        decided_by=case.uncounted_by,
        decided_at=case.uncounted_at,
        taken=taken,
    )


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
