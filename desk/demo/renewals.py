"""What ends in the next months: some of it renewed, some let go, some open with an owner, and one that is nobody's."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from entitlements.actions.accounts import edit_account
from entitlements.actions.renewals.deciding import assign, let_end, making_of, mark_renewed, renew
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.domain.renewing import RenewalState
from entitlements.models import Renewal
from entitlements.models.reminder import EndOf
from journal.domain.actor import Actor


def look_ahead(*, by: Actor, colleague: Any, at: datetime) -> None:
    """The tasks that the desk opened, and what sales did about the first of them."""
    sweep_renewals(at=at)
    contracts, credits, others = _open(EndOf.CONTRACT, at), _open(EndOf.CREDITS, at), _open("", at)
    for row in contracts:
        offer = _offer(row, at)
        renew(renewal=row, starts_on=offer.starts_on, through_on=None, reason="They want to go on", by=by, at=at)
        break
    for row in credits:
        offer = _offer(row, at)
        told = {"starts_on": offer.starts_on, "through_on": offer.through_on}
        renew(renewal=row, **told, reason="They buy the same again", by=by, at=at)
        break
    for row in others:
        let_end(renewal=row, reason="They told us that they stop after this term", by=by, at=at)
        break
    for row in others:
        what = "order 2026-118 of their holding"
        mark_renewed(renewal=row, what=what, starts_at=row.ends_at, reason="Their holding buys it", by=by, at=at)
        break
    for row in others:
        assign(renewal=row, owner=colleague, by=by, at=at)
        break
    for row in list(others)[-1:]:
        if row.account.owner is not None:
            edit_account(account=row.account, owner=None, reason="Their manager has moved on", by=by, at=at)
        assign(renewal=row, owner=None, by=by, at=at)


def _open(kind: str, at: datetime) -> Iterator[Renewal]:
    """Read as they are asked for, so that none is taken twice."""
    rows = Renewal.objects.filter(state=RenewalState.OPEN, ends_at__gt=at, successor_key="")
    rows = rows.filter(kind=kind) if kind else rows.exclude(kind__in=(EndOf.CONTRACT, EndOf.CREDITS))
    for pk in list(rows.order_by("ends_at", "pk").values_list("pk", flat=True)):
        yield Renewal.objects.select_related("account__owner", "owner").get(pk=pk)


def _offer(row: Renewal, at: datetime) -> Any:
    making = making_of(row)
    assert making is not None  # the desk makes such successors
    return making.offer(row.subject_key, at)
