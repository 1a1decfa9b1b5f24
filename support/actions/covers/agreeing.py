"""Covers agreed with a customer, and renewed: from then on the customer has more than before, so one person can do it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from catalog.queries.instants import say_instant
from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from support.actions.covers.refusals import CoverPast
from support.actions.covers.writing import hold, refuse_faulty, refuse_place, refuse_waiting, require, write_cover
from support.actions.work.planning import plan_visits
from support.domain.cover_draft import CoverDraft, CoverPlace
from support.models import Cover
from support.queries.covers.checking import contract_end
from support.queries.covers.reading import read_cover


@transaction.atomic
def agree_cover(*, account: Account, draft: CoverDraft, by: Actor, at: datetime, reason: str = "") -> Cover:
    """A cover was agreed with a customer, under a line of a contract or by itself.

    It may begin before it is written down, as agreements do; what cases were promised until then stays as it was.
    Refused with every fault it has (`Invalid.errors` by field).
    """
    require(by)
    account = lock_account(account.pk)
    draft = replace(draft, contract_ends_at=contract_end(draft))
    refuse_faulty(draft, account=account, at=at)
    refuse_place(draft, account=account, by=by)
    deed = begin(by=by, at=at)
    row = write_cover(draft, account=account, reason=reason.strip(), deed=deed)
    changes = {"cover": [None, read_cover(row).words]}
    record(deed, "cover:agree", subject=row, account_key=account.key, reason=reason.strip(), changes=changes)
    plan_visits(row, at=at, by=by)
    return row


@transaction.atomic
def renew_cover(
    *, cover: Cover, draft: CoverDraft, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> Cover:
    """A cover was renewed: its successor begins where it ends, so that there is neither a gap nor an overlap.

    What the draft says of its beginning is not asked: it is the instant at which the one before ends, by itself or with
    its contract. A cover that nobody has said an end of needs no renewal.
    """
    require(by)
    held = hold(cover, seen=seen)
    before = read_cover(held)
    starts_at = refuse_no_end(held, at=at)
    refuse_waiting(held)
    draft = replace(draft, starts_at=starts_at, zone=held.zone, contract_ends_at=contract_end(draft))
    refuse_faulty(draft, account=held.account, at=at, but=(held.pk,))
    refuse_place(draft, account=held.account, by=by, follows=held)
    deed = begin(by=by, at=at)
    row = write_cover(draft, account=held.account, reason=reason.strip(), deed=deed, follows=held)
    changes = {"cover": [before.words, read_cover(row).words], "begins": [None, say_instant(starts_at, zone=row.zone)]}
    record(deed, "cover:renew", subject=row, account_key=held.account.key, reason=reason.strip(), changes=changes)
    plan_visits(row, at=at, by=by)
    return row


def refuse_no_end(row: Cover, *, at: datetime) -> datetime:
    """When its renewal begins; refused where one follows already, it was called off, or nobody has said an end."""
    following = Cover.objects.filter(follows=row).first()
    if following is not None:
        since = say_instant(following.starts_at, zone=following.zone)
        raise CoverPast(
            f"“{row.name}” was renewed or amended already; it goes on as cover {following.pk} from {since}."
        )
    read = read_cover(row)
    if read.place(at) is CoverPlace.CALLED_OFF:
        raise CoverPast(f"“{row.name}” was called off before it began; agree on a new one.")
    ends = read.draft.last_instant
    if ends is None:
        raise Refusal(f"Nobody has said an end of “{row.name}”, so there is nothing to renew. Amend it instead.")
    return ends
