"""What a reader may do with one override now: by where it stands, and by role. The actions check both again."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from entitlements.models import Override
from entitlements.queries.concessions import Place
from journal.admin.base import Button
from journal.models import Approval

GRANT, REVOKE = "entitlements.grant_override", "entitlements.revoke_override"


def acts_for(row: Override, *, place: Place, user: Any, request: Approval | None = None) -> Iterator[Button]:
    """The pages that lead on from it; `request` is the one that waits for a second person."""
    if place is Place.WAITING:
        yield from _waiting(row, user=user, request=request)
        return
    live, own = place in {Place.IN_FORCE, Place.TO_COME}, not is_part(row)
    if own and live and user.has_perm(GRANT):
        yield _page("Edit", "edit", row)
    if own and (live or place is Place.ENDED) and row.ends_at is not None and user.has_perm(GRANT):
        yield _page("Renew", "renew", row)
    if live and row.contract_line_id is None and user.has_perm(REVOKE):
        yield _page("Revoke", "revoke", row, variant="danger")


def _waiting(row: Override, *, user: Any, request: Approval | None) -> Iterator[Button]:
    if request is None:
        return
    if request.requested_by_key == f"staff:{user.pk}":
        if not is_part(row) and user.has_perm(GRANT):
            yield _page("Edit", "edit", row)
        yield Button("Withdraw", reverse("admin:journal_approval_withdraw", args=[request.pk]))
    elif user.has_perm("journal.view_approval"):
        yield Button("Open the request", reverse("admin:journal_approval_change", args=[request.pk]))


def is_part(row: Override) -> bool:
    """Whether a loan or a contract made it: then it is changed there."""
    return row.loan_id is not None or row.contract_line_id is not None


def _page(words: str, name: str, row: Override, *, variant: str = "default") -> Button:
    return Button(words, reverse(f"admin:entitlements_override_{name}", args=[row.pk]), variant)
