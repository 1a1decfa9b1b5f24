"""Cases opened, and given to the account they belong to: the two moments at which something is promised for them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from entitlements.actions.locking import lock_account
from entitlements.models import Account
from journal.actions.deeds import begin, keep, keep_changed, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale
from support.actions.cases.bettering import better_case
from support.actions.cases.handling import (
    CaseKnown,
    account_key_of,
    event_name,
    lock_case,
    refuse_future,
    require,
    severity_of,
    spoken,
    team_of,
    written,
)
from support.actions.cases.reckoning import reckon
from support.actions.cases.telling import tell_case
from support.domain.case_events import Channel, EventKind, Opener
from support.models import Case, CaseEvent, CasePromise
from support.queries.cases.promising import promise_for, tier_of
from support.webhook_events import CHANGED, OPENED


@transaction.atomic
def open_case(
    *,
    subject: str,
    channel: Channel,
    severity: str,
    by: Actor,
    at: datetime,
    account: Account | None = None,
    opened_at: datetime | None = None,
    requester: str = "",
    opener: Opener = Opener.CUSTOMER,
    team: str = "",
    assignee: str = "",
    source: str = "desk",
    external_id: str = "",
    url: str = "",
    note: str = "",
    name: str = "",
) -> Case:
    """A case was opened, with what is promised for it and its clocks.

    Without an account nothing is promised until `set_account`. An account that is suspended or closed has what the
    resolver leaves it; the promise says why.
    """
    require(by)
    opened_at = opened_at or at
    refuse_future(opened_at, at=at, field="opened_at")
    source, external_id = spoken(source), spoken(external_id)
    _refuse_known(source, external_id)
    if account is not None:
        account = lock_account(account.pk)
    promise = promise_for(account, at=opened_at, known_at=at)
    deed = begin(by=by, at=at)
    case = Case(
        account=account, subject=spoken(subject), requester=spoken(requester).lower(), opener=opener,
        channel=channel, severity=severity_of(severity), team=team_of(team) if team else None,
        assignee=spoken(assignee).lower(), tier=tier_of(promise), source=source, external_id=external_id,
        url=spoken(url), opened_at=opened_at, recorded_at=at,
    )  # fmt: skip
    _keep_once(case, deed=deed)
    _write_first_events(case, note=written(note, field="note"), name=event_name(name, by=by), deed=deed)
    _promise(case, promise, deed=deed)
    reckon(case, at=at, deed=deed)
    record(deed, "case:open", subject=case, account_key=account_key_of(case), changes=_opened(case, promise))
    tell_case(OPENED, case, once_key=f"case-opened:{case.pk}", at=at)
    return case


@transaction.atomic
def set_account(*, case: Case, account: Account, by: Actor, at: datetime) -> Case:
    """A case was given to the account it belongs to: its clocks count anew, from the opening, by what that was promised.

    What was promised for the account before has no hold on it any more. The desk's own recomputing comes after that.
    """
    require(by)
    account = lock_account(account.pk)
    held = lock_case(case.pk)
    if held.account_id == account.pk:
        raise Refusal(f"{held.number} belongs to {account} already; nothing was changed.")
    deed = begin(by=by, at=at)
    before = account_key_of(held)
    # As if it had been opened for this account: what was put on file since is for recomputing.
    promise = promise_for(account, at=held.opened_at, known_at=held.recorded_at)
    held.account, held.tier = account, tier_of(promise)
    keep_changed([held], fields=["account", "tier"], deed=deed)
    # What the former account was promised later would go on speaking from there: each is answered at its own start.
    later = held.promises.filter(starts_at__gt=held.opened_at).values_list("starts_at", flat=True)
    for starts_at in (held.opened_at, *sorted(set(later))):
        _promise(held, _from(promise, starts_at), deed=deed)
    reckon(held, at=at, deed=deed)
    changes = {"account": [before or None, account.key], "promised": [None, promise.why]}
    record(deed, "case:set_account", subject=held, account_key=account.key, changes=changes)
    about: dict[str, Any] = {"happened": "account_set", "account_before": before or None}
    tell_case(CHANGED, held, once_key=f"case-account:{deed.id}", at=at, about=about)
    # The tier is that of the opening; a better one that the account has come to since isn't lost on the way.
    return lock_case(held.pk) if better_case(held, at=at) else held


def _refuse_known(source: str, external_id: str) -> None:
    known = Case.objects.filter(source=source, external_id=external_id).first() if external_id else None
    if known is not None:
        raise CaseKnown(f"{external_id} of {source} is {known.number} already.", field="external_id")


def _keep_once(case: Case, *, deed: Deed) -> None:
    """Whoever comes second with a ticket, at the same moment, is told of the first as well."""
    try:
        keep(case, deed=deed)
    except (Invalid, Stale):
        _refuse_known(case.source, case.external_id)
        raise


def _write_first_events(case: Case, *, note: str, name: str, deed: Deed) -> None:
    opened = {"case": case, "at": case.opened_at, "recorded_at": deed.at, "actor_name": case.requester or deed.by.name}
    keep(CaseEvent(kind=EventKind.OPENED, to=case.severity.key, note=note, name=name, **opened), deed=deed)
    if case.team is not None or case.assignee:
        to = f"{case.team.key if case.team else ''}/{case.assignee}"
        keep(CaseEvent(kind=EventKind.ASSIGNED, to=to, **{**opened, "actor_name": deed.by.name}), deed=deed)


def _promise(case: Case, promise: CasePromise, *, deed: Deed) -> None:
    promise.case, promise.recorded_at = case, deed.at
    keep(promise, deed=deed)


def _from(promise: CasePromise, starts_at: datetime) -> CasePromise:
    columns = ("policy_version", "calendars", "holidays_known_at", "zone", "country", "lifts", "why")
    return CasePromise(starts_at=starts_at, **{name: getattr(promise, name) for name in columns})


def _opened(case: Case, promise: CasePromise) -> dict[str, Any]:
    return {
        "account": [None, account_key_of(case)],
        "severity": [None, case.severity.key],
        "tier": [None, case.tier],
        "promised": [None, promise.why],
    }
