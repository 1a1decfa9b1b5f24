"""The list of reasons that staff choose from: added, renamed, retired and brought back; nothing is ever struck."""

from datetime import datetime

from django.db import transaction

from entitlements.models import ReasonCode
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.set_policy"


@transaction.atomic
def add_reason_code(*, key: str, name: str, by: Actor, at: datetime, note: str = "") -> ReasonCode:
    """A reason was added to the list."""
    by.require(PERMISSION)
    if ReasonCode.objects.filter(key=key).exists():
        raise Invalid(f"There is already a reason with the key {key}. Choose another key.", field="key")
    _refuse_name_twice(name)
    row = ReasonCode(key=key, name=name.strip(), note=note.strip())
    return _keep(row, "reason_code:add", by=by, at=at)


@transaction.atomic
def rename_reason_code(*, reason_code: ReasonCode, name: str, note: str, by: Actor, at: datetime) -> ReasonCode:
    """A reason was named differently, or it was said anew when to choose it; what bears it bears the new name."""
    by.require(PERMISSION)
    row = _held(reason_code)
    _refuse_name_twice(name, but=row)
    row.name, row.note = name.strip(), note.strip()
    return _keep(row, "reason_code:rename", by=by, at=at)


@transaction.atomic
def retire_reason_code(*, reason_code: ReasonCode, by: Actor, at: datetime) -> ReasonCode:
    """A reason was retired: nobody can choose it any more, and what bears it keeps it."""
    by.require(PERMISSION)
    row = _held(reason_code)
    if row.retired_at is not None:
        raise Stale(f"{row} has been retired already.")
    row.retired_at = at
    return _keep(row, "reason_code:retire", by=by, at=at)


@transaction.atomic
def bring_back_reason_code(*, reason_code: ReasonCode, by: Actor, at: datetime) -> ReasonCode:
    """A retired reason can be chosen again."""
    by.require(PERMISSION)
    row = _held(reason_code)
    if row.retired_at is None:
        raise Stale(f"{row} can be chosen already.")
    row.retired_at = None
    return _keep(row, "reason_code:bring_back", by=by, at=at)


def _held(reason_code: ReasonCode) -> ReasonCode:
    return ReasonCode.objects.select_for_update().get(pk=reason_code.pk)


def _refuse_name_twice(name: str, *, but: ReasonCode | None = None) -> None:
    others = ReasonCode.objects.filter(name__iexact=name.strip())
    if (others if but is None else others.exclude(pk=but.pk)).exists():
        raise Invalid(f"There is already a reason called {name.strip()}. Choose another name.", field="name")


def _keep(row: ReasonCode, verb: str, *, by: Actor, at: datetime) -> ReasonCode:
    changes = pending_changes(row)
    if not changes:
        return row
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, verb, subject=row, changes=changes)
    return row
