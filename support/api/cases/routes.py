"""Cases over HTTP: opened, told of, listed, and why each clock is due when it is."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.idempotency import done_before
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.cases.about import named
from support.actions.cases.choosing import choose_cover
from support.actions.cases.handling import SCOPE
from support.actions.cases.naming import is_about, name_device
from support.actions.cases.noting import note_once
from support.actions.cases.opening import set_account
from support.api.cases.opening import opened, read_before
from support.api.cases.opening_schemas import CaseIn, CaseOpenedOut
from support.api.cases.render import render_case, render_cover, render_detail, render_event, render_explanation
from support.api.cases.schemas import (
    LARGEST,
    AccountIn,
    CaseCoverOut,
    CaseDetailOut,
    CaseList,
    CaseOut,
    CoverIn,
    DeviceIn,
    EventIn,
    ExplanationOut,
    NotedOut,
)
from support.domain.case_events import CaseState
from support.domain.case_intake.fields import Fields
from support.domain.case_intake.ticket_events import goal
from support.models import Case
from support.queries.cases.choosing import shown_cover
from support.queries.cases.listing import Wanted, case_named, listed_cases, run_of

READ = "cases:read"
ALL = "/cases"
ONE = f"{ALL}/{{number}}"

router = Router(tags=["Cases"], auth=KeyAuth(SCOPE))
reading = KeyAuth(READ)


class Filter(Schema):
    """Which cases; what is left out is any."""

    account: Annotated[str, Field(max_length=200, description="Our key or any system's id.")] = ""
    state: CaseState | None = None
    team: Annotated[str, Field(max_length=64, description="The team's key.")] = ""
    late: Annotated[bool | None, Field(description="Whether some clock that goes on is late.")] = None
    due_before: Annotated[Instant | None, Field(description="Some clock that runs is due before this moment.")] = None
    after: Annotated[int, Field(ge=0, le=LARGEST, description="`next` of the page before.")] = 0
    most: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 100


@router.post(ALL, response={201: CaseOpenedOut, **PROBLEMS}, summary="Open a case", url_name="cases")
@done_before(read_before)
def case_open(request: HttpRequest, told: CaseIn) -> Any:
    """Open a case for a ticket. The answer holds its clocks with when each is due.

    A ticket (`source` and `external_id`) that stands for a case already is refused with that case's number (409
    `case_known`): tell what happened to it instead. What is said to be opened later than now is refused (422
    `from_the_future`). A serial number nobody knows, or of another customer's device, is refused at `asset`, and a cover
    that doesn't apply at `cover`; without cover the case opens as well, and nothing is promised.

    Where tickets of the channel are checked as they come, `decision` says what follows, and a blocked one opens nothing
    (409 `blocked`): `detail` is what may be told to the customer, `ticket` its number.
    """
    return opened(request, told)


@router.get(ALL, response={200: CaseList, **PROBLEMS}, auth=reading, summary="Cases", url_name="cases")
def case_list(request: HttpRequest, asked: Query[Filter]) -> Any:
    """In the order they came; `next` leads on. A clock is late from its due time on, whenever the desk tells of it."""
    at = timezone.now()
    wanted = Wanted(
        account=account_by_key(asked.account) if asked.account else None,
        state=asked.state,
        team=asked.team,
        late=asked.late,
        due_before=asked.due_before,
    )
    rows = listed_cases(wanted, after=asked.after, most=asked.most + 1, at=at)
    page = rows[: asked.most]
    following = page[-1].pk if len(rows) > asked.most else None
    return CaseList(cases=[render_case(row, at=at) for row in page], next=following)


@router.get(ONE, response={200: CaseDetailOut, **PROBLEMS}, auth=reading, summary="One case", url_name="case")
def case_one(request: HttpRequest, number: str) -> Any:
    """By our number ("C-1234"), or by the help desk's with its name before it ("our_help_desk:4711")."""
    return render_detail(case_named(number), at=timezone.now())


