"""The ledger of a balance, page by page, each line explaining itself. Nothing here writes.

What happened by itself since the last line was written (something expired, a period began) is worked out and told
first, as lines that are still to be written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.models import Feature
from entitlements.domain.credits.ledger import Kind, Movement
from entitlements.domain.credits.plan import PLAN
from entitlements.domain.credits.telling import explain_line, say_credits
from entitlements.domain.facts import Facts
from entitlements.models import Account, CreditBalance, CreditEntry, CreditGrant
from entitlements.queries.credits.balances import OF_THE_PLAN, balance_row, name_of
from entitlements.queries.credits.courses import credit_facts, outdated_course

PAGE = 25


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line as it is read. `number` is 0 while it is still to be written; `moved` is signed and in words."""

    number: int
    at: datetime
    recorded_at: datetime | None
    kind: Kind
    amount: int
    balance_after: int
    unlimited: bool
    grant: int | None
    of_plan: bool
    event: str
    words: str
    moved: str
    after: str
    note: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Lines newest first; `before` is where the next page goes on, None on the last one."""

    lines: tuple[LedgerLine, ...]
    before: int | None


def ledger_of(
    *,
    account: Account,
    feature: Feature,
    at: datetime,
    before: int | None = None,
    size: int = PAGE,
    facts: Facts | None = None,
) -> LedgerPage:
    """One page of the ledger: the lines numbered below `before`, or the newest, with what is still to be written."""
    balance = balance_row(account=account, feature=feature)
    entries = _entries(balance, before=before, size=size + 1)
    lines = [_of_entry(entry, feature) for entry in entries[:size]]
    if before is None:
        last = entries[0].balance_after if entries else 0
        lines = [*_to_write(balance, last=last, at=at, facts=facts or credit_facts(account)), *lines]
    more = len(entries) > size
    return LedgerPage(tuple(lines), entries[size - 1].pk if more else None)


def _entries(balance: CreditBalance, *, before: int | None, size: int) -> Sequence[CreditEntry]:
    if balance.pk is None:
        return []
    rows = CreditEntry.objects.filter(balance=balance).select_related("grant__feature").order_by("-pk")
    return list((rows if before is None else rows.filter(pk__lt=before))[:size])


def _of_entry(entry: CreditEntry, feature: Feature) -> LedgerLine:
    return _line(
        Movement(entry.at, Kind(entry.kind), Decimal(entry.amount), "", entry.event, entry.unlimited),
        feature=feature,
        row=entry.grant,
        of_plan=entry.of_plan,
        after=entry.balance_after,
        number=entry.pk,
        recorded_at=entry.recorded_at,
        note=_note(entry),
    )


def _note(entry: CreditEntry) -> str:
    """Why, where a person or a correction says so."""
    if entry.note:
        return entry.note
    if entry.grant is None:
        return ""
    if entry.kind == Kind.VOID:
        return f"{entry.grant.void_reason} ({entry.grant.voided_by})"
    return f"{entry.grant.reason} ({entry.grant.granted_by})" if entry.kind == Kind.GRANT else ""


def _to_write(balance: CreditBalance, *, last: int, at: datetime, facts: Facts) -> Iterator[LedgerLine]:
    """What time has brought since the last line, newest first. Nothing for a balance nobody has touched."""
    if balance.settled_at is None or at <= balance.settled_at:
        return
    course = outdated_course(balance, facts=facts, at=at)
    course.drained()
    course.advance(at)
    lines, after = [], last
    movements = course.drained()
    rows = {str(row.pk): row for row in _granted(movements)}
    for line in movements:
        after += int(line.moves)
        row = rows.get(line.grant)
        lines.append(_line(line, feature=balance.feature, row=row, of_plan=line.grant == PLAN, after=after))
    yield from reversed(lines)


def _granted(movements: Sequence[Movement]) -> Iterator[CreditGrant]:
    ids = {int(line.grant) for line in movements if line.grant not in {"", PLAN}}
    yield from CreditGrant.objects.filter(pk__in=ids).select_related("feature") if ids else ()


def _line(
    line: Movement,
    *,
    feature: Feature,
    row: CreditGrant | None,
    of_plan: bool,
    after: int,
    number: int = 0,
    recorded_at: datetime | None = None,
    note: str = "",
) -> LedgerLine:
    shape = feature.shape
    grant = OF_THE_PLAN if of_plan else "" if row is None else name_of(row)
    amount = say_credits(abs(line.amount), shape=shape)
    later = line.kind is Kind.USE and not line.use
    return LedgerLine(
        number=number,
        at=line.at,
        recorded_at=recorded_at,
        kind=line.kind,
        amount=int(line.amount),
        balance_after=after,
        unlimited=line.unlimited,
        grant=None if row is None else row.pk,
        of_plan=of_plan,
        event=line.use,
        words=explain_line(
            line.kind, positive=line.amount > 0, amount=amount, grant=grant, unlimited=line.unlimited, later=later
        ),
        moved=f"{'+' if line.amount > 0 else '−'}{amount}" if line.amount else "",
        after=say_credits(Decimal(after), shape=shape),
        note=note,
    )
