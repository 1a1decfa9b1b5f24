"""Choosing by hand which cover a case falls under: said why, audited, and never silently replaced."""

from datetime import datetime
from typing import Any

from django.db import transaction

from journal.actions.deeds import begin, keep_changed, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from support.actions.allowances.counting import settle_counts
from support.actions.cases.about import CoverNotApplying, refuse_unfit_cover
from support.actions.cases.bettering import better_case
from support.actions.cases.handling import CaseCancelled, account_key_of, lock_case, require, spoken
from support.actions.cases.promising import promise_anew
from support.actions.cases.telling import tell_case
from support.domain.case_events import CaseState
from support.models import Case
from support.queries.cases.choosing import Considered, considered
from support.queries.cases.promising import tier_of
from support.webhook_events import CHANGED

LONGEST_REASON = 500


@transaction.atomic
def choose_cover(
    *, case: Case, cover: str, reason: str, by: Actor, at: datetime, instead_of: str | None = None
) -> Case:
    """Somebody chose which cover a case falls under, or took the choice back (`cover` empty).

    Where the cover decides how fast somebody answers, the case is promised what that gives from now on, also where it
    is less. Taken back, the case has what it would have without: the tier it opened under, or a better one by now.
    `instead_of` is the choice that was seen; another one since is Stale.
    """
    require(by)
    cover, reason = spoken(cover), _reason(reason)
    held = lock_case(case.pk)
    found = _considered(held, cover, instead_of=instead_of, at=at)
    before, deed = held.chosen_cover, begin(by=by, at=at)
    held.chosen_cover = cover
    changes: dict[str, Any] = {"chosen_cover": [before or None, cover or None], "reason": [None, reason]}
    if found.promise is not None:
        promise = found.promise
        promise.why = f"{promise.why} {by.name}: “{reason}”".strip()
        changes |= {"tier": [held.tier, tier_of(promise)], "promised": [None, promise.why]}
        held.tier = tier_of(promise)
        keep_changed([held], fields=["chosen_cover", "tier"], deed=deed)
        promise_anew(held, promise=promise, at=at, deed=deed)
    else:
        keep_changed([held], fields=["chosen_cover"], deed=deed)
    record(deed, "case:choose_cover", subject=held, account_key=account_key_of(held), changes=changes)
    about = {"happened": "cover_chosen", "chosen_cover": cover or None}
    tell_case(CHANGED, held, once_key=f"case-cover:{deed.id}", at=at, about=about)
    settle_counts(lock_case(held.pk), at=at, deed=deed)
    if not cover:
        better_case(held, at=at)
    return lock_case(held.pk)


def _considered(held: Case, cover: str, *, instead_of: str | None, at: datetime) -> Considered:
    if held.state == CaseState.CANCELLED:
        raise CaseCancelled(f"{held.number} was cancelled; nothing is owed on it any more.")
    if instead_of is not None and instead_of != held.chosen_cover:
        raise Stale
    if cover == held.chosen_cover:
        already = "That cover is chosen already" if cover else "No cover is chosen"
        raise Refusal(f"{already}; nothing was changed.", field="cover")
    found = considered(held, cover, at=at)
    if found is None:
        raise CoverNotApplying("Nobody knows yet whose case this is. Say whose it is first.", field="cover")
    refuse_unfit_cover(found.choice, cover)
    return found


def _reason(text: str) -> str:
    said = spoken(text)
    if not said:
        raise Invalid("Say why: whoever looks at the case later will want to know.", field="reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(f"Keep it to {LONGEST_REASON} characters; this has {len(said):,}.", field="reason")
    return said
