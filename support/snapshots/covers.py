"""Covers and warranties of an account → the facts that a cover is chosen from."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from catalog.domain.window import Window
from entitlements.snapshots import Reader
from support.domain.cover_terms import SHARES, Aspect, ScopeKind, Source
from support.domain.covers import CoverFact, Left, Scope
from support.models import AssetMove, Cover, CoverScope, Warranty
from support.snapshots.cover_contracts import Agreed, agreed_by

MOST_NAMED = 3


def snapshot_covers(
    *,
    accounts: Collection[int],
    asked: int,
    ranks: Mapping[str, int],
    left: tuple[Left, ...] = (),
    promising: Collection[str] | None = None,
) -> list[CoverFact]:
    """Every cover of the account and those of the accounts above it that reach child accounts; one that was called off
    is as if it had never been agreed.

    One read; with covers four, with contracts five, with lines of theirs six, however many there are. `ranks` are the
    tiers' places in their listed order; `left` is what is left of what counted covers count on; `promising` are the
    tiers for which something is promised (None: all).
    """
    if not Reader().rows(Cover, account_id__in=sorted(accounts)):
        return []  # as for most, of whom nothing else is worth asking
    rows = Cover.objects.filter(account__in=accounts).exclude(ends_at=F("starts_at"))
    rows = rows.select_related("contract", "followed_by")
    covers = [row for row in rows if row.account_id == asked or row.children]
    scopes, agreed = scopes_of(covers), agreed_by(covers)
    return [
        _cover(row, scopes[row.pk], agreed.get(row.pk), ranks=ranks, left=left, promising=promising) for row in covers
    ]


def snapshot_warranties(
    asset: int | None,
    *,
    ranks: Mapping[str, int],
    at: datetime | None = None,
    promising: Collection[str] | None = None,
) -> list[CoverFact]:
    """Every warranty of the asset that was ever there; none where no asset was named.

    They are the account's that had the asset at the instant; without one, that has it now. One read, and another where
    it went from one to another since.
    """
    if asset is None:
        return []
    rows = list(Warranty.objects.filter(asset=asset).select_related("asset__product"))
    holder = holder_at(rows[0].asset, at=at) if rows else 0
    return [_warranty(row, holder=holder, ranks=ranks, promising=promising) for row in rows]


def holder_at(asset: Any, *, at: datetime | None) -> int:
    """Which account had the asset at the instant; before it is known to have moved at all, the first that is known.

    Of one that was merged since, it is the account that stayed: the cases and the work went there too.
    """
    if at is None or asset.held_since <= at:
        return int(asset.account_id)
    moves = AssetMove.objects.filter(asset=asset.pk, at__gt=at).select_related("from_account")
    later = moves.order_by("at", "pk").first()
    if later is None:
        return int(asset.account_id)
    return later.from_account.merged_into_id or later.from_account_id


def window_of(row: Cover) -> Window:
    """Its own dates; it lasts no longer than its contract, which may have been ended since."""
    ends = [at for at in (row.ends_at, row.contract.ends_at if row.contract else None) if at is not None]
    return Window(row.starts_at, max(min(ends), row.starts_at) if ends else None)


def warranty_window(row: Warranty) -> Window:
    """Until it was voided, the asset was retired, or it went to a customer to whom the warranty doesn't go along."""
    return Window(row.starts_at, max(min(_warranty_ends(row))[0], row.starts_at))


def _warranty_ends(row: Warranty) -> Iterator[tuple[datetime, str]]:
    """Every instant at which it is over, with how that came about."""
    asset = row.asset
    yield row.ends_at, ""
    if row.voided_at is not None:
        yield row.voided_at, f": {row.void_reason.strip().rstrip('.')}"
    if asset.retired_at is not None:
        yield asset.retired_at, f", when {asset} was taken out of service"
    if not row.transferable and asset.held_since > max(row.starts_at, row.recorded_at):
        yield asset.held_since, ", when the equipment went to another customer"


