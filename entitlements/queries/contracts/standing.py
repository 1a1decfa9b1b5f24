"""Where contracts stand at a moment, as known now or as known then: for the account's page and for programs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from catalog.domain.window import MOMENT, Window
from catalog.models import Feature, Plan
from entitlements.domain.contract_terms import Term
from entitlements.models import Account, Contract, ContractLine, ContractVersion, Override, SubscriptionItem
from entitlements.models.contract import ContractState
from entitlements.models.override import OverrideState, override_window
from entitlements.queries.contracts.versions import OPEN, in_order, is_ending, speaking, terms_of
from entitlements.queries.contracts.wording import say_line
from entitlements.snapshots import Reader


class Place(StrEnum):
    """Where a contract stands; in the order in which a person reads them."""

    WAITING = "waiting"
    IN_FORCE = "in_force"
    ENDING = "ending"
    TO_COME = "to_come"
    DRAFT = "draft"
    ENDED = "ended"
    DISCARDED = "discarded"

    @property
    def words(self) -> str:
        return "Waiting for approval" if self is Place.WAITING else self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class LineAt:
    """A line of the version that speaks, with what it has made that hasn't ended by the moment."""

    row: Any
    words: str
    items: tuple[Any, ...] = ()
    overrides: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractAt:
    """One contract at a moment. `version` speaks then, or is the first to come; None: nothing was ever signed.

    `renews_at` and `last_day_for_notice` are None where it doesn't renew by itself; `versions` are newest first.
    """

    row: Any
    place: Place
    version: Any | None
    versions: tuple[Any, ...]
    to_come: tuple[Any, ...]
    draft: Any | None
    term: Term | None
    renews_at: datetime | None
    last_day_for_notice: date | None
    lines: tuple[LineAt, ...]

    @property
    def ends_at(self) -> datetime | None:
        ends_at: datetime | None = self.row.ends_at
        return ends_at

    @property
    def zone(self) -> str:
        versions = [*self.versions, *([self.draft] if self.draft else [])]
        return str(versions[0].zone) if versions else "UTC"


def contracts_of(*, account: Account, at: datetime, known_at: datetime | None = None) -> tuple[ContractAt, ...]:
    """Every contract of the account, what runs first; in seven reads however many there are."""
    reader = Reader(known_at)
    found = _placed(reader.rows(Contract, account_id=account.pk), reader, at=at)
    order = list(Place)
    return tuple(sorted(found, key=lambda one: (order.index(one.place), -one.row.created_at.timestamp())))


def contract_at(*, contract: Contract, at: datetime, known_at: datetime | None = None) -> ContractAt | None:
    """One contract; None where nobody knew of it then."""
    reader = Reader(known_at)
    return next(iter(_placed(reader.rows(Contract, id=contract.pk), reader, at=at)), None)


def contracts_at(*, contracts: Iterable[Contract], at: datetime) -> Mapping[int, ContractAt]:
    """Those of a list, by their rows; as many reads for any number."""
    return {one.row.pk: one for one in _placed(list(contracts), Reader(), at=at)}


def _placed(contracts: list[Any], reader: Reader, *, at: datetime) -> list[ContractAt]:
    versions = _grouped(reader.rows(ContractVersion, contract_id__in=[row.pk for row in contracts]), "contract_id")
    shelf = _shelf(reader, [row.pk for rows in versions.values() for row in rows])
    return [_contract_at(row, versions.get(row.pk, []), shelf, at=at) for row in contracts]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All lines, by version, with what they made, by line; and what they name."""

    lines: Mapping[int, list[Any]]
    numbers: Mapping[int, tuple[int, int]]  # of each line: its contract's version, its number
    items: Mapping[int, list[Any]]
    overrides: Mapping[int, list[Any]]
    plans: Mapping[int, Plan]
    features: Mapping[int, Feature]


def _shelf(reader: Reader, version_ids: list[int]) -> _Shelf:
    lines = reader.rows(ContractLine, version_id__in=version_ids)
    ids = [line.pk for line in lines]
    return _Shelf(
        _grouped(lines, "version_id"),
        {line.pk: (line.version_id, line.number) for line in lines},
        _grouped(reader.rows(SubscriptionItem, contract_line_id__in=ids), "contract_line_id"),
        _grouped(reader.rows(Override, contract_line_id__in=ids), "contract_line_id"),
        {row.pk: row for row in Plan.objects.filter(pk__in={line.plan_id for line in lines})},
        {row.pk: row for row in Feature.objects.filter(pk__in={line.feature_id for line in lines})},
    )


def _grouped(rows: Iterable[Any], column: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _contract_at(row: Any, versions: list[Any], shelf: _Shelf, *, at: datetime) -> ContractAt:
    signed = in_order(version for version in versions if version.state == ContractState.SIGNED)
    speaks = speaking(signed, at=at)
    shown = speaks or next(iter(signed), None)
    draft = next((version for version in versions if version.state in OPEN), None)
    term = _term(row, shown, at=at)
    terms = terms_of(shown, at=at) if shown is not None else None
    renews = terms is not None and terms.renews and row.ends_at is None and term is not None
    return ContractAt(
        row=row,
        place=_place(row, draft, signed, speaks, at=at),
        version=shown,
        versions=tuple(reversed(signed)),
        to_come=tuple(version for version in signed if version.effective_at > at),
        draft=draft,
        term=term,
        renews_at=term.ends_at if renews and term else None,
        last_day_for_notice=terms.last_day_for_notice(term) if renews and terms and term else None,
        lines=tuple(_lines(shown, versions, shelf, at=at)),
    )


def _term(row: Any, version: Any | None, *, at: datetime) -> Term | None:
    """The running term; after the end, the last one."""
    if version is None:
        return None
    last = at if row.ends_at is None else min(at, row.ends_at - MOMENT)
    return terms_of(version, at=at).running(last)


def _place(row: Any, draft: Any | None, signed: list[Any], speaks: Any | None, *, at: datetime) -> Place:
    if row.ends_at is not None and row.ends_at <= at:
        return Place.ENDED
    if not signed:
        if draft is None:
            return Place.DISCARDED
        return Place.WAITING if draft.state == ContractState.REQUESTED else Place.DRAFT
    if speaks is None:
        return Place.TO_COME
    return Place.ENDING if is_ending(row) else Place.IN_FORCE


def _lines(version: Any | None, versions: list[Any], shelf: _Shelf, *, at: datetime) -> Iterable[LineAt]:
    if version is None:
        return
    own = {other.pk for other in versions}
    for line in sorted(shelf.lines.get(version.pk, []), key=lambda line: line.number):
        same = [pk for pk, (of, number) in shelf.numbers.items() if of in own and number == line.number]
        items = (item for pk in same for item in shelf.items.get(pk, []))
        overrides = (override for pk in same for override in shelf.overrides.get(pk, []))
        yield LineAt(
            line,
            say_line(line, plan=shelf.plans.get(line.plan_id), feature=shelf.features.get(line.feature_id)),
            tuple(item for item in items if _lasts(Window(item.starts_at, item.ends_at), at)),
            tuple(row for row in overrides if row.state == OverrideState.APPROVED and _lasts(override_window(row), at)),
        )


def _lasts(window: Window | None, at: datetime) -> bool:
    return window is not None and (window.end is None or window.end > at)
