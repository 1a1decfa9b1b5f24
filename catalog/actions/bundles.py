"""Bundles: any so many of these add-ons, sold as one thing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.domain.values import PlanKind
from catalog.models import Bundle, BundleOption, Plan
from catalog.queries.promotions import options_of
from catalog.queries.versions import on_sale
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal

EDIT = "catalog.change_bundle"


@transaction.atomic
def create_bundle(
    *,
    key: str,
    name: str,
    pick: int,
    add_ons: Sequence[Plan],
    by: Actor,
    at: datetime,
    note: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Bundle:
    """A bundle was put together: which add-ons it offers, and how many of them a customer chooses."""
    by.require(EDIT)
    if Bundle.objects.filter(key=key).exists():
        raise Invalid(f"There is already a bundle with the key {key}. Choose another key.", field="key")
    _refuse_options(add_ons, pick=pick, at=max(at, starts_at or at), standing=())
    _refuse_dates(starts_at, ends_at, at=at, standing=None)
    deed = begin(by=by, at=at)
    bundle = Bundle(key=key, name=name.strip(), pick=pick, note=note, starts_at=starts_at, ends_at=ends_at)
    keep(bundle, deed=deed)
    _write_options(bundle, add_ons, deed=deed)
    record(deed, "bundle:create", subject=bundle, changes={"pick": (None, pick), "options": (None, _names(add_ons))})
    return bundle


@transaction.atomic
def edit_bundle(
    *,
    bundle: Bundle,
    name: str,
    pick: int,
    add_ons: Sequence[Plan],
    by: Actor,
    at: datetime,
    note: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
) -> Bundle:
    """What a bundle offers from now on was changed. Who has bought it keeps the parts they chose."""
    by.require(EDIT)
    row = Bundle.objects.select_for_update().get(pk=bundle.pk)
    before = options_of(row)
    _refuse_options(add_ons, pick=pick, at=max(at, starts_at or at), standing=before)
    _refuse_dates(starts_at, ends_at, at=at, standing=row.ends_at)
    told = {"name": name.strip(), "pick": pick, "note": note, "starts_at": starts_at, "ends_at": ends_at}
    changes = {field: (getattr(row, field), value) for field, value in told.items() if getattr(row, field) != value}
    if before != list(add_ons):
        changes["options"] = (_names(before), _names(add_ons))
    if not changes:
        return row
    deed = begin(by=by, at=at)
    for field, value in told.items():
        setattr(row, field, value)
    row.edits += 1
    keep(row, deed=deed)
    _write_options(row, add_ons, deed=deed)
    record(deed, "bundle:edit", subject=row, reason=reason, changes=changes)
    return row


@transaction.atomic
def end_bundle(*, bundle: Bundle, reason: str, by: Actor, at: datetime) -> Bundle:
    """A bundle was taken off sale. Who has bought it keeps it."""
    by.require(EDIT)
    row = Bundle.objects.select_for_update().get(pk=bundle.pk)
    if row.ends_at is not None and row.ends_at <= at:
        raise Refusal(f"{row} is off sale already.")
    if row.starts_at is not None and row.starts_at >= at:
        raise Refusal(f"{row} isn't on sale yet. Change its dates instead.")
    if not reason.strip():
        raise Invalid("Say why: sales will ask.", field="reason")
    before, row.ends_at, row.edits = row.ends_at, at, row.edits + 1
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "bundle:end", subject=row, reason=reason, changes={"ends_at": (before, at)})
    return row


def _refuse_options(add_ons: Sequence[Plan], *, pick: int, at: datetime, standing: Sequence[Plan]) -> None:
    """What stood in the bundle before may stay in it when it is no longer sold: choosing it is refused then."""
    plain = [add_on for add_on in add_ons if add_on.kind != PlanKind.ADD_ON]
    if plain:
        raise Invalid(f"{plain[0]} is a plan; a bundle is made of add-ons.", field="add_ons")
    twice = [add_on for place, add_on in enumerate(add_ons) if add_on in add_ons[:place]]
    if twice:
        raise Invalid(f"{twice[0]} stands in it twice.", field="add_ons")
    if not 1 <= pick <= len(add_ons):
        raise Invalid(
            f"A customer can't choose {pick} of {len(add_ons)} add-ons. Offer more, or let them choose fewer.",
            field="pick",
        )
    unsold = [add_on for add_on in add_ons if add_on not in standing and on_sale(plan=add_on, at=at) is None]
    if unsold:
        raise Invalid(f"{_names(unsold)}: nothing of it is on sale by then. Publish it first.", field="add_ons")


def _refuse_dates(
    starts_at: datetime | None, ends_at: datetime | None, *, at: datetime, standing: datetime | None
) -> None:
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Invalid("The last day is before the first day.", field="ends_at")
    if ends_at is not None and ends_at <= at and ends_at != standing:
        raise Invalid("The last day is over already. To take it off sale now, end it.", field="ends_at")


def _write_options(bundle: Bundle, add_ons: Sequence[Plan], *, deed: Deed) -> None:
    """The options in their order; one that stays keeps its row."""
    standing = {option.add_on_id: option for option in bundle.options.all()}
    for option in standing.values():
        if option.add_on_id not in {add_on.pk for add_on in add_ons}:
            remove(option, deed=deed)
    for position, add_on in enumerate(add_ons):
        option = standing.get(add_on.pk) or BundleOption(bundle=bundle, add_on=add_on)
        if option.pk is None or option.position != position:
            option.position = position
            keep(option, deed=deed)


def _names(add_ons: Sequence[Plan]) -> str:
    return ", ".join(add_on.name for add_on in add_ons)
