"""Use started again by staff before the period's end: after a fault of ours, a test run, a promise.

What had been used is written down beside the reason and never changed. From that instant on only what happens later
counts: a report that comes late of something that happened before stays in the list of events and moves no counter.
What reservations hold goes on being held; what they are committed for happened when they were made, so that it counts
before the reset.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.values import UNLIMITED
from catalog.models import Feature
from entitlements.actions.usage.counters import Counters, lock_counters
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import Why
from entitlements.domain.usage.saying import said
from entitlements.models import Account, UsageCounter, UsageReset
from entitlements.queries.usage.resettable import NothingToReset, Resettable, resettable
from journal.actions.deeds import Deed, begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.reset_usage"
SCOPE = "usage:reset"


@transaction.atomic
def reset_usage(
    *,
    account: Account,
    feature: Feature,
    reason: str,
    by: Actor,
    at: datetime,
    subject: str = "",
    choice: str = "",
    seen: str | None = None,
) -> UsageReset:
    """Let use of a feature start again at nothing in the present period, of an account, a subject of it or a choice.

    The account's counter takes those of its choices along; subjects have limits of their own and are reset by name.
    What is shared with a parent counts on there: the parent's own counter is reset on its page.
    """
    if not by.may(SCOPE):
        by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Give a reason: whoever looks at this later will ask.", field="reason")
    found = resettable(account, feature, subject=subject, choice=choice, at=at)
    locked = lock_counters([_line(one, found) for one in found.counters], at=at)
    if _changed(found, locked) or (seen is not None and seen != found.token):
        raise Stale(f"{feature} of {account} was reset or started again since you opened this form. Look again.")
    if not any(said.used or said.events for said in locked.said.values()):
        raise NothingToReset(f"Nothing of {feature} has been used in this period, so there is nothing to reset.")
    deed = begin(by=by, at=at)
    resets = [_reset(key, locked, account, feature, reason, deed) for key in locked.ids]
    own = next(row for row in resets if (row.subject, row.choice) == (subject, choice))
    changes = {_what(row, feature): [said(Decimal(row.used), found.terms), "0"] for row in resets}
    record(deed, "usage:reset", subject=own, account_key=account.key, reason=reason, changes=changes)
    return own


def _changed(found: Resettable, locked: Counters) -> bool:
    """Whether somebody else was faster between reading and locking."""
    return any(locked.said[_line(row, found).key].since != row.since for row in found.counters)


def _line(row: UsageCounter, found: Resettable) -> Line:
    key = CounterKey(row.account_id, row.feature_id, row.starts_at, row.subject, row.choice)
    return Line(key=key, terms=found.terms, limit=UNLIMITED, most=None, why=Why.LIMIT_REACHED, end=found.period.end)


def _reset(
    key: CounterKey, locked: Counters, account: Account, feature: Feature, reason: str, deed: Deed
) -> UsageReset:
    """Of the locked counter: nothing is used from now on, what is held stays held."""
    UsageCounter.objects.filter(pk=locked.ids[key]).update(
        used=0, total=0, events=0, latest_at=None, since=deed.at, updated_at=deed.at
    )
    return UsageReset.objects.create(
        account=account,
        feature=feature,
        subject=key.subject,
        choice=key.choice,
        starts_at=key.start,
        at=deed.at,
        used=int(locked.said[key].used),
        reason=reason,
        reset_by=deed.by.name,
    )


def _what(row: UsageReset, feature: Feature) -> str:
    return ", ".join(part for part in (f"Use of {feature}", row.subject, row.choice) if part)
