"""The life of one asset, whoever had it: cases, visits, work and parts, moves, and what it replaced or was replaced by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from django.db.models import QuerySet

from catalog.domain.window import start_of_day
from entitlements.models import Account
from support.domain.case_events import CaseState
from support.domain.cover_terms import VisitState, WorkKind
from support.models import Asset, Case, Visit, WorkItem

MOST = 100
LONGEST_CHAIN = 50


class Kind(StrEnum):
    """What kind of thing happened to it."""

    REGISTERED = "registered"
    MOVE = "move"
    CASE = "case"
    VISIT = "visit"
    WORK = "work"
    REPLACED = "replaced"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing in the life of an asset, with whose it was then. `link` is the id of the case or visit meant."""

    at: datetime
    kind: Kind
    words: str
    account: Account
    further: str = ""
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Replacements:
    """What stood in its place before, the nearest first, and what took its place since, the nearest first."""

    before: tuple[Asset, ...]
    after: tuple[Asset, ...]


def service_history(asset: Asset) -> list[Happened]:
    """What happened to it, the newest first, at most a hundred of each kind; four reads."""
    told = chain(_cases(asset), _visits(asset), _work(asset), _moves(asset), _own(asset))
    return sorted(told, key=lambda one: (one.at, one.kind), reverse=True)


def replacements(asset: Asset) -> Replacements:
    """The chain both ways; a read for each link of it."""
    before: list[Asset] = []
    one = asset
    while one.replaces_id is not None and len(before) < LONGEST_CHAIN:
        one = _assets().get(pk=one.replaces_id)
        before.append(one)
    after: list[Asset] = []
    following = _assets().filter(replaces=asset).first()
    while following is not None and len(after) < LONGEST_CHAIN:
        after.append(following)
        following = _assets().filter(replaces=following).first()
    return Replacements(tuple(before), tuple(after))


def _assets() -> QuerySet[Asset]:
    return Asset.objects.select_related("account", "product", "location")


def _cases(asset: Asset) -> Iterator[Happened]:
    rows = Case.objects.filter(asset=asset, account__isnull=False).select_related("account").order_by("-opened_at")
    for row in rows[:MOST]:
        if row.account is not None:
            words = f"{row.number} {row.subject}"
            yield Happened(row.opened_at, Kind.CASE, words, row.account, CaseState(row.state).words, row.pk)


def _visits(asset: Asset) -> Iterator[Happened]:
    rows = Visit.objects.filter(asset=asset).exclude(state__in=(VisitState.PLANNED, VisitState.SCHEDULED))
    for row in rows.select_related("cover", "account").order_by("-from_on", "-pk")[:MOST]:
        at = row.settled_at or start_of_day(row.from_on, row.account.zone)
        state = VisitState(row.state).value
        further = " ".join(part for part in (row.technician, row.note) if part)
        yield Happened(
            at, Kind.VISIT, f"Maintenance visit {row.number} of {row.cover.name}: {state}", row.account, further
        )


def _work(asset: Asset) -> Iterator[Happened]:
    for row in WorkItem.objects.filter(asset=asset).select_related("account").order_by("-done_at", "-pk")[:MOST]:
        kind = WorkKind(row.kind)
        much = f"{row.quantity} ×" if kind is WorkKind.PARTS else f"{row.quantity} minutes of {kind.value}:"
        part = f" ({row.part_number})" if row.part_number else ""
        share = f"{row.customer_percent} % the customer’s"
        yield Happened(
            row.done_at, Kind.WORK, f"{much} {row.description}{part}", row.account, f"{row.done_by}; {share}"
        )


def _moves(asset: Asset) -> Iterator[Happened]:
    for row in asset.moves.select_related("from_account", "to_account").order_by("-at", "-pk")[:MOST]:
        words = f"Went from {row.from_account} to {row.to_account}"
        yield Happened(row.at, Kind.MOVE, words, row.to_account, row.reason)


def _own(asset: Asset) -> Iterator[Happened]:
    first = asset.moves.select_related("from_account").order_by("at", "pk").first()
    account = asset.account if first is None else first.from_account
    if asset.replaces is None:
        yield Happened(asset.recorded_at, Kind.REGISTERED, "Registered here", account)
    else:
        words = f"Took the place of {asset.replaces.serial}"
        since = asset.held_since if first is None else asset.recorded_at
        yield Happened(since, Kind.REPLACED, words, account, asset.replaces.retire_reason)
    if asset.retired_at is not None:
        yield Happened(asset.retired_at, Kind.RETIRED, "Retired", asset.account, asset.retire_reason)
