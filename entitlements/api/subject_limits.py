"""What customers' own programs set: limits of their users and agents, budgets for tasks; and use started again."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from catalog.models import Feature
from entitlements.actions.usage import resets, subjects
from entitlements.actions.usage.resets import reset_usage
from entitlements.actions.usage.subjects import lift_subject_limit, set_subject_limit, subject_limit_of
from entitlements.models import SubjectLimit
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.accounts import account_by_key
from entitlements.queries.usage.counters import subject_limits_of
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound

READ = "entitlements:read"
LARGEST = 2**63 - 1
MOST_LISTED = 1_000
ONE = "/accounts/{key}/subject-limits/{feature}/{path:subject}"
Text = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]

router = Router(tags=["Limits of subjects"], auth=KeyAuth(subjects.SCOPE))


class LimitIn(Schema):
    """Without `in_all` it starts again with each period of the feature; with it, it is a budget for a task."""

    amount: int = Field(ge=0, le=LARGEST, description="In the feature's smallest unit.", examples=[50_000])
    in_all: bool = False
    starts_at: Instant | None = Field(
        None,
        description="Of a budget: from when use counts. Left out, one there is goes on with what it used, and a new "
        "one begins now; another start begins at nothing.",
    )
    ends_at: Instant | None = Field(
        None,
        description="Of a budget; after it nothing more may be used under this name until the limit is set anew or lifted.",
    )
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class LimitOut(Schema):
    feature: str
    subject: str
    amount: int
    in_all: bool
    starts_at: datetime
    ends_at: datetime | None = None


class LimitList(Schema):
    account: str
    subject_limits: list[LimitOut]


class ResetIn(Schema):
    subject: Text = Field("", description="Of which user, agent, device or task; empty: the account's own.")
    choice: Text = Field("", description="Of which choice alone, such as `model.large`; empty: all of it.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ResetOut(Schema):
    """What had been used until then, in the feature's smallest unit."""

    account: str
    feature: str
    subject: str
    choice: str
    period_started_at: datetime
    reset_at: datetime
    used: int


@router.get(
    "/accounts/{key}/subject-limits",
    response={200: LimitList, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="Limits of its users and agents",
    url_name="subject_limits",
)
def limit_list(request: HttpRequest, key: str, subject: Text = "") -> Any:
    """At most 1,000 of them, by feature and name; with `subject` those in whose name it occurs."""
    account = account_by_key(key)
    found = subject_limits_of(account, text=subject.replace("\x00", ""), most=MOST_LISTED)
    return LimitList(account=account.key, subject_limits=[render_limit(row) for row in found])


@router.get(
    ONE,
    response={200: LimitOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="The limit of one user or agent",
    url_name="subject_limit",
)
def limit_of(request: HttpRequest, key: str, feature: str, subject: str) -> Any:
    """404 where it has none: then only the account's own limit bounds it."""
    account, about = account_by_key(key), _feature(feature)
    limit = subject_limit_of(account, about, subject.replace("\x00", ""))
    if limit is None:
        raise NotFound(f"“{subject}” has no limit of its own for {about}.")
    return render_limit(limit)


@router.put(ONE, response={200: LimitOut, **PROBLEMS}, summary="Limit a user or an agent", url_name="subject_limit")
def limit_set(request: HttpRequest, key: str, feature: str, subject: str, told: LimitIn) -> Any:
    """Set or change how much one user, agent, device or task may use, in each period or in all. It holds at once, is
    always hard, and never gives more than the account has. The same request twice changes nothing more.
    """
    limit = set_subject_limit(
        account=account_by_key(key),
        feature=_feature(feature),
        subject=subject,
        amount=Decimal(told.amount),
        in_all=told.in_all,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        reason=told.reason,
        by=_by(request),
        at=timezone.now(),
    )
    return render_limit(limit)


@router.delete(ONE, response={204: None, **PROBLEMS}, summary="Lift a limit", url_name="subject_limit")
def limit_lift(request: HttpRequest, key: str, feature: str, subject: str) -> Any:
    """From now on only the account's own limit bounds it."""
    account = account_by_key(key)
    lift_subject_limit(account=account, feature=_feature(feature), subject=subject, by=_by(request), at=timezone.now())
    return Status(204, None)


@router.post(
    "/accounts/{key}/usage/{feature}/reset",
    response={200: ResetOut, **PROBLEMS},
    auth=KeyAuth(resets.SCOPE),
    summary="Let use start again",
    url_name="usage_reset",
)
def usage_reset(request: HttpRequest, key: str, feature: str, told: ResetIn) -> Any:
    """Use of the present period starts again at nothing; what happened before and is reported later counts no more.

    What reservations hold stays held. Credits and what is held at one time can't be reset. Sent again where nothing was
    used since, it is answered nothing_to_reset (409); with an Idempotency-Key it is answered as the first time.
    """
    account, about = account_by_key(key), _feature(feature)
    row = reset_usage(
        account=account, feature=about, subject=told.subject.replace("\x00", ""),
        choice=told.choice.replace("\x00", ""), reason=told.reason, by=_by(request), at=timezone.now(),
    )  # fmt: skip
    return ResetOut(
        account=account.key, feature=about.key, subject=row.subject, choice=row.choice,
        period_started_at=row.starts_at, reset_at=row.at, used=row.used,
    )  # fmt: skip


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _feature(key: str) -> Feature:
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No feature has the key {key!r}.")
    return found


def render_limit(row: SubjectLimit) -> LimitOut:
    return LimitOut(
        feature=row.feature.key,
        subject=row.subject,
        amount=row.amount,
        in_all=row.in_all,
        starts_at=row.starts_at.astimezone(UTC),
        ends_at=row.ends_at.astimezone(UTC) if row.ends_at else None,
    )
