"""What named one asset names its replacement too: covers from now on, and visits that are still to come."""

from datetime import datetime

from django.db.models import Q

from journal.actions.deeds import keep, record
from journal.domain.deed import Deed
from support.domain.cover_terms import ScopeKind, VisitState
from support.models import Asset, Cover, CoverScope, Visit

STILL_TO_COME = (VisitState.PLANNED, VisitState.SCHEDULED)


def reach_with(new: Asset, *, instead_of: Asset, at: datetime, deed: Deed) -> list[Cover]:
    """Covers that have not ended and name the old one name the new one beside it; the past stays as it was."""
    named = Cover.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), scope__asset=instead_of)
    covers = list(Cover.objects.select_for_update().filter(pk__in=named.values("pk")).order_by("pk"))
    for cover in covers:
        keep(CoverScope(cover=cover, kind=ScopeKind.ASSET, asset=new), deed=deed)
        changes = {"reaches": [str(instead_of), str(new)]}
        record(deed, "cover:reach_replacement", subject=cover, account_key=new.account.key, changes=changes)
    _visit(new, instead_of=instead_of, deed=deed)
    return covers


def _visit(new: Asset, *, instead_of: Asset, deed: Deed) -> None:
    for visit in Visit.objects.select_for_update(of=("self",)).filter(asset=instead_of, state__in=STILL_TO_COME):
        visit.asset = new
        keep(visit, deed=deed)
        changes = {"asset": [str(instead_of), str(new)]}
        record(deed, "visit:reassign", subject=visit, account_key=new.account.key, changes=changes)
