"""A case left uncounted for a reason, and counted after all.

Whoever opened a case doesn't decide alone that it costs nothing: a colleague does.
"""

from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_account
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import AuditEvent
from support.actions.allowances.counting import Settled, settle_once
from support.actions.cases.handling import SCOPE, account_key_of, lock_case, spoken
from support.actions.cases.telling import tell_case
from support.models import Case
from support.webhook_events import CHANGED

PERMISSION = "support.exempt_case"
LONGEST_REASON = 300


class OwnCase(Refusal):
    """Whoever opened it may not leave it uncounted."""

    code = "own_case"


class NothingLeft(Refusal):
    """It can't be counted: nothing is left of what it would count on."""

    code = "nothing_left"


class TooLateToCount(Refusal):
    """It would count from longer ago than use can be told."""

    code = "count_too_late"


@transaction.atomic
def exempt_case(*, case: Case, reason: str, by: Actor, at: datetime) -> Case:
    """A case was left uncounted for a reason; what it had taken of prepaid help is given back."""
    require(by)
    reason = _reason(reason)
    held = _hold(case)
    if held.uncounted_at is not None:
        raise Stale(f"{held.uncounted_by} has left {held.number} uncounted already: {held.uncounted_reason}")
    _refuse_own(held, by)
    held.uncounted_at, held.uncounted_by, held.uncounted_reason = at, by.name, reason
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    settle_once(held, at=at, deed=deed)
    changes = {"counted": ["yes", "no"]}
    record(deed, "case:exempt", subject=held, account_key=account_key_of(held), reason=reason, changes=changes)
    tell_case(CHANGED, held, once_key=f"case-count:{deed.id}", at=at, about={"happened": "exempted"})
    return held


@transaction.atomic
def count_case(*, case: Case, reason: str, by: Actor, at: datetime) -> Case:
    """A case that had been left uncounted counts after all, from when it would have counted."""
    require(by)
    reason = _reason(reason)
    held = _hold(case)
    if held.uncounted_at is None:
        raise Stale(f"{held.number} is counted as any other; somebody was faster.")
    before = held.uncounted_reason
    held.uncounted_at, held.uncounted_by, held.uncounted_reason = None, "", ""
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    settled = settle_once(held, at=at, deed=deed)
    _refuse_uncounted(held, settled)
    changes = {"counted": [f"no: {before}", "yes"]}
    record(deed, "case:count", subject=held, account_key=account_key_of(held), reason=reason, changes=changes)
    tell_case(CHANGED, held, once_key=f"case-count:{deed.id}", at=at, about={"happened": "counted"})
    return held


def require(by: Actor) -> None:
    """Staff by their role, a program by its scope."""
    if not by.may(SCOPE):
        by.require(PERMISSION)


def _hold(case: Case) -> Case:
    """Whose it is, then the case, as where one is opened: what is used in a trial is noted under the account."""
    if case.account_id is not None:
        lock_account(case.account_id)
    held = lock_case(case.pk)
    if held.account_id != case.account_id:
        raise Stale
    return held


def _refuse_uncounted(case: Case, settled: Settled) -> None:
    """It would count on something, and can't: then it stays as it was."""
    if settled.taken:
        return
    if settled.untold:
        raise TooLateToCount(
            f"{case.number} would count from more than 90 days ago, which is too late to tell. It stays uncounted; "
            "agree with finance how the customer settles it."
        )
    if settled.refused:
        names = " and ".join(str(row) for row in settled.refused)
        raise NothingLeft(f"Nothing is left of {names}, so that {case.number} can’t be counted. It stays uncounted.")


def _reason(reason: str) -> str:
    said = spoken(reason)
    if not said:
        raise Invalid("Say why: the customer’s ledger tells it.", field="reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(f"Keep it to {LONGEST_REASON} characters; this has {len(said):,}.", field="reason")
    return said


def _refuse_own(case: Case, by: Actor) -> None:
    opened = AuditEvent.objects.filter(verb="case:open", subject_type=case._meta.model_name, subject_key=str(case.pk))
    if opened.filter(actor_key=by.key).exists():
        raise OwnCase(f"You opened {case.number} yourself, so that a colleague has to decide that it isn’t counted.")
