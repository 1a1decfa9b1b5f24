"""What a plan or add-on is called, and whom it is for. The key never changes."""

from datetime import datetime

from django.db import transaction

from catalog.actions.drafts import EDIT
from catalog.models import Plan
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal


@transaction.atomic
def describe_plan(*, plan: Plan, name: str, audience: str, by: Actor, at: datetime, reason: str = "") -> Plan:
    """A plan or add-on was renamed, or it was said anew whom it is for; customers read the new words at once."""
    by.require(EDIT)
    held = Plan.objects.select_for_update().get(pk=plan.pk)
    if not name.strip():
        raise Invalid("A plan needs a name.", field="name")
    held.name, held.audience = name.strip(), audience
    changes = pending_changes(held)
    if not changes:
        raise Refusal(f"Nothing would change: {held} is described like this already.")
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "plan:describe", subject=held, reason=reason, changes=changes)
    return held
