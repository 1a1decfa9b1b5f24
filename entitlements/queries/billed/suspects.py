"""Which of the subscriptions that are billed may differ from what we hold, a page at a time. Nothing is written."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from entitlements.domain.billed.findings import FindingKind, FindingState
from entitlements.domain.billed.steps import Sold
from entitlements.domain.billed.told import Billed
from entitlements.models import BilledSubscription, BillingFinding, Subscription
from entitlements.queries.billed.charged import closed, is_charged
from entitlements.queries.billed.compared import Compared, compare
from entitlements.queries.billed.links import sold_of
from journal.domain.connection import Mode
from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Suspect:
    """One to be looked at again by itself; `missing`: nothing was ever held of it here."""

    billing_id: str
    label: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Suspects:
    """`kept` is how many differ only in what somebody decided to keep."""

    found: tuple[Suspect, ...]
    kept: int


class _Known:
    """The findings of a page's subscriptions, the subscriptions, and how their accounts stand, each in one read."""

    def __init__(self, connection: Connection, ids: Collection[str], *, at: datetime) -> None:
        rows = BillingFinding.objects.filter(
            connection=connection, billing_id__in=ids, state__in=(FindingState.OPEN, FindingState.KEPT)
        )
        self._findings: dict[str, list[BillingFinding]] = {}
        for row in rows:
            self._findings.setdefault(row.billing_id, []).append(row)
        held = Subscription.objects.filter(billed_by=connection.vendor, billing_id__in=ids).select_related("account")
        self.held = {row.billing_id: row for row in held.prefetch_related("phases", "billing_periods")}
        self._closed = closed({row.account_id for row in self.held.values()}, at=at)

    def charged(self, billed: Billed) -> bool:
        """Whether it goes on though the account that holds it is closed."""
        held = self.held.get(billed.id)
        return held is not None and held.account_id in self._closed and is_charged(billed)

    def open(self, billing_id: str, kind: FindingKind) -> set[str]:
        """What it is about, of those open in this kind."""
        return {row.about for row in self._of(billing_id) if (row.kind, row.state) == (kind, FindingState.OPEN)}

    def noted(self, billing_id: str, kind: FindingKind) -> bool:
        """Whether it stands, to be looked at or kept as it is."""
        return any(row.kind == kind for row in self._of(billing_id))

    def kept(self, billing_id: str) -> list[frozenset[str]]:
        """Of each difference that is kept, the names of its steps."""
        rows = (row for row in self._of(billing_id) if (row.kind, row.state) == (FindingKind.DRIFT, FindingState.KEPT))
        return [frozenset(row.evidence.get("steps", ())) for row in rows]

    def _of(self, billing_id: str) -> Sequence[BillingFinding]:
        return self._findings.get(billing_id, ())


def suspects(connection: Connection, page: Sequence[Billed], *, at: datetime) -> Suspects:
    """Those that differ, and those of which something that was found is no longer so."""
    known = _Known(connection, [billed.id for billed in page], at=at)
    sold = _sold(page)
    found, kept = [], 0
    for billed in page:
        keeping = known.kept(billed.id)
        subscription = known.held.get(billed.id)
        names = frozenset().union(*keeping)
        compared = compare(subscription, billed, at=at, kept=names, sold=sold)
        if _is_suspect(compared, known, keeping):
            whose = f"{billed.id} of {subscription.account}" if subscription is not None else billed.id
            found.append(Suspect(billed.id, whose, subscription is None))
        elif compared.names and keeping:
            kept += 1
    return Suspects(tuple(found), kept)


def _is_suspect(compared: Compared, known: _Known, keeping: Sequence[frozenset[str]]) -> bool:
    id = compared.billed.id
    if compared.steps:
        return not known.open(id, FindingKind.REFUSED)
    charged = known.charged(compared.billed)
    if known.open(id, FindingKind.CHARGED) if not charged else not known.noted(id, FindingKind.CHARGED):
        return True
    if any(not names & set(compared.names) for names in keeping) or known.open(id, FindingKind.NOT_SOLD):
        return True
    found_before = known.open(id, FindingKind.DRIFT) | known.open(id, FindingKind.DOUBTFUL)
    return bool(found_before) or {one.price for one in compared.unlinked} != known.open(id, FindingKind.UNLINKED)


def _sold(page: Sequence[Billed]) -> Mapping[str, Sold] | None:
    """What the prices of all of them stand for, in one read."""
    if not page:
        return None
    items = tuple(item for billed in page for item in billed.items)
    comes = tuple(change for billed in page for change in billed.comes)
    return sold_of(replace(page[0], items=items, comes=comes))


# What we hold and nobody listed -------------------------------------------------------------------------------------
def held_there(connection: Connection, *, at: datetime, after: int, most: int) -> list[Subscription]:
    """What we hold as billed at the connection and isn't over, by its number.

    What was never told by any connection belongs to the only one of its vendor, or the only live one.
    """
    told = BilledSubscription.objects.filter(billing_id=OuterRef("billing_id"), connection__vendor=connection.vendor)
    mine = Q(Exists(told.filter(connection=connection)))
    if _takes_the_rest(connection):
        mine |= ~Q(Exists(told))
    rows = _running(connection, at=at).filter(mine, pk__gt=after)
    return list(rows.select_related("account").order_by("pk")[:most])


def _running(connection: Connection, *, at: datetime) -> QuerySet[Subscription]:
    rows = Subscription.objects.filter(billed_by=connection.vendor).exclude(billing_id="")
    return rows.filter(Q(ends_at=None) | Q(ends_at__gt=at))


def _takes_the_rest(connection: Connection) -> bool:
    others = Connection.objects.filter(vendor=connection.vendor).exclude(pk=connection.pk)
    return not (others.filter(mode=Mode.LIVE) if connection.mode == Mode.LIVE else others).exists()


def unlisted(rows: Sequence[Subscription], listed: Collection[str]) -> Iterator[Suspect]:
    for row in rows:
        if row.billing_id not in listed:
            yield Suspect(row.billing_id, f"{row.billing_id} of {row.account}", missing=False)
