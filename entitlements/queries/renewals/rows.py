"""Rows about ends → what is decided from (domain/renewing.py)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from entitlements.domain.renewing import BY_TERMS, RenewalState, RowFact, Settled, Stands
from entitlements.ending_sources import source_of
from entitlements.models import Renewal
from entitlements.queries.renewals.ends import Thing


def row_facts(rows: Collection[Renewal], *, at: datetime) -> Mapping[int, RowFact]:
    """Each row with how what it names as its successor stands; at most one read for each sort of end."""
    stands = _stands(rows, at=at)
    begins = _begins(thing for thing, how in stands.items() if how is Stands.AGREED)
    things = {row.pk: (row.kind, row.successor_key) for row in rows}
    return {row.pk: _fact(row, stands.get(things[row.pk]), begins.get(things[row.pk])) for row in rows}


def _stands(rows: Collection[Renewal], *, at: datetime) -> dict[tuple[str, str], Stands]:
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.successor_key and row.state != RenewalState.LAPSED:
            named[row.kind].add(row.successor_key)
    found: dict[tuple[str, str], Stands] = {}
    for kind, keys in named.items():
        source = source_of(kind)
        if source is not None:
            found |= {(kind, key): stands for key, stands in source.stands(keys, at).items()}
    return found


def _begins(things: Iterable[Thing]) -> dict[Thing, datetime]:
    named: dict[str, set[str]] = defaultdict(set)
    for kind, key in things:
        named[kind].add(key)
    found: dict[Thing, datetime] = {}
    for kind, keys in named.items():
        source = source_of(kind)
        if source is not None:
            found |= {(kind, key): begins for key, begins in source.begins(keys).items()}
    return found


def _fact(row: Renewal, successor: Stands | None, begins: datetime | None) -> RowFact:
    return RowFact(
        id=row.pk,
        ends_at=row.ends_at,
        state=RenewalState(row.state),
        by_terms=row.decided_by == BY_TERMS,
        why=row.reason,
        successor=successor,
        goes_on=_goes_on(row, begins) if successor is Stands.AGREED else None,
    )


def _goes_on(row: Renewal, begins: datetime | None) -> Settled:
    """What it is to say once its successor is agreed."""
    why = f"{row.successor_label[:1].upper()}{row.successor_label[1:]} goes on in its place."
    starts_at = begins or row.successor_starts_at or row.ends_at
    return Settled(RenewalState.RENEWED, why, starts_at, row.successor_key, row.successor_label)
