"""The ledger of prepaid help as a customer reads it: every line with its case, and the balance after it.

The lines are those of the credit engine (`entitlements/queries/credits/ledger.py`), with what each use was: lines that
one use makes of several grants are told as one. Nothing here writes, and nothing is added up anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeAlias

from catalog.queries.instants import say_instant
from entitlements.domain.credits.ledger import Kind
from entitlements.domain.facts import Facts
from entitlements.models import Account, CreditGrant
from entitlements.queries.credits.ledger import LedgerLine
from entitlements.queries.credits.ledger import ledger_of as engine_ledger
from support.domain.case_events import Channel
from support.domain.time_entries import Share, say_minutes, say_share
from support.models import Allowance, Case, CaseCount, TimeEntry
from support.queries.allowances.ledger_words import say_line
from support.queries.allowances.measures import Measure
from support.queries.allowances.room import SOURCE

PAGE, ALL = 50, 10_000
LATE = timedelta(minutes=5)
Used: TypeAlias = TimeEntry | CaseCount


@dataclass(frozen=True, slots=True)
class PrepaidLine:
    """One line. `amount` and `after` are in the feature's smallest unit; `when` is in the account's zone. `case` and
    `entry` are there where a case used it; `pending`: time has brought it, and it is written with the next use."""

    number: int
    kind: Kind
    at: datetime
    recorded_at: datetime | None
    when: str
    what: str
    note: str
    amount: int
    moved: str
    after: int
    after_words: str
    case: Case | None = None
    entry: TimeEntry | None = None

    @property
    def pending(self) -> bool:
        return not self.number


@dataclass(frozen=True, slots=True)
class PrepaidLedger:
    """Newest first; `before` is where the next page goes on, None on the last one."""

    lines: tuple[PrepaidLine, ...]
    before: int | None


def ledger_of(
    account: Account,
    allowance: Allowance,
    *,
    at: datetime,
    before: int | None = None,
    size: int = PAGE,
    facts: Facts | None = None,
) -> PrepaidLedger:
    """One page of the ledger of an allowance, the newest lines or those numbered below `before`."""
    page = engine_ledger(
        account=account, feature=allowance.feature, at=at, before=before, size=size, facts=facts
    )  # fmt: skip
    used = uses_named(line.event for line in page.lines if line.event)
    grants = CreditGrant.objects.in_bulk({line.grant for line in page.lines if line.grant})
    measure = Measure(allowance.feature.shape)
    lines = [
        _line(tuple(group), used=used, grants=grants, measure=measure, zone=account.zone)
        for _, group in groupby(page.lines, key=_together)
    ]
    return PrepaidLedger(tuple(lines), page.before)


def _together(line: LedgerLine) -> tuple[object, ...]:
    """What one use took of several grants stands on lines that follow each other."""
    return (line.event, line.kind is Kind.GIVEN_BACK) if line.event else (line.number, id(line))


def uses_named(events: Iterable[str]) -> Mapping[str, Used]:
    """The time entries and the cases behind uses that support told, by the event's name in the ledger; two reads."""
    ids = {event.removeprefix(f"{SOURCE} ") for event in events if event.startswith(f"{SOURCE} ")}
    if not ids:
        return {}
    found: dict[str, Used] = {}
    for row in TimeEntry.objects.filter(event_id__in=ids).select_related("case"):
        found[row.event_id] = row
    for count in CaseCount.objects.filter(event_id__in=ids).select_related("case"):
        found[count.event_id] = count
    found |= _counted_before(ids - found.keys())
    return {f"{SOURCE} {event}": row for event, row in found.items()}


def _counted_before(ids: AbstractSet[str]) -> dict[str, Used]:
    """Entries that were counted anew since, by the names their former uses were told by."""
    told: Any = TimeEntry.history.filter(event_id__in=ids) if ids else ()  # type: ignore[attr-defined]
    former = {row.event_id: row.id for row in told}
    rows = TimeEntry.objects.select_related("case").in_bulk(set(former.values())) if former else {}
    return {event: rows[pk] for event, pk in former.items() if pk in rows}


def _line(
    group: Sequence[LedgerLine], *, used: Mapping[str, Used], grants: Mapping[int, CreditGrant], measure: Measure,
    zone: str,
) -> PrepaidLine:  # fmt: skip
    newest = group[0]
    amount = sum(line.amount for line in group if not line.unlimited)
    row = used.get(newest.event) if newest.event else None
    grant = grants.get(newest.grant) if newest.grant else None
    size = measure.say(abs(Decimal(sum(line.amount for line in group))))
    told = PrepaidLine(
        number=newest.number,
        kind=newest.kind,
        at=newest.at,
        recorded_at=newest.recorded_at,
        when=say_instant(newest.at, zone=zone),
        what=say_line(newest, size=size, grant=grant, up=amount > 0),
        note="",
        amount=amount,
        moved=f"{'+' if amount > 0 else '−'}{size}" if amount else "",
        after=newest.balance_after,
        after_words="no limit" if newest.unlimited else measure.say(Decimal(newest.balance_after)),
    )
    return told if row is None else _of_use(told, row, size=size, zone=zone)


def _of_use(line: PrepaidLine, row: Used, *, size: str, zone: str) -> PrepaidLine:
    """What support used it for: the case, and of time the real minutes beside those that counted."""
    entry = row if isinstance(row, TimeEntry) else None
    notes = (
        _given_back(line, row, zone=zone) if line.kind is Kind.GIVEN_BACK else _used(line, row, size=size, zone=zone)
    )
    what = f"{row.case.number} {row.case.subject}"
    return replace(line, what=what, note="; ".join(notes), case=row.case, entry=entry)


def _used(line: PrepaidLine, row: Used, *, size: str, zone: str) -> Iterator[str]:
    if isinstance(row, CaseCount):
        yield "one incident"
        if row.overdrawn:
            yield "nothing was left of it"
        return
    yield say_counted(row, counted=size)
    if row.unit_minutes > 1 and row.minutes % row.unit_minutes:
        yield f"each entry is rounded up to {row.unit_minutes} min"
    if row.worked_at != line.at:
        yield f"worked {say_instant(row.worked_at, zone=zone)}"


def _given_back(line: PrepaidLine, row: Used, *, zone: str) -> Iterator[str]:
    """It stands at the instant of the use, so that it says when it was given back."""
    yield (
        row.give_back_reason
        if isinstance(row, CaseCount)
        else row.withdraw_reason or row.exempt_reason or "counted again"
    )
    if line.recorded_at is not None and line.recorded_at - line.at > LATE:
        yield f"given back {say_instant(line.recorded_at, zone=zone)}"


def say_counted(row: TimeEntry, *, counted: str) -> str:
    """What a use took, by its own line: an entry may have been left out or counted anew since."""
    real = say_minutes(row.minutes)
    words = real if real == counted else f"{real} count as {counted}"
    beyond = f", {say_minutes(row.beyond_minutes)} more are beyond what was left" if row.beyond_minutes else ""
    return f"{words}{beyond}, {say_how(row.channel)}"


def say_how(channel: str) -> str:
    by = Channel(channel)
    return "in person" if by is Channel.IN_PERSON else f"by {by.words if by is Channel.API else by.words.lower()}"


def say_entry(row: TimeEntry) -> str:
    """ "20 min by phone count as 30 min"."""
    return f"{say_share(Share(row.minutes, row.counted_minutes, row.beyond_minutes))}, {say_how(row.channel)}"
