"""What an account is promised on a case at an instant, before it is written down. Nothing here writes."""

from collections.abc import Mapping
from datetime import datetime

from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.queries.entitlements import facts_of
from support.models import CalendarVersion, CasePromise, SlaPolicyVersion, SlaTarget, VersionState
from support.queries.coverage import cover_of
from support.queries.lifts import lifts_for
from support.snapshots.hours import versions_at
from support.snapshots.policies import SUPPORT_TIER, policies_at, snapshot_promises

NOBODY_KNOWS_WHOSE = "Nobody knows yet whose case this is, so nothing is promised."


def promise_for(account: Account | None, *, at: datetime, known_at: datetime | None = None) -> CasePromise:
    """What holds for the account at that instant: the tier the resolver gives it, the policy and the hours in force.

    Unsaved and without its case; it starts at `at`. Public holidays count as known at `known_at`, else at `at`.
    """
    promise = CasePromise(starts_at=at, recorded_at=known_at or at, holidays_known_at=known_at or at, zone="UTC")
    if account is None:
        promise.why = NOBODY_KNOWS_WHOSE
        return promise
    promise.zone, promise.country = account.zone, account.country
    facts = facts_of(account=account)
    cover = cover_of(facts, resolve(facts, at=at).get(SUPPORT_TIER), snapshot_promises(at=at), at=at)
    promise.why = cover.why
    version = policies_at(at).get(cover.tier) if cover.tier is not None else None
    if version is not None:
        promise.policy_version = version
        promise.calendars = calendars_of(version, at=at)
        promise.lifts = lifts_for(account, version.pk, at=at)
    return promise


def calendars_of(version: SlaPolicyVersion, *, at: datetime) -> dict[str, int]:
    """By key, the id of the version of each calendar that its targets count by; in force at the instant."""
    named = SlaTarget.objects.filter(milestone__version=version, calendar__isnull=False)
    keys = set(named.values_list("calendar__key", flat=True))
    in_force: Mapping[str, CalendarVersion] = versions_at(at) if keys else {}
    return {key: in_force[key].pk if key in in_force else _first_of(key).pk for key in sorted(keys)}


def tier_of(promise: CasePromise) -> str:
    """The tier a case is served by under this promise; empty: none that promises anything."""
    return "" if promise.policy_version is None else promise.policy_version.policy.tier


def _first_of(key: str) -> CalendarVersion:
    """A case that was opened before the calendar's first hours came into force counts by those."""
    rows = CalendarVersion.objects.filter(calendar__key=key, state=VersionState.IN_FORCE)
    return rows.order_by("in_force_from", "number")[:1].get()
