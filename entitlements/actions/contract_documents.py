"""A draft written as one document, as programs write it: its terms and all its lines, or nothing of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from catalog.domain.amounts import UnreadableCell
from catalog.models import Feature, Plan
from entitlements.actions.contract_drafts import add_line, edit_line, remove_line, set_terms
from entitlements.actions.contracts import require_writer
from entitlements.actions.locking import lock_account
from entitlements.domain.facts import Mode
from entitlements.domain.promises import Told, parse_promise
from entitlements.models import ContractLine, ContractVersion
from entitlements.models.contract import Renewal
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.reasons import reason_code_by_key
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound, Refusal, Stale


@dataclass(frozen=True, slots=True)
class LineTold:
    """One line as it was told: a plan by its key × a quantity, or a feature by its key, a mode and a value.

    `number` is that of the line it replaces; a new one has none.
    """

    number: int | None = None
    plan: str | None = None
    quantity: int = 1
    interval: str = ""
    feature: str | None = None
    mode: str | None = None
    value: Told = None
    note: str = ""
    starts_on: date | None = None
    through_on: date | None = None


@dataclass(frozen=True, slots=True)
class TermsTold:
    effective_on: date | None = None
    term_months: int | None = None
    renewal: str = Renewal.ENDS.value
    renewal_months: int | None = None
    notice_days: int = 0
    new_term: bool = False
    reason_code: str | None = None
    reason: str = ""


@transaction.atomic
def write_draft(
    *,
    version: ContractVersion,
    terms: TermsTold,
    lines: Sequence[LineTold],
    by: Actor,
    at: datetime,
    seen: str | None = None,
) -> ContractVersion:
    """Wrote a draft anew as one document. What can't be right is told of every line at once, and nothing is written."""
    require_writer(by)
    lock_account(version.contract.account_id)
    if seen is not None and seen != draft_token(version):
        raise Stale
    errors: dict[str, list[str]] = {}
    with _gathered(errors):
        _write_terms(version, terms, by=by, at=at)
    there = {line.number: line for line in version.lines.select_related("plan", "feature").order_by("number")}
    for number, line in there.items():
        line.version = version
        if number not in {told.number for told in lines}:
            remove_line(line=line, by=by, at=at)
    for place, told in enumerate(lines):
        with _gathered(errors, f"lines.{place}"):
            _write_line(version, told, _replaced(told, there, lines[:place]), by=by, at=at)
    if errors:
        first = next(iter(errors.values()))[0]
        raise Invalid(first, errors={field: tuple(messages) for field, messages in errors.items()})
    return ContractVersion.objects.select_related("contract__account", "reason_code").get(pk=version.pk)


@contextmanager
def _gathered(errors: dict[str, list[str]], where: str = "") -> Iterator[None]:
    """Whatever is wrong within is kept under its field, and undone, so that the next can be looked at too."""
    try:
        with transaction.atomic():
            yield
    except (Invalid, NotFound) as refusal:
        for field, messages in refusal.errors.items():
            place = ".".join(part for part in (where, field) if part)
            errors.setdefault(place, []).extend(messages)
    except Refusal as refusal:
        if not where or not refusal.field:
            raise
        errors.setdefault(f"{where}.{refusal.field}", []).append(refusal.message)


def _write_terms(version: ContractVersion, terms: TermsTold, *, by: Actor, at: datetime) -> None:
    set_terms(
        version=version,
        effective_on=terms.effective_on,
        term_months=terms.term_months,
        renewal=Renewal(terms.renewal),
        renewal_months=terms.renewal_months,
        notice_days=terms.notice_days,
        new_term=terms.new_term,
        reason=terms.reason,
        reason_code=reason_code_by_key(terms.reason_code) if terms.reason_code else None,
        by=by,
        at=at,
    )


def _replaced(told: LineTold, there: dict[int, ContractLine], before: Sequence[LineTold]) -> ContractLine | None:
    if told.number is None:
        return None
    if told.number not in there:
        raise Invalid(f"The draft has no line {told.number}. Leave the number out for a new line.", field="number")
    if any(other.number == told.number for other in before):
        raise Invalid(f"Line {told.number} stands here twice.", field="number")
    return there[told.number]


def _write_line(
    version: ContractVersion, told: LineTold, line: ContractLine | None, *, by: Actor, at: datetime
) -> None:
    given: dict[str, Any] = {
        "note": told.note,
        "starts_on": told.starts_on,
        "through_on": told.through_on,
        "by": by,
        "at": at,
        **(_plan(told) if told.plan is not None else {}),
        **(_change(told) if told.feature is not None else {}),
    }
    if line is None:
        add_line(version=version, **given)
    else:
        edit_line(line=line, **given)


def _plan(told: LineTold) -> dict[str, Any]:
    plan = Plan.objects.filter(key=told.plan).first()
    if plan is None:
        raise Invalid(f"No plan or add-on has the key {told.plan!r}.", field="plan")
    return {"plan": plan, "quantity": told.quantity, "interval": told.interval}


def _change(told: LineTold) -> dict[str, Any]:
    feature = Feature.objects.filter(key=told.feature).first()
    if feature is None:
        raise Invalid(f"No feature has the key {told.feature!r}.", field="feature")
    if told.mode is None:
        raise Invalid("Say in which way the feature changes.", field="mode")
    if told.mode == Mode.DENY:
        return {"feature": feature, "mode": Mode.DENY, "value": told.value}
    try:
        value, typed_unit = parse_promise(told.value, shape=feature.shape)
    except UnreadableCell as unreadable:
        raise Invalid(str(unreadable), field="value") from unreadable
    return {"feature": feature, "mode": Mode(told.mode), "value": value, "typed_unit": typed_unit}
