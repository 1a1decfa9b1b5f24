"""What an act on an asset would change, in sentences for whoever is about to do it. Nothing here writes."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from catalog.queries.instants import say_until
from entitlements.models import Account
from support.domain.cover_terms import VisitState
from support.models import Asset, Cover, Visit, Warranty
from support.queries.assets.warranties import span_held, standard_product, waits_for

STILL_TO_COME = (VisitState.PLANNED, VisitState.SCHEDULED)


def effects_of_moving(asset: Asset, *, to: Account, at: datetime) -> list[str]:
    return [
        *_warranties_moved(asset, to=to, at=at),
        *(
            f"“{cover.name}” of {cover.account} names it and doesn’t reach it there."
            for cover in covers_naming(asset, at=at)
        ),
        *_visits_left(asset),
        f"Its cases and its service history up to now stay with {asset.account} and can be read here.",
    ]


def effects_of_replacing(asset: Asset, *, at: datetime) -> list[str]:
    told = [
        f"“{row.name}”: what is left of it, {say_until(row.ends_at, zone=row.zone)}, goes on with the new one."
        for row in live_warranties(asset, at=at)
    ]
    waits = waits_for(asset)
    if waits:
        told.append(f"{waits} It goes on waiting with the new one.")
    elif not told:
        told.append("Nothing is left of a warranty: the new one comes without. Add one to it if that was agreed.")
    told += [f"“{cover.name}” names it, and will name the new one too." for cover in covers_naming(asset, at=at)]
    coming = Visit.objects.filter(asset=asset, state__in=STILL_TO_COME).count()
    if coming:
        told.append(f"{_many(coming, 'maintenance visit')} still to come will be to the new one.")
    return [f"{asset.serial} is retired; the new one stands where it stood.", *told]


def effects_of_retiring(asset: Asset, *, at: datetime) -> list[str]:
    return [
        *(
            f"“{row.name}” ends now instead of lasting {say_until(row.ends_at, zone=row.zone)}."
            for row in live_warranties(asset, at=at)
        ),
        *(f"“{cover.name}” names it, and has one thing less to cover." for cover in covers_naming(asset, at=at)),
        *_visits_left(asset),
        "Nothing takes its place. If another unit did, replace it instead: that one inherits the warranty.",
    ]


def warranties_said(asset: Asset) -> dict[int, str]:
    """Each warranty by its id: its name and how long it lasts, to compare before and after a change."""
    rows = asset.warranties.order_by("starts_at", "pk")
    return {row.pk: f"“{row.name}” {say_until(row.ends_at, zone=row.zone)}" for row in rows}


def effects_on_warranties(before: dict[int, str], after: dict[int, str]) -> list[str]:
    """What a change of the dates does to the warranties, with those that stay as they are."""
    changed = [
        f"{words}; before: {before[pk].rpartition('” ')[2]}." if pk in before else f"{words} begins to count."
        for pk, words in after.items()
        if before.get(pk) != words
    ]
    stay = [
        f"{words} stays as it is: it doesn’t follow the dates."
        for pk, words in after.items()
        if before.get(pk) == words
    ]
    return [*changed, *stay] if changed else []


def live_warranties(asset: Asset, *, at: datetime) -> list[Warranty]:
    """Those of which something is left."""
    return [row for row in asset.warranties.order_by("starts_at", "pk") if span_held(row).rest(at) is not None]


def covers_naming(asset: Asset, *, at: datetime) -> list[Cover]:
    """Covers that haven't ended and are narrowed to things of which this is one."""
    going = Cover.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), scope__asset=asset)
    return list(going.select_related("account").distinct().order_by("pk"))


def _warranties_moved(asset: Asset, *, to: Account, at: datetime) -> Iterator[str]:
    live = live_warranties(asset, at=at)
    for row in live:
        until = say_until(row.ends_at, zone=row.zone)
        yield (
            f"“{row.name}” goes along, {until}."
            if row.transferable
            else f"“{row.name}” doesn’t go along to {to}: it ends with the move instead of lasting {until}."
        )
    product = standard_product(asset)
    if product is not None and (waits := waits_for(asset)):
        goes_on = (
            "It goes on waiting there." if product.warranty_transferable else "It doesn’t go along, so it never will."
        )
        yield f"{waits} {goes_on}"
    elif not live:
        yield "It has no warranty that could go along."


def _visits_left(asset: Asset) -> Iterator[str]:
    coming = Visit.objects.filter(asset=asset, state__in=STILL_TO_COME).count()
    if coming:
        yield f"{_many(coming, 'maintenance visit')} still to come would be to it: plan what becomes of that."


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
