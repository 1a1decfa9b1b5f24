"""Bundles on an account: sold as one thing, held as items. The resolver knows the items alone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.domain.promotions import check_choice
from catalog.models import Bundle, Plan
from catalog.queries.promotions import options_of, window_of
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.items import cut_short
from entitlements.actions.plan_changes import refuse_below_use
from entitlements.actions.sales import NotOnSale, check_sale, sell_item, version_to_sell
from entitlements.actions.subscriptions import PERMISSION, open_for_change
from entitlements.domain.lifecycle import Move
from entitlements.models import Account, SoldBundle, Subscription, SubscriptionItem
from entitlements.queries.life.state import require_move
from journal.actions.deeds import Deed, begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale


@transaction.atomic
def sell_bundle(
    *,
    subscription: Subscription,
    bundle: Bundle,
    add_ons: Sequence[Plan],
    by: Actor,
    at: datetime,
    interval: str = "",
    starts_at: datetime | None = None,
) -> SoldBundle:
    """Sold a bundle: the add-ons that were chosen from it, as items that belong together."""
    by.require(PERMISSION)
    account = open_for_change(subscription, at, beside=True)
    require_move(subscription, Move.CHANGE, at=at)
    offered = Bundle.objects.select_for_update().get(pk=bundle.pk)
    begins = starts_at or at
    check_bundle(subscription, offered, add_ons, starts_at=begins, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    sold = keep(SoldBundle(subscription=subscription, bundle=offered, starts_at=begins), deed=deed)
    for add_on in add_ons:
        _sell_part(sold, add_on, interval=interval, starts_at=begins, ends_at=None, deed=deed)
    event = record(
        deed,
        "bundle:sell",
        subject=sold,
        account_key=account.key,
        changes={offered.name: [None, ", ".join(add_on.name for add_on in add_ons)]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{offered.name} was sold", event=event)
    return sold


def _sell_part(
    sold: SoldBundle, add_on: Plan, *, interval: str, starts_at: datetime, ends_at: datetime | None, deed: Deed
) -> SubscriptionItem:
    return sell_item(
        sold.subscription,
        add_on,
        quantity=1,
        interval=interval,
        starts_at=starts_at,
        ends_at=ends_at,
        origin=f"Bundle {sold.bundle.name}",
        sold_bundle=sold,
        deed=deed,
    )


def check_bundle(
    subscription: Subscription, bundle: Bundle, add_ons: Sequence[Plan], *, starts_at: datetime, at: datetime
) -> None:
    """Raise the refusal that keeps this choice from being sold, or return; nothing is written."""
    if not window_of(bundle).contains(at):
        raise NotOnSale(f"{bundle} is not on sale now.", field="bundle")
    check_choice(add_ons, options=options_of(bundle), pick=bundle.pick, bundle=bundle.name)
    for add_on in add_ons:
        check_sale(subscription, add_on, quantity=1, starts_at=starts_at, at=at)


@transaction.atomic
def end_sold_bundle(*, sold: SoldBundle, reason: str, by: Actor, at: datetime) -> None:
    """Ended a bundle on an account: all its parts end together; one that had not begun is taken back."""
    by.require(PERMISSION)
    sold, account = _lock(sold, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    parts = live_parts(sold, at=at)
    refuse_below_use(sold.subscription, when=max(at, sold.starts_at), at=at, ends={part.pk: at for part in parts})
    for part in parts:
        cut_short(part, at, deed=deed)
    changes = {sold.bundle.name: [", ".join(part.plan.name for part in parts), None]}
    event = record(deed, "bundle:end_sold", subject=sold, account_key=account.key, reason=reason, changes=changes)
    if sold.starts_at < at:
        sold.ends_at = at
        keep(sold, deed=deed)
    else:
        remove(sold, deed=deed)
    journal_changes(account=account, before=before, at=at, cause=f"{sold.bundle.name} was ended", event=event)


@transaction.atomic
def swap_part(*, part: SubscriptionItem, add_on: Plan, by: Actor, at: datetime, reason: str = "") -> SubscriptionItem:
    """Swapped one part of a bundle for another of its options; the bundle goes on as it was."""
    by.require(PERMISSION)
    if part.sold_bundle is None:
        raise Refusal(f"{part.plan} is not part of a bundle.")
    sold, account = _lock(part.sold_bundle, at=at)
    out = next((held for held in live_parts(sold, at=at) if held.pk == part.pk), None)
    if out is None:
        raise Stale("This part was swapped or ended since you opened it. Look again.")
    check_swap(out, add_on, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    begins, ends, plan, interval = max(at, out.starts_at), out.ends_at, out.plan, out.interval
    becomes = _as_part(out, add_on, starts_at=begins, at=at)
    refuse_below_use(sold.subscription, when=begins, at=at, adds=[becomes], ends={out.pk: begins})
    cut_short(out, begins, deed=deed)
    new = _sell_part(sold, add_on, interval=interval, starts_at=begins, ends_at=ends, deed=deed)
    changes = {sold.bundle.name: [plan.name, add_on.name]}
    event = record(deed, "bundle:swap_part", subject=sold, account_key=account.key, reason=reason, changes=changes)
    cause = f"{plan.name} was swapped for {add_on.name} in {sold.bundle.name}"
    journal_changes(account=account, before=before, at=at, cause=cause, event=event)
    return new


def _as_part(out: SubscriptionItem, add_on: Plan, *, starts_at: datetime, at: datetime) -> SubscriptionItem:
    """The part that takes its place, in memory alone."""
    return SubscriptionItem(
        subscription=out.subscription,
        plan=add_on,
        version=version_to_sell(add_on, at),
        interval=out.interval,
        starts_at=starts_at,
        ends_at=out.ends_at,
        recorded_at=at,
    )


def check_swap(out: SubscriptionItem, add_on: Plan, *, at: datetime) -> None:
    """Raise the refusal that keeps a part from being swapped for this add-on, or return; nothing is written."""
    sold = out.sold_bundle
    assert sold is not None  # the callers have looked
    others = [part.plan for part in live_parts(sold, at=at) if part.pk != out.pk]
    if add_on == out.plan or add_on in others:
        raise Invalid(f"{add_on} is part of this bundle already.", field="add_on")
    if add_on not in options_of(sold.bundle):
        raise Invalid(f"{add_on} is not one of the options of {sold.bundle}.", field="add_on")
    check_sale(sold.subscription, add_on, quantity=1, starts_at=max(at, out.starts_at), at=at)


def live_parts(sold: SoldBundle, *, at: datetime) -> list[SubscriptionItem]:
    """What the bundle consists of now, or will when it begins."""
    parts = sold.parts.select_related("plan", "subscription__account", "sold_bundle__bundle").order_by(
        "starts_at", "pk"
    )
    return [part for part in parts if part.ends_at is None or part.ends_at > at]


def _lock(sold: SoldBundle, *, at: datetime) -> tuple[SoldBundle, Account]:
    account = open_for_change(sold.subscription, at, beside=True)
    row = SoldBundle.objects.select_related("bundle", "subscription__account").filter(pk=sold.pk).first()
    if row is None or (row.ends_at is not None and row.ends_at <= at):
        raise Stale("This bundle was ended since you opened it. Look again.")
    require_move(row.subscription, Move.CHANGE, at=at)
    return row, account
