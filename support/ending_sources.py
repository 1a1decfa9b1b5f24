"""The ends of warranties and of covers, told to `entitlements.ending_sources`: tasks about them, and announcements.

A warranty ends where it stops covering: also where its asset went to somebody to whom it doesn't go along. What is left
of one that a replacement inherited ends with the heir's. A cover ends by itself or with its contract, whichever comes
first; what ends with the contract has a task of its own, but is announced with the contract.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from catalog.domain.window import DAY, end_through
from catalog.queries.instants import say_instant
from entitlements import ending_sources
from entitlements.domain.contract_terms import months_after
from entitlements.domain.renewing import RenewalState, Settled, Stands, day_after, months_between
from entitlements.ending_sources import End, Offer, Renewing, Source, Successor, Wanted
from entitlements.models.reminder import EndOf
from journal.domain.actor import Actor
from journal.domain.refusal import NotFound, Refusal
from support.domain.cover_terms import SHARES
from support.domain.cover_words import say_share
from support.models import Cover, Warranty
from support.queries.covers.reading import read_cover
from support.snapshots.cover_contracts import agreed_by
from support.snapshots.covers import shares_of, warranty_window, window_of

USUAL_MONTHS = 12


def warranty_ends(wanted: Wanted) -> Iterator[End]:
    """Of equipment in service; two reads. One that another goes on from is renewed by it."""
    asked = wanted.of_account("asset__account") & wanted.by_id() & wanted.within()
    live = Q(voided_at=None, asset__retired_at=None, passed_on_to=None)
    rows = list(Warranty.objects.filter(asked, live).select_related("asset__account__owner", "asset__product"))
    beside = _beside(rows)
    for row in rows:
        if warranty_window(row).end == row.ends_at:
            settled, account = _goes_on(row, beside[row.asset_id]), row.asset.account
            label = warranty_label(row)
            yield End(EndOf.WARRANTY, str(row.pk), account, label, row.ends_at, row.starts_at, settled=settled)


def warranty_label(row: Warranty) -> str:
    """ "Warranty of Press HP-600 (HP600-2311)"; the product is said once."""
    asset = row.asset
    return f"{row.name} ({asset.serial if asset.product.name in row.name else asset})"


def _beside(rows: Iterable[Warranty]) -> Mapping[int, list[Warranty]]:
    found: dict[int, list[Warranty]] = defaultdict(list)
    others = Warranty.objects.filter(asset__in={row.asset_id for row in rows}, voided_at=None, passed_on_to=None)
    for row in others.select_related("asset__product").order_by("starts_at", "pk"):
        found[row.asset_id].append(row)
    return found


def _goes_on(row: Warranty, beside: Iterable[Warranty]) -> Settled | None:
    """Another warranty of the asset that lasts longer and speaks of all that this one speaks of, begun by its end."""
    for other in beside:
        end = warranty_window(other).end  # it may have stopped before its own end, or have been sold away from
        longer = end is not None and end > row.ends_at >= other.starts_at
        as_much = shares_of(row).keys() <= shares_of(other).keys() and row.tier in {"", other.tier}
        if other.pk != row.pk and longer and as_much:
            starts_at = max(other.starts_at, row.starts_at)
            why = f"{other.name} goes on in its place."
            return Settled(RenewalState.RENEWED, why, starts_at, str(other.pk), warranty_label(other))
    return None


def warranty_gives(key: str, at: datetime) -> Sequence[str]:
    row = Warranty.objects.filter(pk=int(key)).first()
    if row is None:
        return ()
    shares = shares_of(row)
    said = [say_share(aspect, shares[aspect]) for aspect in SHARES if aspect in shares]
    return [f"{one[:1].upper()}{one[1:]}" for one in said] + ([f"Support tier {row.tier}"] if row.tier else [])


def warranty_page(key: str) -> str:
    row = Warranty.objects.select_related("asset").get(pk=int(key))
    return reverse("admin:support_asset_page", args=[row.asset_id])


def warranties_stand(keys: Collection[str], at: datetime) -> Mapping[str, Stands]:
    """One that stopped before its end, or was left behind when the equipment was sold, goes on in nothing’s place."""
    rows = Warranty.objects.filter(pk__in=[int(key) for key in keys]).select_related("asset")
    there = [str(row.pk) for row in rows if warranty_window(row).end == row.ends_at]
    return {**dict.fromkeys(keys, Stands.GONE), **dict.fromkeys(there, Stands.AGREED)}


def offer_warranty(key: str, at: datetime) -> Offer:
    """As long again, or a year where that is no number of months."""
    row = _warranty(key)
    first = day_after(row.ends_at, zone=row.zone)
    began = first if row.starts_at >= row.ends_at else day_after(row.starts_at, zone=row.zone)
    months = months_between(began, row.through_on) or USUAL_MONTHS
    borne = ", ".join(warranty_gives(key, at))
    says = (f"A new warranty of {row.asset} beside the one that ends, bearing the same: {borne}.",)
    return Offer(first, months_after(first, months) - DAY, says)


def extend_warranty(
    key: str, *, starts_on: date, through_on: date | None, reason: str, by: Actor, at: datetime
) -> Successor:
    """Set a further warranty of an asset, which bears what the one that ends bears."""
    from support.actions.assets.held import Borne
    from support.actions.assets.warranties import add_warranty
    from support.domain.cover_terms import WarrantyBasis

    row = _warranty(key)
    made = add_warranty(
        asset=row.asset,
        name=row.name,
        basis=WarrantyBasis(row.basis),
        first_on=starts_on,
        through_on=through_on,
        borne=Borne(labour=row.labour, parts=row.parts, travel=row.travel),
        tier=row.tier,
        priority=row.priority,
        transferable=row.transferable,
        by=by,
        at=at,
    )
    return Successor(str(made.pk), warranty_label(made), made.starts_at)


def _warranty(key: str) -> Warranty:
    row = Warranty.objects.select_related("asset__account", "asset__product").filter(pk=int(key)).first()
    if row is None:
        raise NotFound("There is no such warranty.")
    return row


def cover_ends(wanted: Wanted) -> Iterator[End]:
    """Those with an end of their own, by their contract, or by the line of it; at most four reads."""
    ahead = wanted.within() | wanted.within("contract__ends_at") | Q(contract__isnull=False, line__isnull=False)
    asked = wanted.of_account() & wanted.by_id() & ahead
    rows = list(Cover.objects.filter(asked).select_related("account__owner", "contract", "followed_by"))
    agreed = agreed_by(rows)
    for row in rows:
        by_line = agreed.get(row.pk)
        instants = (window_of(row).end, by_line.ends_at if by_line is not None else None)
        ends_at = min((at for at in instants if at is not None), default=None)
        if ends_at is None or ends_at <= row.starts_at or not wanted.contains(ends_at):
            continue
        yield End(
            EndOf.COVER,
            str(row.pk),
            row.account,
            f"cover {row.name}",
            ends_at,
            row.starts_at,
            settled=_cover_settled(row, ends_at),
            quiet=row.contract is not None and row.contract.ends_at == ends_at,
        )


def _cover_settled(row: Cover, ends_at: datetime) -> Settled | None:
    following: Cover | None = getattr(row, "followed_by", None)
    if following is not None:
        label = f"cover {following.name}"
        why = f"{label[:1].upper()}{label[1:]} goes on in its place."
        return Settled(RenewalState.RENEWED, why, following.starts_at, str(following.pk), label)
    if row.ended_early_at is not None:
        said = say_instant(row.ended_early_at, zone=row.zone)
        return Settled(RenewalState.LET_END, f"It was ended before its time, on {said}: {row.end_reason}"[:500])
    contract = row.contract
    if contract is not None and contract.ends_at == ends_at and contract.notice_at is not None:
        return Settled(RenewalState.LET_END, f"It ends with contract {contract.key}: {contract.notice_by} gave notice.")
    return None


def cover_gives(key: str, at: datetime) -> Sequence[str]:
    row = _cover(key)
    read = read_cover(row)
    return [read.words, *read.further]


def cover_page(key: str) -> str:
    return reverse("admin:support_cover", args=[int(key)])


def covers_stand(keys: Collection[str], at: datetime) -> Mapping[str, Stands]:
    """One that was called off before it began lasts for no time at all."""
    rows = Cover.objects.filter(pk__in=[int(key) for key in keys]).select_related("contract")
    there = {str(row.pk) for row in rows if (end := window_of(row).end) is None or end > row.starts_at}
    return {key: Stands.AGREED if key in there else Stands.GONE for key in keys}


def offer_cover(key: str, at: datetime) -> Offer:
    """As long again from the instant at which it ends, so that there is neither a gap nor an overlap."""
    row = _cover(key)
    ends_at = window_of(row).end
    if ends_at is None:  # its task says when: the line it hangs on is not agreed for longer
        raise Refusal("It ends with its line of the contract. Agree on another cover, and record this one as renewed.")
    first = day_after(ends_at, zone=row.zone)
    months = months_between(day_after(row.starts_at, zone=row.zone), first - DAY) or USUAL_MONTHS
    under = (
        () if row.contract is None else (f"It is agreed by itself, no longer under {row.contract.key}, which ends.",)
    )
    with_it = under if row.contract is not None and row.contract.ends_at is not None else ()
    says = (f"A cover that says the same: {read_cover(row).words}", *with_it)
    return Offer(first, months_after(first, months) - DAY, says, moves_start=False)


def renew_cover(
    key: str, *, starts_on: date, through_on: date | None, reason: str, by: Actor, at: datetime
) -> Successor:
    """Renewed a cover: its successor says the same, and begins where it ends."""
    from support.actions.covers.agreeing import renew_cover as renew

    row = _cover(key)
    draft = read_cover(row).draft
    ends_at = None if through_on is None else end_through(through_on, row.zone)
    draft = replace(draft, ends_at=ends_at)
    if row.contract is not None and row.contract.ends_at is not None:
        draft = replace(draft, contract=None, line=None, contract_ends_at=None)
    made = renew(cover=row, draft=draft, reason=reason, by=by, at=at)
    return Successor(str(made.pk), f"cover {made.name}", made.starts_at)


def _cover(key: str) -> Cover:
    row = Cover.objects.select_related("account", "contract").filter(pk=int(key)).first()
    if row is None:
        raise NotFound("There is no such cover.")
    return row


def register() -> None:
    """Called from SupportConfig.ready()."""
    extension = Renewing(
        "Extend the warranty", "Sets a further warranty from the day after, bearing the same.", "support.edit_asset",
        offer_warranty, extend_warranty,
    )  # fmt: skip
    renewal = Renewing(
        "Renew the cover", "Agrees a cover that says the same, from the moment this one ends.", "support.write_cover",
        offer_cover, renew_cover,
    )  # fmt: skip
    ending_sources.register(
        Source(EndOf.WARRANTY, warranty_ends, warranty_gives, warranty_page, extension, warranties_stand)
    )
    ending_sources.register(Source(EndOf.COVER, cover_ends, cover_gives, cover_page, renewal, covers_stand))
