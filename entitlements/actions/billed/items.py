"""Items as they are billed elsewhere: given, changed and taken, now and by a schedule.

What is paid for is given even where it would not be sold here; a finding says so. What staff planned for an item gives
way to what the billing says of it.
"""

from datetime import datetime

from django.db.models import Q

from entitlements.actions.billed.work import Noted, Work, plan_of, say_sold
from entitlements.actions.decided import call_off, note_change, pending_on
from entitlements.actions.items import cut_short, in_quantity
from entitlements.actions.sales import record_item, version_paid_for
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.steps import Become, CallOff, Give, Sold, Take
from entitlements.domain.timing import ChangeSort, Timing
from entitlements.models import SubscriptionChange, SubscriptionItem
from entitlements.queries.life.held_plans import say_item
from journal.actions.deeds import keep
from journal.domain.refusal import Stale

SORTS = (ChangeSort.PLAN, ChangeSort.QUANTITY, ChangeSort.ADD_ON, ChangeSort.END_ITEM)


def begin_item(work: Work, billing_id: str, sold: Sold, quantity: int, *, starts_at: datetime) -> SubscriptionItem:
    """An item that was paid for, in the version that is on sale, or was on sale last."""
    return record_item(_unkept(work, billing_id, sold, quantity, starts_at=starts_at), deed=work.deed)


def give(step: Give, work: Work) -> None:
    """Added what is billed from now on, or will be from an instant to come."""
    when = step.at or work.deed.at
    item = begin_item(work, step.id, step.sold, step.quantity, starts_at=when)
    sort = ChangeSort.ADD_ON if step.sold.is_add_on else ChangeSort.PLAN
    _note(work, sort, step.id, when, words=say_sold(item.plan, step.quantity), item=item)
    work.tell("subscription:add", {"item": [None, say_sold(item.plan, step.quantity)], **_since(work, when)})


def become(step: Become, work: Work) -> None:
    """Changed an item to what is billed under its name, at once or as of an instant to come."""
    when = step.at or work.deed.at
    old = _in_force(work, step.key, step.id, when)
    _give_way(work, old)
    was = say_item(old)
    if _same(old, step):
        _goes_on(work, old, step)
        return
    plan, former = old.plan_id, old.ends_at  # one that begins only now changes in place
    new = _followed(work, old, step, when)
    sort = ChangeSort.QUANTITY if new.plan_id == plan else ChangeSort.PLAN
    ended = [] if new == old else [(old.pk, former)]
    _note(work, sort, step.id, when, words=f"{was} → {say_item(new)}", item=new, ended=ended)
    what = {"plan": [was, say_item(new)]} if sort is ChangeSort.PLAN else {new.plan.name: [was, say_item(new)]}
    verb = "subscription:change_plan" if sort is ChangeSort.PLAN else "subscription:change_quantity"
    work.tell(verb, what | {"as_of": [None, when.isoformat()]})


def take(step: Take, work: Work) -> None:
    """Ended what is no longer billed, at once or as of an instant to come."""
    when = step.at or work.deed.at
    item = _in_force(work, step.key, step.id, when)
    _give_way(work, item)
    former, begun, words = item.ends_at, item.starts_at < when, say_item(item)
    cut_short(item, when, deed=work.deed)
    ended = [(item.pk, former)] if begun else []
    _note(work, ChangeSort.END_ITEM, step.id or item.billing_id, when, words=f"{words} ends", ended=ended)
    work.tell("subscription:end_item", {"item": [words, None], "ends_at": [None, when.isoformat()]})


def call_off_change(step: CallOff, work: Work) -> None:
    """Called off what the billing's schedule no longer brings."""
    change = SubscriptionChange.objects.select_related("subscription__account", "item__plan").get(pk=step.key)
    call_off(change, deed=work.deed)
    work.tell("subscription:call_off_change", {change.words: [change.effective_at.isoformat(), None]})


def name_item(key: int, billing_id: str, work: Work) -> None:
    """Let an item that was sold here bear the name it is billed under."""
    item = SubscriptionItem.objects.get(pk=key)
    item.billing_id = billing_id
    keep(item, deed=work.deed)
    work.tell("subscription:name_item", {"billed_as": [None, billing_id]})


