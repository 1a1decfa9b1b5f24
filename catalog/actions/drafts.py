"""Drafts: the one edition of a plan that may still be written on."""

from datetime import datetime
from typing import TypeVar

from django.db import transaction

from catalog.models import Plan, PlanPrice, PlanTerm, PlanVersion, PriceLine, SubLimit
from catalog.models.plan import VersionState
from catalog.queries.includes import including_older, ladder
from catalog.queries.versions import newest_published
from journal.actions.deeds import begin, keep, keep_many, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, Refusal, Stale

Row = TypeVar("Row", PlanTerm, PriceLine, SubLimit, PlanPrice)
EDIT = "catalog.change_planversion"


@transaction.atomic
def open_draft(*, plan: Plan, by: Actor, at: datetime, copy_of: PlanVersion | None = None) -> PlanVersion:
    """A draft of the plan was opened, as a copy of its newest version or of a former one."""
    by.require(EDIT)
    # The plan's row is the queue in which two people who open a draft at once stand.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    newest = plan.versions.order_by("-number").first()
    if newest is not None and newest.is_draft:
        raise Refusal(f"{newest} is already open as a draft. Go on with that one, or discard it first.")
    if copy_of is not None and copy_of.plan_id != plan.pk:
        raise Refusal(f"{copy_of} is no version of {plan}. Choose one of its own to go back to.")
    deed = begin(by=by, at=at)
    source = copy_of or newest
    draft = begin_draft(plan=plan, newest=newest, source=source, deed=deed)
    copied = str(source) if source else "nothing"
    record(deed, "plan:open_draft", subject=draft, changes={"copied_from": (None, copied)})
    return draft


def begin_draft(
    *, plan: Plan, newest: PlanVersion | None, deed: Deed, source: PlanVersion | None = None
) -> PlanVersion:
    """The rows of a new draft, without an audit row of its own; a copy of `source`, or else of the newest version."""
    source = source or newest
    draft = PlanVersion(plan=plan, number=newest.number + 1 if newest else 1, base=newest_published(plan=plan))
    if source is not None:
        draft.includes = source.includes
        draft.trial_days, draft.after_trial = source.trial_days, source.after_trial
        draft.grace_days, draft.wind_down_days = source.grace_days, source.wind_down_days
    keep(draft, deed=deed)
    if source is not None:
        _copy(source, draft, deed=deed)
    return draft


@transaction.atomic
def set_includes(
    *, version: PlanVersion, includes: PlanVersion | None, edits: int, by: Actor, at: datetime, reason: str = ""
) -> PlanVersion:
    """Which lower plan, in which version, the draft carries everything of was set."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    _refuse_to_include(draft, includes)
    if draft.includes_id == (includes.pk if includes else None):
        raise Refusal(f"Nothing would change: {draft} includes {includes or 'nothing'} already.", field="includes")
    before = str(draft.includes) if draft.includes else None
    draft.includes, draft.edits = includes, draft.edits + 1
    deed = begin(by=by, at=at)
    keep(draft, deed=deed)
    changes = {"includes": (before, str(includes) if includes else None)}
    record(deed, "plan_version:set_includes", subject=draft, reason=reason, changes=changes)
    return draft


def _refuse_to_include(draft: PlanVersion, includes: PlanVersion | None) -> None:
    if includes is None:
        return
    if includes.state != VersionState.PUBLISHED:
        told = "a draft; publish it first" if includes.is_draft else "retired; choose one that is on sale"
        raise Invalid(f"{includes} is {told}.", field="includes")
    if includes.plan.kind != draft.plan.kind:
        raise Invalid("A plan includes plans, and an add-on includes add-ons; choose another.", field="includes")
    circle = next((step for step in ladder(includes) if step.plan_id == draft.plan_id), None)
    if circle is not None:
        way = "" if circle.pk == includes.pk else f", because {includes} includes {circle}"
        raise Invalid(f"{draft.plan} can't include itself{way}.", field="includes")


@transaction.atomic
def open_drafts_above(*, lower: PlanVersion, by: Actor, at: datetime) -> list[PlanVersion]:
    """Drafts that include the new version of a lower plan were opened for the plans above it.

    A draft that is open already is taken as it stands, and what it includes is set.
    """
    by.require(EDIT)
    drafts = []
    for above in including_older(lower):
        draft = above if above.is_draft else open_draft(plan=above.plan, by=by, at=at)
        drafts.append(set_includes(version=draft, includes=lower, edits=draft.edits, by=by, at=at))
    return drafts


@transaction.atomic
def discard_draft(*, version: PlanVersion, edits: int, by: Actor, at: datetime, reason: str = "") -> None:
    """A draft was thrown away, with everything written in it."""
    by.require(EDIT)
    draft = take_draft(version=version, edits=edits)
    deed = begin(by=by, at=at)
    record(deed, "plan:discard_draft", subject=draft, reason=reason)
    # Row by row and from the leaves up: a cascade would leave no history of what was thrown away.
    for leaf in (*PriceLine.objects.filter(term__version=draft), *SubLimit.objects.filter(term__version=draft)):
        remove(leaf, deed=deed)
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
    terms = list(source.terms.prefetch_related("price_lines", "sub_limits"))
    copies = keep_many([_copy_of(term, version=draft) for term in terms], deed=deed)
    pairs = list(zip(terms, copies, strict=True))
    keep_many([_copy_of(line, term=copy) for term, copy in pairs for line in term.price_lines.all()], deed=deed)
    keep_many([_copy_of(part, term=copy) for term, copy in pairs for part in term.sub_limits.all()], deed=deed)
    keep_many([_copy_of(price, version=draft) for price in source.prices.all()], deed=deed)


def _copy_of(row: Row, **parent: object) -> Row:
    names = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    return type(row)(**{name: getattr(row, name) for name in names if name.removesuffix("_id") not in parent}, **parent)
