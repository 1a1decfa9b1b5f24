"""Loans over HTTP: what an account was lent, lending to it, and taking back what was lent to it alone."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Path, Router, Schema, Status

from catalog.domain.amounts import UnreadableCell
from catalog.models import Feature, Plan
from entitlements.actions.loans import LoanTerms, lend, recall
from entitlements.actions.overrides import SCOPE
from entitlements.api.life_schemas import Key, Waiting
from entitlements.api.override_schemas import Link, Mode, Seen, ValueIn, Why
from entitlements.domain.facts import Mode as Does
from entitlements.domain.promises import parse_promise
from entitlements.models import Loan
from entitlements.models.loan import LoanState
from entitlements.queries.accounts import account_by_key
from entitlements.queries.loans import how_long, loan_by_id, loans_of, place_of, token_of, what_is_lent
from entitlements.queries.reasons import reason_code_by_key
from journal.api.auth import KeyAuth
from journal.api.instants import Instant
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from journal.models import Approval

READ = "entitlements:read"
ALL = "/accounts/{key}/loans"
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The loan's `id`.")]

router = Router(tags=["Loans"], auth=KeyAuth(SCOPE))


class LoanOut(Schema):
    """A plan, an add-on or a feature lent for a time. It ends by itself, or when it is recalled."""

    id: int
    name: str
    words: str = Field(examples=["Team through 31 March 2026 (Amsterdam)"])
    plan: str | None = Field(None, description="The key of the plan or add-on, where one is lent.")
    quantity: int = 1
    feature: str | None = Field(None, description="The key of the feature, where one is lent.")
    mode: Mode | None = None
    cohort: str | None = Field(None, description="The cohort it was lent to as a whole; null: to this account alone.")
    state: Literal["waiting", "to_come", "running", "ended", "recalled", "rejected", "withdrawn"]
    state_text: str
    starts_at: datetime
    ends_at: datetime = Field(description="Of a cohort's: when its last day is over everywhere.")
    through_on: date
    reason_code: str | None = None
    reason: str
    link: str = ""
    requested_by: str
    approved_by: str = ""
    recalled_at: datetime | None = None
    recalled_by: str = ""
    version: str = Field(description="Differs as soon as anything about it does; send it back as `seen`.")


class LoanList(Schema):
    account: str
    at: datetime
    loans: list[LoanOut]


class WaitingLoan(Waiting):
    """Beyond what may be lent alone: nothing of it is lent until somebody has decided."""

    approver_role: str = Field("", description="Whose role has to decide; empty: whoever may approve concessions.")
    loan: LoanOut


class LoanIn(Schema):
    """Either a plan or add-on in a quantity, or a feature with what it becomes."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    plan: Key | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    feature: Key | None = None
    mode: Mode | None = None
    value: ValueIn = None
    starts_at: Instant | None = Field(None, description="Now if left out; never in the past.")
    through_on: date = Field(description="Through this day in the customer's zone.")
    reason_code: Key | None = Field(None, description="The key of a listed reason.")
    reason: Why
    link: Link | None = None


class RecallIn(Schema):
    reason: Why
    seen: Seen = None


@router.get(ALL, response={200: LoanList, **PROBLEMS}, auth=KeyAuth(READ), summary="Its loans", url_name="loans")
def loan_list(request: HttpRequest, key: str) -> Any:
    """Every loan the account has a part in or was asked for, the newest first; also those to a cohort it is in."""
    account, at = account_by_key(key), timezone.now()
    return LoanList(account=account.key, at=at, loans=[render_loan(row, at=at) for row in loans_of(account)])


@router.post(ALL, response={201: LoanOut, 202: WaitingLoan, **PROBLEMS}, summary="Lend to an account", url_name="loans")
def loan_lend(request: HttpRequest, key: str, told: LoanIn) -> Any:
    """Lent with the answer (201), or waiting for a person where it is beyond what policy gives (202).

    Policy gives to roles, and a key has none: what a key asks for waits. The same loan is not asked for twice while
    the first request waits (409). Cohorts are lent to at the desk.
    """
    account, at = account_by_key(key), timezone.now()
    feature = None if told.feature is None else _feature(told.feature)
    value, unit = _value(told, feature)
    terms = LoanTerms(
        **told.dict(include={"name", "quantity", "starts_at", "through_on", "reason"}),
        account=account,
        plan=None if told.plan is None else _plan(told.plan),
        feature=feature,
        mode=None if told.mode is None or feature is None else Does(told.mode),
        value=value,
        typed_unit=unit,
        reason_code=None if told.reason_code is None else reason_code_by_key(told.reason_code),
        link=str(told.link or ""),
    )
    loan = lend(terms=terms, by=_by(request), at=at)
    if loan.state != LoanState.REQUESTED:
        return Status(201, render_loan(loan, at=at))
    asked = Approval.objects.get(kind="loan", subject_key=str(loan.pk))
    return Status(
        202,
        WaitingLoan(
            approval=asked.pk,
            summary=asked.summary,
            approver_role=asked.approver_role,
            loan=render_loan(loan, at=at),
        ),
    )


@router.post(
    f"{ALL}/{{number}}/recall", response={200: LoanOut, **PROBLEMS}, summary="Recall a loan", url_name="loan_recall"
)
def loan_recall(request: HttpRequest, key: str, number: Number, told: RecallIn) -> Any:
    """Take back what was lent to this account alone; it ends with the answer. A cohort's loan is recalled at the desk.

    Recalling what holds the customer down gives something back, and is left to people who may concede it (403).
    """
    loan, at = loan_by_id(number, account=account_by_key(key)), timezone.now()
    return render_loan(recall(loan=loan, reason=told.reason, seen=told.seen, by=_by(request), at=at), at=at)


def render_loan(row: Loan, *, at: datetime) -> LoanOut:
    place = place_of(row, at=at)
    return LoanOut(
        id=row.pk,
        words=f"{what_is_lent(row)} {how_long(row)}",
        plan=row.plan.key if row.plan else None,
        feature=row.feature.key if row.feature else None,
        mode=row.mode or None,
        cohort=row.cohort.key if row.cohort else None,
        state=place.value,
        state_text=place.words,
        reason_code=row.reason_code.key if row.reason_code else None,
        version=token_of(row),
        **{name: getattr(row, name) for name in AS_THEY_ARE},
    )


AS_THEY_ARE = (
    "name", "quantity", "starts_at", "ends_at", "through_on", "reason", "link", "requested_by", "approved_by",
    "recalled_at", "recalled_by",
)  # fmt: skip


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _plan(key: str) -> Plan:
    found = Plan.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise Invalid(f"No plan has the key {key!r}.", field="plan")
    return found


def _feature(key: str) -> Feature:
    found = Feature.objects.filter(key=key.replace("\x00", "")).first()
    if found is None:
        raise Invalid(f"No feature has the key {key!r}.", field="feature")
    return found


def _value(told: LoanIn, feature: Feature | None) -> tuple[Any, str]:
    if feature is None or (told.mode == Does.DENY and told.value is None):
        return None, ""
    try:
        return parse_promise(told.value, shape=feature.shape)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="value") from None
