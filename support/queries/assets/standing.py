"""How assets stand as to their warranty, in one condition for a list, and in words for one of its rows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from support.domain.warranties import WarrantyState
from support.models import Asset, Warranty
from support.queries.assets.warranties import span_held

SOON = timedelta(days=90)
UNDER, ENDING, NOT_BEGUN, OVER, NONE = "under", "ending", "not_begun", "over", "none"
FILTERS = {
    UNDER: "Under warranty now",
    ENDING: "Ends within 90 days",
    NOT_BEGUN: "Hasn’t begun",
    OVER: "It was under one",
    NONE: "Never had one",
}


def in_warranty_state(assets: QuerySet[Asset], wanted: str, *, at: datetime) -> QuerySet[Asset]:
    """Those in service that stand so; what was retired is under no warranty, and was under one if it had any."""
    ever = Warranty.objects.filter(asset=OuterRef("pk"))
    now = ever.filter(running(at))
    if wanted == UNDER:
        return assets.filter(Exists(now))
    if wanted == ENDING:
        # Those few are read off the index of ends; what is stopped early is stopped when it is said, never ahead.
        ends_soon = Warranty.objects.filter(running(at), ends_at__lte=at + SOON)
        lasts_longer = ever.filter(lasting(at + SOON))
        return assets.filter(pk__in=ends_soon.values("asset")).exclude(Exists(lasts_longer))
    to_come = ever.filter(starts_at__gt=at).filter(Q(voided_at__isnull=True))
    if wanted == NOT_BEGUN:
        waits = Q(product__warranty_months__isnull=False, retired_at__isnull=True, replaces__isnull=True)
        return assets.exclude(Exists(now)).filter(Exists(to_come) | (waits & ~Exists(ever)))
    if wanted == OVER:
        return assets.filter(Exists(ever)).exclude(Exists(now)).exclude(Exists(to_come))
    return assets.exclude(Exists(ever))


def running(at: datetime) -> Q:
    """Warranties that hold at the instant."""
    return Q(starts_at__lte=at) & lasting(at)


def lasting(at: datetime) -> Q:
    """Warranties that end after the instant, whether or not they have begun."""
    stopped_later = Q(voided_at__isnull=True) | Q(voided_at__gt=at) & Q(voided_at__gt=F("starts_at"))
    return Q(ends_at__gt=at) & stopped_later


@dataclass(frozen=True, slots=True)
class Under:
    """How an asset stands: when the last of its warranties that hold ends, in their zone; or that one is yet to begin."""

    end: datetime | None = None
    zone: str = "UTC"
    begins_later: bool = False


def warranties_of(assets: list[Asset], *, at: datetime) -> dict[int, Under]:
    """How each stands that has a warranty, or comes with one that waits for its day; one read."""
    rows = Warranty.objects.filter(asset__in=assets).order_by("pk")
    held: dict[int, list[Warranty]] = defaultdict(list)
    for row in rows:
        held[row.asset_id].append(row)
    return {one.pk: under for one in assets if (under := _under(one, held.get(one.pk, []), at=at)) is not None}


def _under(asset: Asset, rows: list[Warranty], *, at: datetime) -> Under | None:
    spans = [(span_held(row), row.zone) for row in rows]
    now = [(span.until, zone) for span, zone in spans if span.state(at) is WarrantyState.RUNNING]
    if now:
        end, zone = max(now)
        return Under(end, zone)
    comes = not rows and asset.product.warranty_months is not None and asset.replaces_id is None
    to_come = any(span.state(at) is WarrantyState.TO_COME for span, _zone in spans)
    return Under(begins_later=True) if asset.retired_at is None and (comes or to_come) else None