def _cover(
    row: Cover,
    scope: Scope,
    agreed: Agreed | None,
    *,
    ranks: Mapping[str, int],
    left: tuple[Left, ...],
    promising: Collection[str] | None,
) -> CoverFact:
    end, because = min(_cover_ends(row, agreed), default=(None, ""))
    start = max(at for at in (row.starts_at, None if agreed is None else agreed.starts_at) if at is not None)
    return CoverFact(
        key=f"cover:{row.pk}",
        source=Source.COVER,
        name=row.name,
        account=row.account_id,
        window=Window(start, None if end is None else max(end, start)),
        shares=shares_of(row),
        scope=scope,
        children=row.children,
        line=row.contract_id is not None,
        priority=row.priority,
        left=left if row.counted else (),
        authorisation=row.authorisation,
        withheld="" if agreed is None else agreed.withheld,
        ends_because=because,
        follows="" if row.follows_id is None else f"cover:{row.follows_id}",
        **_tier(row, ranks=ranks, promising=promising),
    )


def _cover_ends(row: Cover, agreed: Agreed | None) -> Iterator[tuple[datetime, str]]:
    following: Cover | None = getattr(row, "followed_by", None)
    if row.ends_at is not None:
        follows = f"; {following.name} goes on from there" if following is not None else ""
        yield row.ends_at, f": {row.end_reason.strip().rstrip('.')}" if row.end_reason else follows
    if row.contract is not None and row.contract.ends_at is not None:
        yield row.contract.ends_at, f", with contract {row.contract.key}"
    if agreed is not None and agreed.ends_at is not None:
        yield agreed.ends_at, agreed.ends_because


def _warranty(row: Warranty, *, holder: int, ranks: Mapping[str, int], promising: Collection[str] | None) -> CoverFact:
    return CoverFact(
        key=f"warranty:{row.pk}",
        source=Source.WARRANTY,
        name=row.name,
        account=holder,
        window=warranty_window(row),
        shares=shares_of(row),
        scope=Scope(assets=frozenset({row.asset_id}), said={ScopeKind.ASSET: str(row.asset)}),
        priority=row.priority,
        ends_because=min(_warranty_ends(row))[1],
        **_tier(row, ranks=ranks, promising=promising),
    )


def _tier(row: Any, *, ranks: Mapping[str, int], promising: Collection[str] | None) -> dict[str, Any]:
    """A tier that is no choice any more says nothing."""
    tier = row.tier if row.tier in ranks else None
    promised = tier is None or promising is None or tier in promising
    return {"tier": tier, "rank": -1 if tier is None else ranks[tier], "promised": promised}


def shares_of(row: Any) -> dict[Aspect, int]:
    """The percents a row speaks of: a cover's, a warranty's or a product's."""
    said = {aspect: getattr(row, aspect.value) for aspect in SHARES}
    return {aspect: percent for aspect, percent in said.items() if percent is not None}


def scopes_of(covers: Iterable[Cover]) -> dict[int, Scope]:
    """What each is narrowed to; one read."""
    covers = list(covers)
    rows: dict[int, list[CoverScope]] = defaultdict(list)
    for row in CoverScope.objects.filter(cover__in=covers).select_related(
        "asset__product", "location", "contact", "product"
    ):
        rows[row.cover_id].append(row)
    return {cover.pk: _scope(cover, rows[cover.pk]) for cover in covers}


def _scope(cover: Cover, rows: list[CoverScope]) -> Scope:
    ids: dict[str, set[int]] = defaultdict(set)
    names: dict[ScopeKind, list[str]] = defaultdict(list)
    for row in rows:
        kind = ScopeKind(row.kind)
        thing: Any = getattr(row, kind.value)
        ids[kind].add(thing.pk)
        names[kind].append(thing.name if kind in {ScopeKind.LOCATION, ScopeKind.CONTACT} else str(thing))
    return Scope(
        assets=frozenset(ids[ScopeKind.ASSET]),
        locations=frozenset(ids[ScopeKind.LOCATION]),
        contacts=frozenset(ids[ScopeKind.CONTACT]),
        products=frozenset(ids[ScopeKind.PRODUCT]),
        channels=frozenset(cover.channels),
        said={kind: ", ".join(_few(some)) for kind, some in names.items()},
    )


def _few(names: list[str]) -> Iterator[str]:
    yield from sorted(names)[:MOST_NAMED]
    if len(names) > MOST_NAMED:
        yield f"{len(names) - MOST_NAMED} more"