# Which row it is --------------------------------------------------------------------------------------------------
def _in_force(work: Work, key: int, billing_id: str, when: datetime) -> SubscriptionItem:
    """The item of that name that lasts until the instant: by an earlier step it may be another row than was held."""
    rows = SubscriptionItem.objects.filter(subscription=work.held).select_related("plan", "version", "subscription")
    named = rows.filter(billing_id=billing_id) if billing_id else rows.none()
    at = work.deed.at
    lasts = named.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), Q(starts_at__lt=when) | Q(starts_at__lte=at))
    latest = lasts.order_by("-starts_at", "-pk").first() if when > at or not key else None
    found = latest or rows.filter(pk=key).first()
    if found is None:
        raise Stale(f"The item {billing_id or key} was taken back meanwhile.")
    return found


def _same(old: SubscriptionItem, step: Become) -> bool:
    held = (old.plan.key, old.interval, old.quantity)
    return step.at is None and held == (step.sold.plan, step.sold.interval, step.quantity)


def _goes_on(work: Work, item: SubscriptionItem, step: Become) -> None:
    """Nothing but its name there, or an end that nobody there knows of, changes."""
    was, item.ends_at, item.billing_id = item.ends_at, None, step.id
    keep(item, deed=work.deed)
    work.tell("subscription:keep_item", {"ends_at": [was and was.isoformat(), None], "billed_as": [None, step.id]})


# What begins and ends ---------------------------------------------------------------------------------------------
def _followed(work: Work, old: SubscriptionItem, step: Become, when: datetime) -> SubscriptionItem:
    """What follows the item at the instant; one that begins only now changes in place."""
    same_purchase = (old.plan.key, old.interval) == (step.sold.plan, step.sold.interval)
    if same_purchase:
        new = in_quantity(old, step.quantity, starts_at=when)
    else:
        new = _unkept(work, step.id, step.sold, step.quantity, starts_at=when)
    new.billing_id, new.ends_at = step.id, None  # as long as it is billed
    if old.starts_at >= when:
        return _in_place(work, old, new)
    old.ends_at = when
    keep(old, deed=work.deed)
    return keep(new, deed=work.deed) if same_purchase else record_item(new, deed=work.deed)


def _in_place(work: Work, old: SubscriptionItem, new: SubscriptionItem) -> SubscriptionItem:
    for name in ("plan", "version", "quantity", "interval", "billing_id", "ends_at"):
        setattr(old, name, getattr(new, name))
    return record_item(old, deed=work.deed)


def _unkept(work: Work, billing_id: str, sold: Sold, quantity: int, *, starts_at: datetime) -> SubscriptionItem:
    plan, at = plan_of(sold), work.deed.at
    version, unsold = version_paid_for(work.held, plan, starts_at=starts_at, at=at)
    if unsold:
        evidence = {"theirs": say_sold(plan, quantity), "ours": unsold}
        words = f"{say_sold(plan, quantity)} is paid for and given, but: {unsold}"
        work.noted.append(Noted(FindingKind.NOT_SOLD, plan.key, words, evidence))
    return SubscriptionItem(
        subscription=work.held,
        plan=plan,
        version=version,
        quantity=quantity,
        interval=sold.interval,
        starts_at=starts_at,
        recorded_at=at,
        billing_id=billing_id,
    )


# What was planned -------------------------------------------------------------------------------------------------
def _give_way(work: Work, item: SubscriptionItem) -> None:
    """Call off what staff planned for the item: whoever bills it decides what becomes of it."""
    own = [row for row in pending_on(item, sorts=SORTS, at=work.deed.at) if not row.billing_id]
    for row in reversed(own):
        call_off(row, deed=work.deed)
        work.tell("subscription:call_off_change", {row.words: [row.effective_at.isoformat(), None]})
    if own:
        item.refresh_from_db()


def _note(work: Work, sort: ChangeSort, billing_id: str, when: datetime, **what: object) -> None:
    timing = Timing.ON_DATE if when > work.deed.at else Timing.NOW
    told = {"timing": timing, "effective_at": when, "billing_id": billing_id, "deed": work.deed, "brought": True}
    note_change(work.held, sort, **told, **what)  # type: ignore[arg-type]


def _since(work: Work, when: datetime) -> dict[str, list[str | None]]:
    return {"starts_at": [None, when.isoformat()]} if when > work.deed.at else {}
