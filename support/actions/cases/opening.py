"""Cases opened, and given to the account they belong to: the two moments at which something is promised for them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from entitlements.actions.locking import lock_account, lock_all, refuse_merged
from entitlements.models import Account
from entitlements.queries.usage.landing import Sources
from journal.actions.deeds import begin, keep, keep_changed, keep_many, record
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale
from support.actions.allowances.counting import settle_counts
from support.actions.cases.about import named, refuse_unfit_cover
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
from support.queries.allowances.counts import Standing
from support.queries.cases.promising import Judged, about_case, judged, tier_of
from support.queries.covering import About, Covering
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
    product: str = "",
    asset: str = "",
    cover: str = "",
    asked: Covering | None = None,
) -> Case:
    """A case was opened, with what is promised for it and its clocks.

    Without an account nothing is promised until `set_account`. An account that is suspended or closed has what the
    resolver leaves it; the promise says why. `product` is its key, `asset` a serial number (with the product's key
    before it where several have that), `cover` the key of one somebody chose; uncovered it opens as well. `asked` is
    what whoever holds the account has read of its covers in the same transaction: read anew where something else is asked.
    """
    require(by)
    opened_at = opened_at or at
    refuse_future(opened_at, at=at, field="opened_at")
    source, external_id = spoken(source), spoken(external_id)
    refuse_known(source, external_id)
    if account is not None:
        account = lock_account(account.pk)
    requester = spoken(requester).lower()
    meant = named(account, product=product, asset=asset, cover=cover, at=opened_at)
    found = _first_promise(
        account, meant.about(account, requester=requester, channel=channel), asked, opened_at=opened_at, at=at
    )
    promise, deed = found.promise, begin(by=by, at=at)
    case = Case(
        account=account, subject=spoken(subject), requester=requester, opener=opener,
        channel=channel, severity=severity_of(severity), team=team_of(team) if team else None,
        assignee=spoken(assignee).lower(), tier=tier_of(promise), source=source, external_id=external_id,
        url=spoken(url), opened_at=opened_at, recorded_at=at, product=meant.product, asset=meant.asset,
        chosen_cover=meant.cover,
    )  # fmt: skip
    _keep_once(case, deed=deed)
    _write_first_events(case, note=written(note, field="note"), name=event_name(name, by=by), deed=deed)
    _promise(case, promise, deed=deed)
    reckon(case, at=at, deed=deed)
    settle_counts(case, at=at, deed=deed, sources=_read(found, at=at), standing=Standing(promises=[promise]))
    promise = promise if tier_of(promise) == case.tier else case.promises.latest("starts_at", "pk")
    record(deed, "case:open", subject=case, account_key=account_key_of(case), changes=_opened(case, promise))
    tell_case(OPENED, case, once_key=f"case-opened:{case.pk}", at=at)
    return case


@transaction.atomic
def set_account(*, case: Case, account: Account, by: Actor, at: datetime) -> Case:
    """A case was given to the account it belongs to: its clocks count anew, from the opening, by what that was promised.

    What was promised for the account before has no hold on it any more. The desk's own recomputing comes after that.
    """
    require(by)
    account, held = _hold_both(account, case)
    deed = begin(by=by, at=at)
    before = account_key_of(held)
    # As if it had been opened for this account: what was put on file since is for recomputing.
    held.account = account
    promise = judged(account, at=held.opened_at, known_at=held.recorded_at, about=about_case(held)).promise
    held.tier = tier_of(promise)
    keep_changed([held], fields=["account", "tier"], deed=deed)
    # What the former account was promised later would go on speaking from there: each is answered at its own start.
    later = held.promises.filter(starts_at__gt=held.opened_at).values_list("starts_at", flat=True)
    for starts_at in (held.opened_at, *sorted(set(later))):
        _promise(held, _from(promise, starts_at), deed=deed)
    reckon(held, at=at, deed=deed)
    settle_counts(held, at=at, deed=deed)
    changes = {"account": [before or None, account.key], "promised": [None, promise.why]}
    record(deed, "case:set_account", subject=held, account_key=account.key, changes=changes)
    about: dict[str, Any] = {"happened": "account_set", "account_before": before or None}
    tell_case(CHANGED, held, once_key=f"case-account:{deed.id}", at=at, about=about)
    # The tier is that of the opening; a better one that the account has come to since isn't lost on the way.
    return lock_case(held.pk) if better_case(held, at=at) else held


def _hold_both(account: Account, case: Case) -> tuple[Account, Case]:
    """Both accounts in one order, then the case: what is given back to one and taken of the other waits for nobody who
    wants the same the other way round.
    """
    accounts = lock_all({account.pk} | ({case.account_id} if case.account_id is not None else set()))
    account = accounts[account.pk]
    refuse_merged(account)
    held = lock_case(case.pk)
    if held.account_id == account.pk:
        raise Refusal(f"{held.number} belongs to {account} already; nothing was changed.")
    if held.account_id not in {case.account_id, None}:
        raise Stale  # it was given to somebody else meanwhile, whose account isn't held
    return account, held


def _first_promise(
    account: Account | None, about: About, asked: Covering | None, *, opened_at: datetime, at: datetime
) -> Judged:
    """What the opening promises; a cover that was named has to apply to it."""
    found = judged(account, at=opened_at, known_at=at, about=about, asked=asked)
    if found.covering is not None:
        refuse_unfit_cover(found.covering.choice, about.chosen)
    return found


def _read(found: Judged, *, at: datetime) -> Sources:
    """What was read of the customer to judge is what its case is counted by: the account is held meanwhile."""
    covering = found.covering
    if covering is None or covering.billed is None:
        return Sources(at)
    return Sources(at, facts={covering.asked.account: covering.billed})


def refuse_known(source: str, external_id: str) -> None:
    """A ticket stands for one case."""
    known = Case.objects.filter(source=source, external_id=external_id).first() if external_id else None
    if known is not None:
        raise CaseKnown(f"{external_id} of {source} is {known.number} already.", field="external_id")


def _keep_once(case: Case, *, deed: Deed) -> None:
    """Whoever comes second with a ticket, at the same moment, is told of the first as well."""
    try:
        keep(case, deed=deed)
    except (Invalid, Stale):
        refuse_known(case.source, case.external_id)
        raise


def _write_first_events(case: Case, *, note: str, name: str, deed: Deed) -> None:
    opened = {"case": case, "at": case.opened_at, "recorded_at": deed.at, "actor_name": case.requester or deed.by.name}
    events = [CaseEvent(kind=EventKind.OPENED, to=case.severity.key, note=note, name=name, **opened)]
    if case.team is not None or case.assignee:
        to = f"{case.team.key if case.team else ''}/{case.assignee}"
        events.append(CaseEvent(kind=EventKind.ASSIGNED, to=to, **{**opened, "actor_name": deed.by.name}))
    keep_many(events, deed=deed)


def _promise(case: Case, promise: CasePromise, *, deed: Deed) -> None:
    promise.case, promise.recorded_at = case, deed.at
    keep(promise, deed=deed)


def _from(promise: CasePromise, starts_at: datetime) -> CasePromise:
    columns = (
        "policy_version", "calendars", "holidays_known_at", "zone", "country", "lifts", "why", "covered_by", "cover_name"
    )  # fmt: skip
    return CasePromise(starts_at=starts_at, **{name: getattr(promise, name) for name in columns})


def _opened(case: Case, promise: CasePromise) -> dict[str, Any]:
    return {
        "account": [None, account_key_of(case)],
        "severity": [None, case.severity.key],
        "tier": [None, case.tier],
        "promised": [None, promise.why],
        **{name: [None, said] for name, said in _about(case).items() if said},
    }


def _about(case: Case) -> dict[str, str]:
    return {
        "product": "" if case.product is None else case.product.key,
        "asset": "" if case.asset is None else str(case.asset),
        "chosen_cover": case.chosen_cover,
    }
