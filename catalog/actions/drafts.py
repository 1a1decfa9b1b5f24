"""Drafts: the one edition of a plan that may still be written on."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction

from catalog.models import Plan, PlanPrice, PlanTerm, PlanVersion, PriceLine
from journal.actions.deeds import begin, keep, keep_many, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Refusal, Stale

Row = TypeVar("Row", PlanTerm, PriceLine, PlanPrice)
EDIT = "catalog.change_planversion"


@transaction.atomic
def open_draft(*, plan: Plan, by: Actor, at: datetime) -> PlanVersion:
    """A draft of the plan was opened, as a copy of its newest version."""
    by.require(EDIT)
    # The plan's row is the queue in which two people who open a draft at once stand.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    newest = plan.versions.order_by("-number").first()
    if newest is not None and newest.is_draft:
        raise Refusal(f"{newest} is already open as a draft. Go on with that one, or discard it first.")
    deed = begin(by=by, at=at)
    draft = begin_draft(plan=plan, newest=newest, deed=deed)
    record(
        deed, "plan:open_draft", subject=draft, changes={"copied_from": (None, str(newest) if newest else "nothing")}
    )
    return draft


def begin_draft(*, plan: Plan, newest: PlanVersion | None, deed: Deed) -> PlanVersion:
    """The rows of a new draft, without an audit row of its own."""
    draft = PlanVersion(plan=plan, number=newest.number + 1 if newest else 1)
    if newest is not None:
        draft.includes = newest.includes
        draft.trial_days, draft.after_trial = newest.trial_days, newest.after_trial
    keep(draft, deed=deed)
    if newest is not None:
        _copy(newest, draft, deed=deed)
    return draft


@transaction.atomic
def discard_draft(*, version: PlanVersion, edits: int, by: Actor, at: datetime, reason: str = "") -> None:
    """A draft was thrown away, with everything written in it."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    deed = begin(by=by, at=at)
    record(deed, "plan:discard_draft", subject=draft, reason=reason)
    # Row by row and from the leaves up: a cascade would leave no history of what was thrown away.
    for line in PriceLine.objects.filter(term__version=draft):
        remove(line, deed=deed)
    for row in (*draft.terms.all(), *draft.prices.all(), draft):
        remove(row, deed=deed)


def take_draft(*, version: PlanVersion, edits: int) -> PlanVersion:
    """The draft, held until the transaction ends, if it still is one and stands as the person saw it."""
    held = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").filter(pk=version.pk).first()
    if held is None:
        raise Stale("Someone else discarded this draft since you opened it; nothing was changed.")
    if not held.is_draft:
        raise Refusal(f"{held} is published and never changes. Open a draft to change the plan.")
    if held.edits != edits:
        raise Stale()
    return held


def _copy(source: PlanVersion, draft: PlanVersion, *, deed: Deed) -> None:
    terms = list(source.terms.prefetch_related("price_lines"))
    copies = keep_many([_copy_of(term, version=draft) for term in terms], deed=deed)
    pairs = zip(terms, copies, strict=True)
    keep_many([_copy_of(line, term=copy) for term, copy in pairs for line in term.price_lines.all()], deed=deed)
    keep_many([_copy_of(price, version=draft) for price in source.prices.all()], deed=deed)


def _copy_of(row: Row, **parent: object) -> Row:
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    return type(row)(**{name: getattr(row, name) for name in names if name.removesuffix("_id") not in parent}, **parent)