@router.post(
    f"{ONE}/events", response={200: NotedOut, **PROBLEMS}, summary="Tell what happened", url_name="case_events"
)
def case_note(request: HttpRequest, number: str, told: EventIn) -> Any:
    """Note something that happened, whenever it did: clocks are reckoned from all that is known, in whatever order it
    came. Later than five minutes from now, or before the case was opened, it is refused.
    """
    at = timezone.now()
    noted = note_once(
        case=case_named(number), kind=told.kind, by=_by(request), at=at, happened_at=told.at, to=_goal(told),
        text=told.text, name=told.id, actor_name=told.actor,
    )  # fmt: skip
    return NotedOut(again=noted.again, event=render_event(noted.event), case=_told(noted.event.case))


@router.put(f"{ONE}/account", response={200: CaseOut, **PROBLEMS}, summary="Say whose it is", url_name="case_account")
def case_set_account(request: HttpRequest, number: str, told: AccountIn) -> Any:
    """Give the case to an account. Its clocks count from the opening, by what that account was promised then."""
    case, account = case_named(number), account_by_key(told.account)
    if case.account_id != account.pk:
        case = set_account(case=case, account=account, by=_by(request), at=timezone.now())
    return _told(case)


@router.get(
    f"{ONE}/cover", response={200: CaseCoverOut, **PROBLEMS}, auth=reading, summary="Who covers it, and why",
    url_name="case_cover",
)  # fmt: skip
def case_cover(request: HttpRequest, number: str) -> Any:
    """Under which cover the case falls, with everything that might cover it and why each does or doesn't: as it was
    judged when the case was opened, and now where somebody's choice applies only now.
    """
    return render_cover(shown_cover(case_named(number), at=timezone.now()))


@router.put(
    f"{ONE}/cover",
    response={200: CaseCoverOut, **PROBLEMS},
    summary="Choose who covers it",
    url_name="case_cover",
)
def case_choose_cover(request: HttpRequest, number: str, told: CoverIn) -> Any:
    """Choose the cover a case falls under, or take the choice back. What is chosen is never silently replaced: where it
    doesn't apply any more, `missed` says why. One that applied neither at the opening nor now is refused (422
    `cover_not_applying`), and one the account hasn't (422 `unknown_cover`).
    """
    at, case = timezone.now(), case_named(number)
    if case.chosen_cover != told.cover:
        choose_cover(case=case, cover=told.cover, reason=told.reason, by=_by(request), at=at)
    return render_cover(shown_cover(case_named(number), at=at))


@router.put(
    f"{ONE}/device", response={200: CaseOut, **PROBLEMS}, summary="Say which device it is about",
    url_name="case_device",
)  # fmt: skip
def case_name_device(request: HttpRequest, number: str, told: DeviceIn) -> Any:
    """Say, or put right, what a case is about. What covers that device betters what the case is promised and never
    lessens it; who pays for further work follows the device. A serial number nobody knows (422 `unknown_asset`) or of
    another customer's device (422 `foreign_asset`) is refused.
    """
    case = case_named(number)
    meant = named(case.account, product=told.product, asset=told.asset, cover="", at=case.opened_at)
    if not is_about(case, meant):
        name_device(case=case, asset=told.asset, product=told.product, by=_by(request), at=timezone.now())
    return _told(case)


@router.get(
    f"{ONE}/clocks/{{milestone}}",
    response={200: ExplanationOut, **PROBLEMS},
    auth=reading,
    summary="Why it is due then",
    url_name="case_clock",
)
def case_clock(
    request: HttpRequest, number: str, milestone: str, run: int | None = Query(None, ge=1, le=LARGEST)
) -> Any:  # fmt: skip
    """Every stretch that counted, holiday passed over and pause added, as they stand now. The last run, or the one
    that `run` names.
    """
    at, case = timezone.now(), case_named(number)
    clock = run_of(case, milestone=milestone, run=run, at=at)
    return render_explanation(case, clock, at=at)


def _told(case: Case) -> CaseOut:
    return render_case(case_named(case.number), at=timezone.now())


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _goal(told: EventIn) -> str:
    fields = Fields(told.dict())
    to = goal(told.kind, fields)
    if fields.errors:
        name, words = next(iter(fields.errors.items()))
        raise Invalid(words, field=name, errors={name: (words,) for name, words in fields.errors.items()})
    return to
