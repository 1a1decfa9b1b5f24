"""Looking at an override again: keeping it for some time, or asking whoever looks after the customer.

What else a reviewer may do has actions of its own: revoking (overrides.py), editing and renewing (override_changes.py).
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from entitlements.actions.locking import lock_account
from entitlements.domain.reviewing import LONGEST_KEPT
from entitlements.models import Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import token_of, words_of
from entitlements.queries.review.rows import KEEP
from journal.actions.deeds import begin, record
from journal.actions.deeds import keep as save
from journal.actions.notices import tell
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale

KIND = "override_review"
REVIEWERS = ("entitlements.revoke_override", "entitlements.grant_override")


@transaction.atomic
def keep(
    *, override: Override, review_on: date | None, reason: str, by: Actor, at: datetime, seen: str | None = None
) -> Override:
    """Looked at an override and kept it until a day, on which it is looked at again.

    One that has ended is laid to rest instead: nothing comes of it any more, so it takes no day. `seen` is the token
    of the override as the form showed it.
    """
    held = _held(override, seen=seen, by=by)
    reason = _said(reason, "Say why it may stay: whoever looks at it next will ask.", field="reason")
    before = held.review_on
    if held.ends_at is None or held.ends_at > at:
        held.review_on = _day(review_on, zone=held.account.zone, at=at)
    deed = begin(by=by, at=at)
    save(held, deed=deed)
    changes = {} if held.review_on == before else {"review_on": (before, held.review_on)}
    record(deed, KEEP, subject=held, account_key=held.account.key, reason=reason, changes=changes)
    return held


@transaction.atomic
def ask_owner(*, override: Override, note: str, by: Actor, at: datetime) -> Override:
    """Asked whoever looks after the customer whether the override is still needed; once a day."""
    held = _held(override, seen=None, by=by)
    note = _said(note, "Say what you would like to know.", field="note")
    owner = held.account.owner
    if owner is None or not owner.is_active or not owner.email:
        raise Refusal(f"Nobody looks after {held.account} who could be asked. Give the account an owner first.")
    if owner.as_actor().key == by.key:
        raise Refusal(f"You look after {held.account} yourself: decide, or leave it in the queue.")
    day = at.astimezone(ZoneInfo(owner.zone)).date()
    told = tell(
        recipient=owner.email,
        subject=f"{held.account}: is {held.feature} still needed?",
        body=_question(held, note, asked_by=by.name, name=owner.name()),
        account_key=held.account.key,
        once_key=f"review:{held.pk}:{owner.pk}:{day.isoformat()}",
        kind=KIND,
        at=at,
    )
    if told is None:
        raise Refusal(f"{owner.name()} was asked about this today already. Wait for an answer, or decide.")
    deed = begin(by=by, at=at)
    record(deed, "override:ask_owner", subject=held, account_key=held.account.key, reason=note)
    return held


def _held(override: Override, *, seen: str | None, by: Actor) -> Override:
    """The override as it stands, its account locked; refused where it is nobody's to review any more."""
    if not any(by.may(permission) for permission in REVIEWERS):
        raise NotAllowed(f"{by.name} may not review overrides. Ask someone of sales or finance.")
    lock_account(override.account_id)
    held = Override.objects.select_related("account__owner", "feature", "subscription").get(pk=override.pk)
    if held.state != OverrideState.APPROVED or held.revoked_at is not None:
        raise Stale(
            "Someone else has decided about this override since you opened it. There is nothing left to review."
        )
    if seen is not None and seen != token_of(held):
        raise Stale("Someone else has changed this override since you opened it. Look at it again.")
    return held


def _said(text: str, otherwise: str, *, field: str) -> str:
    if not text.strip():
        raise Invalid(otherwise, field=field)
    return text.strip()


def _day(day: date | None, *, zone: str, at: datetime) -> date:
    today = at.astimezone(ZoneInfo(zone)).date()
    if day is None:
        raise Invalid("Say until which day it may stay.", field="review_on")
    if day <= today:
        raise Invalid("That day has come already. Choose a later one.", field="review_on")
    if day > today + LONGEST_KEPT:
        raise Invalid(f"Nobody can tell so far ahead: choose a day within {LONGEST_KEPT.days} days.", field="review_on")
    return day


def _question(override: Override, note: str, *, asked_by: str, name: str) -> str:
    address = settings.DESK_URL + reverse("admin:desk_account_overrides", args=[override.account.key])
    return (
        f"Hello {name},\n\n"
        f"{asked_by} is looking through the overrides and asks you about one at {override.account}:\n\n"
        f"{override.feature} {words_of(override)}\n"
        f"Why it was granted: {override.reason}\n\n"
        f"{note}\n\n"
        f"Keep it, extend it or revoke it here: {address}\n"
    )
