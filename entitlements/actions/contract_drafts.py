"""Drafts of a contract's versions: amending what was signed, its terms, its lines. Nothing of it speaks until signed."""

from copy import copy
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from catalog.domain.values import Value
from catalog.domain.window import DAY, start_of_day
from catalog.models import Feature, Plan
from catalog.models.plan import Interval
from entitlements.actions.contracts import lock_contract, require_writer
from entitlements.actions.override_drafts import check_day, check_reason_code, drafted
from entitlements.domain.facts import Mode
from entitlements.models import Contract, ContractLine, ContractVersion, ReasonCode
from entitlements.models.contract import ContractState, Renewal
from entitlements.queries.contracts.ready import ContractOver, require_draft
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.contracts.versions import last_signed, open_version
from entitlements.queries.contracts.wording import say_line
from journal.actions.deeds import Deed, begin, keep, keep_many, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

LONGEST_TERM, LONGEST_NOTICE, MOST = 600, 3650, 2**31 - 1


class Promised(TypedDict, total=False):
    """What a line says: a plan or add-on × a quantity, or a change to one feature, and its own days if it has any."""

    plan: Plan | None
    quantity: int
    interval: str
    feature: Feature | None
    mode: Mode | None
    value: Value | None
    typed_unit: str
    note: str
    starts_on: date | None
    through_on: date | None


@transaction.atomic
def amend(*, contract: Contract, by: Actor, at: datetime) -> ContractVersion:
    """Drafted an amendment: what was agreed last, to be changed; it goes on in the term that runs."""
    require_writer(by)
    contract = lock_contract(contract)
    if contract.ends_at is not None and contract.ends_at <= at:
        raise ContractOver(f"Contract {contract.key} has ended. Draft a new one instead.")
    if (waiting := open_version(contract)) is not None:
        how = "waits for approval" if waiting.state == ContractState.REQUESTED else "is being drafted already"
        raise Refusal(f"Version {waiting.number} {how}. Finish that one first.")
    last = last_signed(contract)
    if last is None:
        raise Refusal(f"Contract {contract.key} was never signed, so there is nothing to amend. Draft a new one.")
    deed = begin(by=by, at=at)
    version = _carry_over(last, contract, deed=deed)
    record(deed, "contract:amend", subject=version, account_key=contract.account.key)
    return version


