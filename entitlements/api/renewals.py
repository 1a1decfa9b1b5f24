"""What ends, and what was decided to become of it, for programs to read."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from entitlements.domain.renewing import RenewalState
from entitlements.models import Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.accounts import account_by_key
from entitlements.queries.renewals.listing import WantedRenewals, listed_renewals
from entitlements.queries.renewals.one import join_of
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.refusal import NotFound

SCOPE = "renewals:read"
LARGEST = 2**53 - 1

router = Router(tags=["Renewals"], auth=KeyAuth(SCOPE))


class RenewalFilter(Schema):
    """Which ones; what is left out is any."""

    account: Annotated[str, Field(max_length=200, description="Our key or any system's id.")] = ""
    state: RenewalState | None = None
    kind: Annotated[EndOf | None, Field(description="What ends.")] = None
    ends_before: Annotated[Instant | None, Field(description="It ends earlier than that.")] = None
    after: Annotated[int, Field(ge=0, le=LARGEST, description="`next` of the page before.")] = 0
    most: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 100


class GoesOnOut(Schema):
    """What goes on. `gap_days` is how many whole days nothing holds in between; below zero, how many both hold."""

    what: str
    starts_at: datetime
    gap_days: int
    agreed: bool = Field(description="False while it is drafted and has to be signed.")


class RenewalOut(Schema):
    """One end of one thing, and what becomes of it."""

    id: int
    account: str
    kind: EndOf
    subject: str = Field(description="The id of what ends, within its kind.")
    label: str
    ends_at: datetime
    state: RenewalState
    late: bool = Field(description="It has ended, and nobody has decided.")
    owner: str | None = Field(description="The e-mail address of whose task it is.")
    opened_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str
    goes_on: GoesOnOut | None
    link: str


class RenewalList(Schema):
    renewals: list[RenewalOut]
    next: int | None = Field(description="Ask for what comes `after` it; null on the last page.")


@router.get("/renewals", response={200: RenewalList, **PROBLEMS}, summary="What ends", url_name="renewals")
def renewal_list(request: HttpRequest, asked: Query[RenewalFilter]) -> Any:
    """Every end that has its task, in the order they were opened: contracts, subscriptions, licence maintenance,
    granted credits, warranties and covers. An end that moved is `lapsed`, and stands anew with its other instant.
    """
    at = timezone.now()
    wanted = WantedRenewals(
        state=asked.state.value if asked.state else "",
        kind=asked.kind.value if asked.kind else "",
        account=account_by_key(asked.account) if asked.account else None,
        ends_before=asked.ends_before,
    )
    rows = list(listed_renewals(wanted, at=at).filter(pk__gt=asked.after).order_by("pk")[: asked.most + 1])
    more = len(rows) > asked.most
    shown = rows[: asked.most]
    return RenewalList(renewals=[_told(row, at=at) for row in shown], next=shown[-1].pk if more else None)


@router.get("/renewals/{renewal}", response={200: RenewalOut, **PROBLEMS}, summary="One end", url_name="renewal")
def renewal_one(request: HttpRequest, renewal: str) -> Any:
    """By its id, as webhooks name it (`subject.key` of `renewal.opened` and `renewal.decided`)."""
    fits = renewal.isdecimal() and len(renewal) < 19
    row = Renewal.objects.select_related("account", "owner").filter(pk=int(renewal)).first() if fits else None
    if row is None:
        raise NotFound(f"There is no renewal {renewal[:40]!r}.")
    return _told(row, at=timezone.now())


def _told(row: Renewal, *, at: datetime) -> RenewalOut:
    return RenewalOut(
        id=row.pk,
        account=row.account.key,
        kind=EndOf(row.kind),
        subject=row.subject_key,
        label=row.label,
        ends_at=row.ends_at,
        state=RenewalState(row.state),
        late=row.state == RenewalState.OPEN and row.ends_at <= at,
        owner=row.owner.email or None if row.owner is not None else None,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        goes_on=_goes_on(row),
        link=row.link,
    )


def _goes_on(row: Renewal) -> GoesOnOut | None:
    joined = join_of(row)
    if joined is None or row.successor_starts_at is None:
        return None
    days = {"gap": joined.days, "overlap": -joined.days}.get(joined.sort, 0)
    what = row.successor_label or row.label
    agreed = row.state == RenewalState.RENEWED
    return GoesOnOut(what=what, starts_at=row.successor_starts_at, gap_days=days, agreed=agreed)
