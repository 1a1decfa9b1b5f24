"""Plans and add-ons: naming them, and what a draft of them costs and does around a trial."""

from datetime import datetime

from django.db import transaction

from catalog.actions.drafts import EDIT, take_draft
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.models import Plan, PlanPrice, PlanVersion
from catalog.models.plan import Interval
from catalog.queries.prices import say_grace, say_plan_price, say_trial
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid

LONGEST_GRACE = 365


@transaction.atomic
def create_plan(
    *,
    key: str,
    name: str,
    by: Actor,
    at: datetime,
    kind: PlanKind = PlanKind.PLAN,
    effect: AddOnEffect = AddOnEffect.ADDS,
    audience: str = "",
) -> Plan:
    """A plan or an add-on was named; what it gives is written in its drafts."""
    by.require(EDIT)
    if Plan.objects.filter(key=key).exists():
        raise Invalid(f"There is already a plan or add-on with the key {key}. Choose another key.", field="key")
    deed = begin(by=by, at=at)
    plan = Plan(key=key, name=name, kind=kind, effect=effect, audience=audience, position=Plan.objects.count())
    keep(plan, deed=deed)
    record(deed, "plan:create", subject=plan, changes={"name": (None, name), "kind": (None, kind.value)})
    return plan


@transaction.atomic
def set_trial(
    *,
    version: PlanVersion,
    trial_days: int | None,
    after_trial: Plan | None,
    edits: int,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> PlanVersion:
    """How long a trial of the draft lasts, and which plan follows when nobody converts it, was set."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    if after_trial is not None and after_trial.kind != PlanKind.PLAN:
        raise Invalid(f"{after_trial} is an add-on; after a trial comes a plan, or nothing.", field="after_trial")
    if after_trial is not None and trial_days is None:
        raise Invalid("Say how many days the trial lasts, or leave out the plan that follows it.", field="trial_days")
    before = say_trial(draft)
    draft.trial_days, draft.after_trial, draft.edits = trial_days, after_trial, draft.edits + 1
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    record(deed, "plan_version:set_trial", subject=draft, reason=reason, changes={"trial": (before, say_trial(draft))})
    return draft


@transaction.atomic
def set_grace(
    *,
    version: PlanVersion,
    grace_days: int | None,
    wind_down_days: int | None,
    edits: int,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> PlanVersion:
    """How long the draft serves after a failed payment, and how long after a customer leaves, was set."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    for field, days in (("grace_days", grace_days), ("wind_down_days", wind_down_days)):
        if days is not None and days > LONGEST_GRACE:
            raise Invalid(f"At most {LONGEST_GRACE} days: longer it is no grace but a gift.", field=field)
    before = say_grace(draft)
    draft.grace_days, draft.wind_down_days, draft.edits = grace_days, wind_down_days, draft.edits + 1
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    record(deed, "plan_version:set_grace", subject=draft, reason=reason, changes={"grace": (before, say_grace(draft))})
    return draft


@transaction.atomic
def set_price(
    *,
    version: PlanVersion,
    edits: int,
    by: Actor,
    at: datetime,
    amount_micros: int | None,
    interval: Interval = Interval.MONTH,
    currency: str = "USD",
    reason: str = "",
) -> PlanPrice:
    """What the draft costs was set; no amount means that sales agree it."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    deed = begin(by=by, at=at)
    before, price = write_price(
        draft=draft, interval=interval, currency=currency, amount_micros=amount_micros, deed=deed
    )
    draft.edits += 1
    keep(draft, deed=deed)
    record(
        deed, "plan_version:set_price", subject=draft, reason=reason, changes={"price": (before, say_plan_price(price))}
    )
    return price


@transaction.atomic
def drop_price(*, price: PlanPrice, edits: int, by: Actor, at: datetime, reason: str = "") -> PlanVersion:
    """A price of the draft was taken away."""
    by.require(EDIT)
    draft = take_draft(version=price.version, edits=edits)
    deed = begin(by=by, at=at)
    before = say_plan_price(price)
    remove(price, deed=deed)
    draft.edits += 1
    keep(draft, deed=deed)
    record(deed, "plan_version:set_price", subject=draft, reason=reason, changes={"price": (before, None)})
    return draft


def write_price(
    *, draft: PlanVersion, interval: Interval, currency: str, amount_micros: int | None, deed: Deed
) -> tuple[str | None, PlanPrice]:
    """The price of a draft that is already taken, without an audit row of its own; also what stood there before."""
    price = PlanPrice.objects.filter(version=draft, interval=interval, currency=currency).first()
    before = None if price is None else say_plan_price(price)
    price = price or PlanPrice(version=draft, interval=interval, currency=currency)
    price.amount_micros, price.contact = amount_micros, amount_micros is None
    return before, keep(price, deed=deed)