def _carry_over(last: ContractVersion, contract: Contract, *, deed: Deed) -> ContractVersion:
    number = (contract.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    terms = ("term_starts_at", "term_months", "renewal", "renewal_months", "notice_days", "zone")
    version = ContractVersion(
        contract=contract,
        number=number,
        drafted_at=deed.at,
        drafted_by=deed.by.name,
        **{name: getattr(last, name) for name in terms},
    )
    keep(version, deed=deed)
    lines = []
    for line in last.lines.order_by("number"):
        carried = copy(line)
        carried.pk, carried._state.adding = None, True
        carried.version, carried.carried_from = version, line
        lines.append(carried)
    keep_many(lines, deed=deed)
    return version


@transaction.atomic
def set_terms(
    *,
    version: ContractVersion,
    effective_on: date | None,
    term_months: int | None,
    renewal: Renewal,
    renewal_months: int | None,
    notice_days: int,
    reason: str,
    reason_code: ReasonCode | None,
    by: Actor,
    at: datetime,
    new_term: bool = False,
    counted_from: date | None = None,
    seen: str | None = None,
) -> ContractVersion:
    """Said how long a draft runs, from which day, and what follows; no day: from its signing.

    An amendment goes on in the term that runs, unless it says that a new one begins, or its months are others. Where a
    new term begins, it may be counted from a day that has passed (`counted_from`): what was agreed with effect from then
    still speaks from its signing on.
    """
    version, deed = _open_draft(version, by=by, at=at, seen=seen)
    _check_terms(effective_on, term_months, renewal, renewal_months, notice_days)
    if reason_code != version.reason_code:
        check_reason_code(reason_code, by=by, needed=False)
    version.effective_on, version.term_months, version.renewal = effective_on, term_months, renewal
    version.renewal_months = renewal_months if term_months is not None else None
    version.notice_days, version.reason, version.reason_code = notice_days, reason.strip(), reason_code
    _count_on(version, new_term=new_term)
    if counted_from is not None and version.term_starts_at is None:
        check_day(counted_from, field="effective_on")
        version.term_starts_at = start_of_day(counted_from, version.zone)
    changes = pending_changes(version)
    if changes:
        keep(version, deed=deed)
        _record(version, "contract:set_terms", deed=deed, changes=changes)
    return version


def _check_terms(
    effective_on: date | None, months: int | None, renewal: Renewal, renewal_months: int | None, notice_days: int
) -> None:
    check_day(effective_on, field="effective_on")
    for field, said in (("term_months", months), ("renewal_months", renewal_months)):
        if said is not None and not 1 <= said <= LONGEST_TERM:
            raise Invalid(f"A term lasts from 1 to {LONGEST_TERM} months.", field=field)
    if renewal == Renewal.RENEWS and months is None:
        raise Invalid("What renews has a first term: say how many months it lasts.", field="term_months")
    if renewal == Renewal.RENEWS and renewal_months is None:
        raise Invalid("Say how many months each renewal lasts.", field="renewal_months")
    if not 0 <= notice_days <= LONGEST_NOTICE:
        raise Invalid(f"Notice is given from 0 to {LONGEST_NOTICE} days before the end.", field="notice_days")


def _count_on(version: ContractVersion, *, new_term: bool) -> None:
    """Terms are counted from one day by one length: where that changes, a new term begins with the version."""
    last = last_signed(version.contract)
    version.term_starts_at = None
    if last is None or new_term or version.term_months != last.term_months:
        return
    renews = version.renewal == Renewal.RENEWS
    if renews and last.renewal_months not in {None, version.renewal_months}:
        return
    version.term_starts_at = last.term_starts_at
    if not renews:
        version.renewal_months = last.renewal_months


@transaction.atomic
def add_line(
    *, version: ContractVersion, by: Actor, at: datetime, seen: str | None = None, **promised: Unpack[Promised]
) -> ContractLine:
    """Added a line to a draft: a plan or add-on × a quantity, or a change to one feature."""
    version, deed = _open_draft(version, by=by, at=at, seen=seen)
    # A number is never used twice in a contract, so that what points at a line can't come to point at another.
    used = ContractLine.objects.filter(version__contract=version.contract).aggregate(last=Max("number"))["last"] or 0
    line = ContractLine(version=version, number=used + 1)
    _write(line, promised, deed=deed)
    keep(line, deed=deed)
    _record(version, "contract:add_line", deed=deed, changes={f"line {line.number}": [None, say_line(line)]})
    return line


@transaction.atomic
def edit_line(
    *, line: ContractLine, by: Actor, at: datetime, seen: str | None = None, **promised: Unpack[Promised]
) -> ContractLine:
    """Said anew what a line of a draft promises; it keeps its number."""
    version, deed = _open_draft(line.version, by=by, at=at, seen=seen)
    line = _still_there(line, version)
    was = say_line(line)
    _write(line, promised, deed=deed)
    if pending_changes(line):
        keep(line, deed=deed)
        _record(version, "contract:edit_line", deed=deed, changes={f"line {line.number}": [was, say_line(line)]})
    return line


@transaction.atomic
def remove_line(*, line: ContractLine, by: Actor, at: datetime, seen: str | None = None) -> None:
    """Took a line out of a draft; what it gave by the version before ends when this one takes effect."""
    version, deed = _open_draft(line.version, by=by, at=at, seen=seen)
    line = _still_there(line, version)
    words, number = say_line(line), line.number
    remove(line, deed=deed)
    _record(version, "contract:remove_line", deed=deed, changes={f"line {number}": [words, None]})


@transaction.atomic
def discard(
    *, version: ContractVersion, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> ContractVersion:
    """Discarded a draft; what was signed before it goes on as it is."""
    version, deed = _open_draft(version, by=by, at=at, seen=seen)
    version.state = ContractState.DISCARDED
    keep(version, deed=deed)
    _record(version, "contract:discard", deed=deed, reason=reason)
    return version


def _open_draft(version: ContractVersion, *, by: Actor, at: datetime, seen: str | None) -> tuple[ContractVersion, Deed]:
    """The draft as it stands once the account is ours, and the deed that changes it."""
    require_writer(by)
    contract = lock_contract(version.contract)
    row = ContractVersion.objects.get(pk=version.pk)
    row.contract = contract
    require_draft(row)
    if seen is not None and seen != draft_token(row):
        raise Stale
    return row, begin(by=by, at=at)


def _still_there(line: ContractLine, version: ContractVersion) -> ContractLine:
    rows = ContractLine.objects.select_related("plan", "feature").filter(pk=line.pk, version=version)
    row = rows.order_by("pk").first()
    if row is None:
        raise Stale("This line was taken out of the draft since you opened it. Look again.")
    row.version = version
    return row


def _record(version: ContractVersion, verb: str, *, deed: Deed, changes: Any = None, reason: str = "") -> None:
    record(deed, verb, subject=version, account_key=version.contract.account.key, changes=changes or {}, reason=reason)


def _write(line: ContractLine, promised: Promised, *, deed: Deed) -> None:
    """Put into the line what it promises, or refuse what can't be promised."""
    plan, feature = promised.get("plan"), promised.get("feature")
    if (plan is None) == (feature is None):
        raise Invalid("A line is either a plan or add-on, or a change to one feature.", field="plan")
    starts_on, through_on = promised.get("starts_on"), promised.get("through_on")
    for day, field in ((starts_on, "starts_on"), (through_on, "through_on")):
        check_day(day, field=field)
    if starts_on is not None and through_on is not None and through_on < starts_on:
        raise Invalid("It would end before it begins.", field="through_on")
    line.plan, line.feature, line.note = plan, feature, promised.get("note", "").strip()
    line.starts_on, line.through_on = starts_on, through_on
    line.quantity, line.interval, line.mode, line.typed_unit = 1, "", "", ""
    line.unlimited, line.amount, line.text, line.choices = False, None, "", None
    if feature is None:
        _write_item(line, promised)
    else:
        _write_change(line, feature, promised, deed=deed)


def _write_item(line: ContractLine, promised: Promised) -> None:
    quantity, interval = promised.get("quantity", 1), promised.get("interval", "")
    if not 1 <= quantity <= MOST:
        raise Invalid("The quantity is at least 1.", field="quantity")
    if interval and interval not in set(Interval):
        raise Invalid("It is paid by the month or by the year.", field="interval")
    line.quantity, line.interval = quantity, interval


def _write_change(line: ContractLine, feature: Feature, promised: Promised, *, deed: Deed) -> None:
    """The same is refused as for any other override of the feature."""
    mode = promised.get("mode")
    if mode is None:
        raise Invalid("Say in which way the feature changes.", field="mode")
    like = drafted(
        account=line.version.contract.account,
        feature=feature,
        mode=mode,
        value=promised.get("value"),
        typed_unit=promised.get("typed_unit", ""),
        reason=f"Contract {line.version.contract.key}",
        contract_line=line,
        ends_at=deed.at + DAY,
        by=deed.by,
        at=deed.at,
    )
    line.mode, line.typed_unit = mode, like.typed_unit
    line.unlimited, line.amount, line.text, line.choices = like.unlimited, like.amount, like.text, like.choices
