"""Work and visits over HTTP: what may be done before somebody drives there, what was done, and the plan of visits."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.work.handling import SCOPE
from support.actions.work.recording import record_work
from support.actions.work.visits import Used, cancel, complete, miss, schedule
from support.api.work_render import render_authorised, render_visit, render_work
from support.api.work_schemas import (
    AppointmentIn,
    AuthorisedOut,
    DoneIn,
    ReasonIn,
    VisitList,
    VisitOut,
    WorkIn,
    WorkList,
    WorkOut,
)
from support.domain.cover_terms import Billing, VisitState, WorkKind
from support.models import Asset
from support.queries.cases.listing import case_named
from support.queries.visits import WantedVisits, listed_visits
from support.queries.work.authorised import authorised
from support.queries.work.listing import LARGEST, WantedWork, device_with, visit_numbered, work_page

READ = "work:read"
VISIT = "/visits/{int:number}"

router = Router(tags=["Work and visits"], auth=KeyAuth(SCOPE))
reading = KeyAuth(READ)
After = Annotated[int, Field(ge=0, le=LARGEST, description="`next` of the page before.")]
Most = Annotated[int, Field(ge=1, le=200, description="How many at most.")]
Whose = Annotated[str, Field(max_length=200, description="Our key or any system's id.")]


class Before(Schema):
    """Which device, or whose account; one of the two is needed."""

    serial: Annotated[str, Field(max_length=200, description="The device's serial number.")] = ""
    account: Whose = ""
    product: Annotated[str, Field(max_length=64, description="The product's key, where serial numbers are alike.")] = ""
    at: Annotated[Instant | None, Field(description="The moment asked about; now if left out.")] = None


class WorkFilter(Schema):
    """Which work; what is left out is any."""

    account: Whose = ""
    case: Annotated[str, Field(max_length=200)] = ""
    serial: Annotated[str, Field(max_length=200)] = ""
    billing: Billing | None = None
    kind: WorkKind | None = None
    after: After = 0
    most: Most = 100


class VisitFilter(Schema):
    """Which visits; what is left out is any."""

    account: Whose = ""
    state: VisitState | None = None
    technician: Annotated[str, Field(max_length=200, description="A name; - is nobody.")] = ""
    from_on: Annotated[date | None, Field(description="Those that may still take place on this day or later.")] = None
    through_on: Annotated[date | None, Field(description="Those that may take place on this day or earlier.")] = None
    late: bool = False
    after: After = 0
    most: Most = 100


@router.get(
    "/authorised",
    response={200: AuthorisedOut, **PROBLEMS},
    auth=reading,
    summary="What may be done here?",
    url_name="authorised",
)
def work_authorised(request: HttpRequest, asked: Query[Before]) -> Any:
    """Before dispatch: how much of labour, parts and travel is borne, by which cover and why, what must be authorised
    first, what visits are left and what warranties the device has."""
    account, asset = _meant(asked.account, asked.serial, asked.product)
    return render_authorised(authorised(account, asset=asset, at=asked.at or timezone.now()))


@router.post("/work", response={201: WorkOut, **PROBLEMS}, summary="Record work", url_name="work")
def work_record(request: HttpRequest, told: WorkIn) -> Any:
    """Record labour, travel or a part. The covers in force when it was done decide what the customer pays; a share is
    a billable item at once. Where the cover asks for it, name who authorised (422 `authorisation_needed`)."""
    account, asset = _meant(told.account, told.serial, told.product)
    item = record_work(
        account=account, kind=told.kind, description=told.description, by=_by(request), at=timezone.now(),
        case=case_named(told.case) if told.case else None, visit=visit_numbered(told.visit) if told.visit else None,
        asset=asset, quantity=told.quantity, part_number=told.part_number, amount_micros=told.amount_micros,
        currency=told.currency, done_at=told.done_at, done_by=told.done_by, authorised_by=told.authorised_by,
        name=told.id,
    )  # fmt: skip
    return Status(201, render_work(item))


@router.get("/work", response={200: WorkList, **PROBLEMS}, auth=reading, summary="Work", url_name="work")
def work_list(request: HttpRequest, asked: Query[WorkFilter]) -> Any:
    """In the order it was recorded; `next` leads on."""
    account = account_by_key(asked.account) if asked.account else None
    wanted = WantedWork(
        account=account,
        billing=asked.billing,
        kind=asked.kind,
        case=case_named(asked.case) if asked.case else None,
        asset=device_with(asked.serial, account=account) if asked.serial else None,
    )
    rows = work_page(wanted, after=asked.after, most=asked.most + 1)
    page = rows[: asked.most]
    following = page[-1].pk if len(rows) > asked.most else None
    return WorkList(work=[render_work(row) for row in page], next=following)


@router.get("/visits", response={200: VisitList, **PROBLEMS}, auth=reading, summary="Visits", url_name="visits")
def visit_list(request: HttpRequest, asked: Query[VisitFilter]) -> Any:
    """Maintenance visits in the order they were planned; `next` leads on."""
    at = timezone.now()
    wanted = WantedVisits(
        account=account_by_key(asked.account) if asked.account else None,
        state=asked.state,
        technician=asked.technician.replace("\x00", ""),
        from_on=asked.from_on,
        through_on=asked.through_on,
        late=asked.late,
    )
    rows = list(listed_visits(wanted, today=at.date()).filter(pk__gt=asked.after).order_by("pk")[: asked.most + 1])
    page = rows[: asked.most]
    following = page[-1].pk if len(rows) > asked.most else None
    return VisitList(visits=[render_visit(row, at=at) for row in page], next=following)


@router.post(f"{VISIT}/schedule", response={200: VisitOut, **PROBLEMS}, summary="Make an appointment", url_name="visit_schedule")  # fmt: skip
def visit_schedule(request: HttpRequest, number: int, told: AppointmentIn) -> Any:
    """Make or move the appointment of a visit, on a day on which its cover is in force."""
    at, visit = timezone.now(), visit_numbered(number)
    scheduled = schedule(
        visit=visit, scheduled_for=told.scheduled_for, technician=told.technician, by=_by(request), at=at
    )  # fmt: skip
    return render_visit(scheduled, at=at)


@router.post(f"{VISIT}/done", response={200: VisitOut, **PROBLEMS}, summary="A visit was done", url_name="visit_done")
def visit_done(request: HttpRequest, number: int, told: DoneIn) -> Any:
    """Use a visit up, with what it took. Told again, it answers as it stands and records nothing twice. One that isn't
    included any more is refused (409 `visit_settled`): record it as work."""
    at, visit = timezone.now(), visit_numbered(number)
    used = [Used(**one.dict()) for one in told.used]
    done = complete(
        visit=visit, by=_by(request), at=at, done_at=told.done_at, done_by=told.done_by, note=told.note, items=used
    )  # fmt: skip
    return render_visit(done, at=at)


@router.post(f"{VISIT}/missed", response={200: VisitOut, **PROBLEMS}, summary="A visit was missed", url_name="visit_missed")  # fmt: skip
def visit_missed(request: HttpRequest, number: int, told: ReasonIn) -> Any:
    """Say that a visit did not come about. It may still be caught up while its cover is in force."""
    at = timezone.now()
    return render_visit(miss(visit=visit_numbered(number), reason=told.reason, by=_by(request), at=at), at=at)


@router.post(f"{VISIT}/cancelled", response={200: VisitOut, **PROBLEMS}, summary="Cancel a visit", url_name="visit_cancelled")  # fmt: skip
def visit_cancelled(request: HttpRequest, number: int, told: ReasonIn) -> Any:
    """Cancel a visit for good: it isn't planned again."""
    at = timezone.now()
    return render_visit(cancel(visit=visit_numbered(number), reason=told.reason, by=_by(request), at=at), at=at)


def _meant(account_key: str, serial: str, product: str) -> tuple[Account, Asset | None]:
    account = account_by_key(account_key) if account_key else None
    asset = device_with(serial, account=account, product=product) if serial.strip() else None
    if account is None and asset is None:
        raise Invalid("Name the account, or the device by its serial number.", field="account")
    return account or asset.account, asset  # type: ignore[union-attr]  # one of the two is there


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
