"""Work, visits and what may be done, as the API says them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from support.api.work_schemas import (
    AuthorisedOut,
    DeviceOut,
    ShareOut,
    VisitOut,
    VisitsLeftOut,
    WarrantyOut,
    WorkOut,
)
from support.domain.cover_terms import Billing, VisitState, WorkKind
from support.domain.visits import is_late
from support.models import Asset, Visit, WorkItem
from support.queries.visits import VisitsLeft
from support.queries.work.authorised import Authorised, Share


def render_work(item: WorkItem) -> WorkOut:
    covered_by = f"cover:{item.cover_id}" if item.cover_id else f"warranty:{item.warranty_id}"
    return WorkOut(
        number=item.pk,
        account=item.account.key,
        case=item.case.number if item.case else None,
        visit=item.visit_id,
        serial=item.asset.serial if item.asset else None,
        kind=WorkKind(item.kind),
        description=item.description,
        part_number=item.part_number,
        quantity=item.quantity,
        amount_micros=item.amount_micros,
        customer_percent=item.customer_percent,
        customer_micros=item.customer_micros,
        currency=item.currency or None,
        covered_by=covered_by if item.cover_id or item.warranty_id else None,
        why=item.why,
        authorised_by=item.authorised_by,
        done_at=item.done_at,
        done_by=item.done_by,
        billing=Billing(item.billing),
        settled_at=item.settled_at,
        settle_reason=item.settle_reason,
        billed_by=item.billed_by or None,
        id=item.name,
    )


def render_visit(visit: Visit, *, at: datetime) -> VisitOut:
    today = at.astimezone(ZoneInfo(visit.cover.zone)).date()
    return VisitOut(
        number=visit.pk,
        account=visit.account.key,
        cover=visit.cover.name,
        visit=visit.number,
        serial=visit.asset.serial if visit.asset else None,
        from_on=visit.from_on,
        through_on=visit.through_on,
        state=VisitState(visit.state),
        late=is_late(VisitState(visit.state), visit.through_on, today=today),
        scheduled_for=visit.scheduled_for,
        technician=visit.technician,
        settled_at=visit.settled_at,
        note=visit.note,
    )


def render_authorised(found: Authorised) -> AuthorisedOut:
    return AuthorisedOut(
        account=found.account.key,
        account_name=found.account.name,
        at=found.at,
        device=None if found.asset is None else _device(found.asset),
        caution=found.caution,
        labour=_share(found.labour),
        parts=_share(found.parts),
        travel=_share(found.travel),
        authorisation=found.authorisation,
        visits_left=found.visits_left,
        visits=[_left(one, at=found.at) for one in found.visits],
        warranties=[
            WarrantyOut(
                name=one.warranty.name, through_on=one.through_on, in_force=one.in_force, standing=one.standing
            )
            for one in found.warranties
        ],
    )  # fmt: skip


def _share(share: Share) -> ShareOut:
    return ShareOut(
        aspect=share.aspect,
        borne_percent=share.borne,
        customer_percent=share.customer,
        covered_by=share.by or None,
        cover=share.cover,
        why=share.why,
        authorisation=share.authorisation,
    )


def _device(asset: Asset) -> DeviceOut:
    place = asset.location
    return DeviceOut(
        serial=asset.serial,
        product=asset.product.key,
        product_name=asset.product.name,
        name=asset.name,
        location=place.name if place else "",
        address=place.address if place else "",
        retired=asset.retired_at is not None,
    )


def _left(one: VisitsLeft, *, at: datetime) -> VisitsLeftOut:
    return VisitsLeftOut(
        cover=one.cover.name,
        included=one.included,
        done=one.done,
        missed=one.missed,
        left=one.left,
        next=None if one.next is None else render_visit(one.next, at=at),
    )
