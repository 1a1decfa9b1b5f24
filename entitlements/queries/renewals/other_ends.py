"""The ends of subscriptions that were agreed for a time, of the maintenance of licences, and of granted credits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from catalog.domain.values import UNLIMITED, Amount, PlanKind
from catalog.domain.window import MOMENT, end_through
from catalog.queries.instants import say_instant
from entitlements.domain.credits.ledger import Kind
from entitlements.domain.credits.telling import say_credits
from entitlements.domain.renewing import RenewalState, Settled, Stands
from entitlements.domain.timing import ChangeSort
from entitlements.ending_sources import End, Wanted
from entitlements.models import (
    CreditBalance,
    CreditEntry,
    CreditGrant,
    Licence,
    Subscription,
    SubscriptionChange,
    SubscriptionItem,
)
from entitlements.models.reminder import EndOf
from entitlements.queries.contracts.wording import say_day
from entitlements.snapshots.credits import snapshot_checkpoint
from journal.models import AuditEvent

ZONES_APART = timedelta(days=2)  # a day through which something lasts ends nowhere later than that after it begins
TOLD = ("pk", "actor_name", "reason")
PLANS = Prefetch(
    "items",
    SubscriptionItem.objects.filter(plan__kind=PlanKind.PLAN, lent=False).select_related("plan"),
    to_attr="base",
)
LEAVING = Prefetch(
    "changes",
    SubscriptionChange.objects.filter(sort=ChangeSort.CANCEL, cancelled_at=None).order_by("recorded_at", "pk"),
    to_attr="leaving",
)


def subscription_ends(wanted: Wanted) -> Iterator[End]:
    """Those with an end of their own; what a contract holds ends with the contract. Five reads."""
    asked = wanted.of_account() & wanted.by_id() & wanted.within()
    found = Subscription.objects.filter(asked, contract__isnull=True).select_related("account__owner")
    rows = list(found.prefetch_related(PLANS, LEAVING))
    cut_short = _cut_short(rows)
    for row in rows:
        assert row.ends_at is not None  # it was asked for by its end
        label, settled = f"subscription to {plan_of(row, row.ends_at)}", _cancelled(row) or cut_short.get(row.pk)
        yield End(EndOf.SUBSCRIPTION, str(row.pk), row.account, label, row.ends_at, row.starts_at, settled=settled)


def _cancelled(row: Subscription) -> Settled | None:
    for change in row.leaving[-1:]:  # type: ignore[attr-defined]
        said = say_instant(change.recorded_at, zone=row.account.zone)
        return Settled(RenewalState.LET_END, _because(f"It was cancelled on {said}", change.reason))
    return None


def _cut_short(rows: Collection[Subscription]) -> dict[int, Settled]:
    """Those that somebody ended, and said why: a decision. What was sold for a time, or lasts longer now, is none."""
    versions: dict[int, list[Any]] = defaultdict(list)
    for version in Subscription.history.filter(id__in=[row.pk for row in rows]).order_by("history_date", "history_id"):
        versions[version.id].append(version)
    deeds: dict[int, Any] = {}
    for row in rows:
        since = _since(versions[row.pk], row.ends_at)
        if since > 0 and versions[row.pk][since].ends_at == row.ends_at:
            was, now = versions[row.pk][since - 1], versions[row.pk][since]
            if was.ends_at is None or was.ends_at > now.ends_at:
                deeds[row.pk] = now
    ids = [version.history_change_reason for version in deeds.values() if version.history_change_reason]
    reasons = {str(pk): (who, why) for pk, who, why in AuditEvent.objects.filter(pk__in=ids).values_list(*TOLD)}
    return {pk: _ended(version, *reasons.get(version.history_change_reason, ("", ""))) for pk, version in deeds.items()}


def _since(versions: Sequence[Any], ends_at: datetime | None) -> int:
    """From which of its versions on it has the end that it has now."""
    place = len(versions) - 1
    while place > 0 and versions[place - 1].ends_at == ends_at:
        place -= 1
    return place


def _ended(version: Any, who: str, why: str) -> Settled:
    said = f"{who or 'Somebody'} ended it on {say_instant(version.history_date, zone='UTC')}"
    return Settled(RenewalState.LET_END, _because(said, why))


def _because(said: str, why: str) -> str:
    return f"{said}: {why}"[:500] if why else f"{said}."


def plan_of(subscription: Subscription, end: datetime) -> str:
    """The plan that is held when it ends, as everybody calls it."""
    base = subscription.base  # type: ignore[attr-defined]
    held = [item.plan.name for item in base if item.window.contains(end - MOMENT)]
    return " and ".join(dict.fromkeys(held)) or f"subscription {subscription.number}"


def subscription_gives(key: str, at: datetime) -> Sequence[str]:
    items = SubscriptionItem.objects.filter(subscription=int(key)).select_related("plan").order_by("starts_at", "pk")
    live = [item for item in items if item.window.contains(at) or item.starts_at > at]
    return [f"{item.quantity} × {item.plan.name}" for item in live]


def subscription_page(key: str) -> str:
    row = Subscription.objects.select_related("account").get(pk=int(key))
    return reverse("admin:desk_account_subscriptions", args=[row.account.key])


def maintenance_ends(wanted: Wanted) -> Iterator[End]:
    """The maintenance of licences that are not revoked; where the licence itself ends before, its end. One read."""
    asked = wanted.of_account() & wanted.by_id()
    rows = Licence.objects.filter(asked, revoked_at=None, maintenance_until__isnull=False)
    starts = [window.start for window in wanted.windows]
    if starts and None not in starts:
        rows = rows.filter(maintenance_until__gte=(min(at for at in starts if at) - ZONES_APART).date())
    for row in rows.select_related("account__owner", "policy"):
        assert row.maintenance_until is not None  # it was asked for by it
        until = end_through(row.maintenance_until, row.account.zone)
        first = until if row.expires_at is None else min(until, row.expires_at)
        if wanted.contains(first):
            what = "maintenance of " if first == until else ""
            yield End(EndOf.MAINTENANCE, str(row.pk), row.account, what + licence_label(row), first, row.issued_at)


def licence_label(row: Licence) -> str:
    return f"licence {row.prefix}… of {row.policy.name}" + (f" ({row.name})" if row.name else "")


def maintenance_gives(key: str, at: datetime) -> Sequence[str]:
    row = Licence.objects.select_related("policy").filter(pk=int(key)).first()
    if row is None or row.maintenance_until is None:
        return ()
    return [f"Every version of {row.policy.name} released through {say_day(row.maintenance_until)}"]


def licence_page(key: str) -> str:
    return reverse("admin:entitlements_licence_change", args=[int(key)])


def credit_ends(wanted: Wanted) -> Iterator[End]:
    """Grants that expire with something left. Two reads: what is left stands in the balance that was written last."""
    asked = wanted.of_account() & wanted.by_id() & wanted.within("expires_at")
    rows = CreditGrant.objects.filter(asked, voided_at=None).select_related("account__owner", "feature__group")
    grants = list(rows)
    left = left_of_grants(grants)
    for row in grants:
        assert row.expires_at is not None  # it was asked for by it
        if left[row.pk]:
            yield End(EndOf.CREDITS, str(row.pk), row.account, grant_label(row), row.expires_at, row.effective_at)


def left_of_grants(grants: Collection[CreditGrant]) -> Mapping[int, Amount]:
    """What was left of each when its balance was written, which every use does; what is filled again counts as full."""
    by_balance: dict[tuple[int, int], list[CreditGrant]] = defaultdict(list)
    for row in grants:
        by_balance[row.account_id, row.feature_id].append(row)
    left: dict[int, Amount] = {row.pk: Decimal(row.amount) for row in grants}
    accounts = {account for account, _ in by_balance}
    for balance in CreditBalance.objects.filter(account__in=accounts, settled_at__isnull=False):
        checkpoint = snapshot_checkpoint(balance)
        for row in by_balance.get((balance.account_id, balance.feature_id), ()) if checkpoint else ():
            assert checkpoint is not None  # just asked
            if row.effective_at <= checkpoint.at and not row.recurs:
                held = checkpoint.held.get(str(row.pk))
                left[row.pk] = held.left if held is not None else Decimal(0)
    return left | _expired(row for row in grants if not left[row.pk])


def _expired(grants: Iterable[CreditGrant]) -> dict[int, Amount]:
    """What was left of those at their very end: it is gone, but somebody may still have to decide about it."""
    rows = CreditEntry.objects.filter(grant__in=[row.pk for row in grants], kind=Kind.EXPIRE)
    return {pk: Decimal(-amount) for pk, amount in rows.values_list("grant_id", "amount") if pk and amount < 0}


def grant_label(row: CreditGrant) -> str:
    """ "40 hours of Prepaid help, sold on 3 March 2026"."""
    amount = say_credits(Decimal(row.amount), shape=row.feature.shape, typed_unit=row.typed_unit)
    return f"{amount} of {row.feature.name}, {row.get_source_display().lower()} on {say_day(row.granted_at.date())}"


def grant_gives(key: str, at: datetime) -> Sequence[str]:
    row = CreditGrant.objects.select_related("feature__group").filter(pk=int(key)).first()
    if row is None:
        return ()
    left = left_of_grants([row])[row.pk]
    said = say_credits(left, shape=row.feature.shape, typed_unit=row.typed_unit)
    return [f"{said} of {row.feature.name} left" if left is not UNLIMITED else f"{row.feature.name} without limit"]


def grant_page(key: str) -> str:
    row = CreditGrant.objects.select_related("account", "feature").get(pk=int(key))
    return reverse("admin:desk_account_usage", args=[row.account.key])


def grants_stand(keys: Collection[str], at: datetime) -> Mapping[str, Stands]:
    found = dict.fromkeys(keys, Stands.GONE)
    rows = CreditGrant.objects.filter(pk__in=[int(key) for key in keys], voided_at=None).values_list("pk", flat=True)
    return {**found, **dict.fromkeys(map(str, rows), Stands.AGREED)}
