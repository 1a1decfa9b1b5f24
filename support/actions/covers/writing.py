"""How covers are held, checked and written; each deed about one ends here.

Locks are taken in one order: the account, then the cover. So two people never agree on covers that meet.
"""

from datetime import datetime
from typing import Any

from catalog.domain.window import last_day
from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import keep, keep_many, remove
from journal.domain.actor import Actor, ActorKind
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Stale
from journal.models import Approval
from support.actions.covers.refusals import CoverChangeWaits, CoverPast, refuse_faults
from support.domain.cover_draft import CoverDraft, CoverPlace
from support.domain.cover_terms import SHARES, ScopeKind
from support.models import Cover, CoverScope
from support.queries.covers.changing import less_by_place
from support.queries.covers.checking import cover_faults
from support.queries.covers.reading import cover_token, named_for, read_cover
from support.queries.covers.waiting import pending_change

PERMISSION = "support.write_cover"
APPROVE = "support.approve_cover"
SCOPE = "coverage:write"
KIND = "cover_change"


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def hold(cover: Cover, *, seen: str | None = None) -> Cover:
    """The cover as it stands once its account is ours; Stale where somebody else was faster than the form."""
    account = lock_account(cover.account_id)
    row = Cover.objects.select_for_update(of=("self",), no_key=True).select_related("contract").get(pk=cover.pk)
    row.account = account
    if seen is not None and seen != cover_token(row):
        raise Stale
    return row


def refuse_waiting(row: Cover, *, but: Approval | None = None) -> None:
    """One change at a time: whoever decides has to know what they decide on."""
    waiting = pending_change(row)
    if waiting is not None and (but is None or waiting.pk != but.pk):
        raise CoverChangeWaits(
            f"A change of “{row.name}” waits for a second person, asked by {waiting.requested_by_name}. "
            "Withdraw that request first, or wait for the decision."
        )


def refuse_past(row: Cover, *, at: datetime) -> None:
    """Refuse to change what has ended, was called off, or goes on as another version."""
    following = Cover.objects.filter(follows=row).first()
    place = read_cover(row).place(at)
    if following is not None:
        raise CoverPast(f"“{row.name}” goes on as its next version (cover {following.pk}); change that one.")
    if place is CoverPlace.CALLED_OFF:
        raise CoverPast(f"“{row.name}” was called off before it began; agree on a new one.")
    if place is CoverPlace.ENDED:
        raise CoverPast(f"“{row.name}” has ended, and what was agreed then stays as it was; renew it instead.")


def refuse_faulty(draft: CoverDraft, *, account: Account, at: datetime, but: tuple[int, ...] = ()) -> None:
    refuse_faults(cover_faults(draft, account=account, at=at, but=but))


def refuse_place(draft: CoverDraft, *, account: Account, by: Actor, follows: Cover | None = None) -> None:
    """A new cover that comes before others takes nothing from anybody: a place that does is set on one that is agreed,
    where a second person decides. `follows` is what it renews, which had its place before.
    """
    if by.kind is ActorKind.SYSTEM:
        return
    was = None if follows is None or follows.priority != draft.priority else read_cover(follows).draft
    if less := less_by_place(account, draft, key="new", named=named_for(draft), was=was):
        raise Invalid(
            f"By this place somebody has less: {less[0]} Leave it empty; the place can be set afterwards, and a second "
            "person decides.",
            field="priority",
        )


def require_reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise Invalid("Say why: whoever looks at this later will ask.", field="reason")
    return said


def write_cover(draft: CoverDraft, *, account: Account, reason: str, deed: Deed, follows: Cover | None = None) -> Cover:
    """A cover of its own, with what it is narrowed to."""
    row = Cover(account=account, follows=follows, recorded_at=deed.at, recorded_by=deed.by.name, reason=reason)
    keep(_filled(row, draft), deed=deed)
    _write_scope(row, draft, deed=deed)
    return row


def rewrite_cover(row: Cover, draft: CoverDraft, *, reason: str, deed: Deed) -> Cover:
    """What hasn't begun is written anew: it has covered nothing yet."""
    row.reason = reason or row.reason
    keep(_filled(row, draft), deed=deed)
    wanted = {(kind, pk) for kind in ScopeKind for pk in draft.scope.of(kind)}
    for one in CoverScope.objects.filter(cover=row):
        named = ScopeKind(one.kind), getattr(one, f"{one.kind}_id")
        if named in wanted:
            wanted.discard(named)
        else:
            remove(one, deed=deed)
    keep_many([_scope_row(row, kind, pk) for kind, pk in sorted(wanted)], deed=deed)
    return row


def end_row(row: Cover, ends_at: datetime, *, deed: Deed) -> None:
    row.ends_at, row.through_on = ends_at, last_day(ends_at, row.zone)
    keep(row, deed=deed)


def _filled(row: Cover, draft: CoverDraft) -> Cover:
    row.name, row.contract_id, row.line = draft.name.strip(), draft.contract, draft.line
    row.starts_at, row.ends_at, row.through_on = draft.starts_at, draft.ends_at, draft.through_on
    row.zone, row.tier, row.authorisation = draft.zone, draft.tier, draft.authorisation.strip()
    row.priority, row.children, row.counted = draft.priority, draft.children, draft.counted
    row.channels, row.visits_a_year = sorted(draft.scope.channels), draft.visits_a_year
    for aspect in SHARES:
        setattr(row, aspect.value, draft.shares.get(aspect))
    return row


def _write_scope(row: Cover, draft: CoverDraft, *, deed: Deed) -> None:
    keep_many([_scope_row(row, kind, pk) for kind in ScopeKind for pk in sorted(draft.scope.of(kind))], deed=deed)


def _scope_row(row: Cover, kind: ScopeKind, pk: int) -> CoverScope:
    named: dict[str, Any] = {f"{kind.value}_id": pk}
    return CoverScope(cover=row, kind=kind, **named)
