"""The rhythm of every action: require, begin, keep, record, return; all in one transaction (README, Lifecycle)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from journal.actions.conditions import is_outside
from journal.actions.webhooks.telling import tell_of_deed
from journal.commits import announce
from journal.domain.actor import Actor
from journal.domain.chain import canonical, link
from journal.domain.changes import Changes, changes_between, plain_changes
from journal.domain.deed import Deed
from journal.domain.entry import SEALED, spell
from journal.domain.refusal import Invalid, Stale
from journal.domain.verbs import checked
from journal.history import attributed
from journal.models import AuditEvent, AuditHead

__all__ = ["Deed", "begin", "keep", "keep_changed", "keep_many", "pending_changes", "record", "remove"]

Row = TypeVar("Row", bound=models.Model)
BATCH = 500


def begin(*, by: Actor, at: datetime) -> Deed:
    return Deed(id=uuid4(), by=by, at=at)


def keep(row: Row, *, deed: Deed) -> Row:
    """Check the row as a whole and save it as the deed's; Invalid names the fields that cannot be right.

    Stale where another hand saved the same between the check and the save.
    """
    _refuse_invalid(row, _clean_but_for_checks)
    try:
        with _duplicates_refused(type(row)), attributed(row, deed=deed):
            row.save()
    except IntegrityError:
        _refuse_invalid(row, models.Model.validate_constraints)
        raise
    return row


def remove(row: models.Model, *, deed: Deed) -> None:
    """Delete the row as the deed's. Rows hanging on it that are under history must be removed first, by name."""
    with attributed(row, deed=deed):
        row.delete()


def keep_many(rows: Sequence[Row], *, deed: Deed) -> list[Row]:
    """Add many new rows of one model as the deed's. Relations are left to the database's constraints.

    So is uniqueness: Stale where one of the rows stands already.
    """
    rows = list(rows)
    if not rows:
        return []
    model = type(rows[0])
    for row in rows:
        _refuse_invalid(row, _clean_alone)
    with _duplicates_refused(model):
        if not hasattr(model._meta, "simple_history_manager_attribute"):
            return model._default_manager.bulk_create(rows, batch_size=BATCH)
        return bulk_create_with_history(
            rows, model, batch_size=BATCH, default_change_reason=str(deed.id), default_date=deed.at
        )


def keep_changed(rows: Sequence[Row], *, fields: Sequence[str], deed: Deed) -> list[Row]:
    """Save these columns of many rows of one model, all of which stand already, as the deed's; each with its version.

    For what ends or moves together: the rows were read and locked in this transaction. The database's own constraints
    are the check.
    """
    rows = list(rows)
    if rows:
        bulk_update_with_history(
            rows,
            type(rows[0]),
            list(fields),
            batch_size=BATCH,
            default_change_reason=str(deed.id),
            default_date=deed.at,
        )
    return rows


def pending_changes(row: models.Model) -> Changes:
    """{field: [before, after]} between the row as stored and as it stands in memory; ask before keep()."""
    stored = type(row)._base_manager.filter(pk=row.pk).order_by("pk").first()
    return changes_between(_columns(stored) if stored else {}, _columns(row))


def record(
    deed: Deed,
    verb: str,
    *,
    subject: models.Model,
    account_key: str = "",
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    label: str = "",
) -> AuditEvent:
    """Append what was done to the audit, in the transaction that did it.

    The first event of a deed bears the deed's id, so history rows lead to it; further ones get ids of their own.
    Writers of audited actions follow each other on the head row until they commit: that makes the sequence free of
    gaps, in the order of commitment, and chained from the start.
    """
    head = _hold_head()
    event = AuditEvent(
        id=uuid4() if AuditEvent.objects.filter(pk=deed.id).exists() else deed.id,
        seq=head.last_seq + 1,
        at=deed.at.astimezone(UTC),
        actor_kind=deed.by.kind.value,
        actor_key=deed.by.key,
        actor_name=_fitting("actor_name", deed.by.name),
        verb=checked(verb),
        subject_type=subject._meta.model_name or "",
        subject_key=str(subject.pk),
        subject_label=_fitting("subject_label", label or str(subject)),
        account_key=account_key,
        reason=reason.replace("\x00", ""),
        changes=plain_changes(changes),
        previous_digest=head.last_digest,
    )
    event.digest = link(event.previous_digest, canonical(sealed_fields(event)))
    event.save(force_insert=True)
    AuditHead.objects.filter(pk=head.pk).update(last_seq=event.seq, last_digest=event.digest)
    tell_of_deed(event, subject=subject)
    announce()
    return event


def sealed_fields(event: AuditEvent) -> dict[str, object]:
    """Every column of an event that its digest covers, spelled the same on any database."""
    return spell({name: getattr(event, name) for name in SEALED})


def refusal_of(error: ValidationError, row: models.Model) -> Invalid:
    """Django's complaint as a refusal: the first fault as the message, all of them by field."""
    if not hasattr(error, "error_dict"):
        return Invalid(" ".join(error.messages))
    errors = {
        "" if field == NON_FIELD_ERRORS else field: tuple(messages) for field, messages in error.message_dict.items()
    }
    field, messages = next(iter(errors.items()))
    name = f"{_names(row)[field]}: " if field in _names(row) else ""
    return Invalid(name + messages[0], field=field or None, errors=errors)


def _hold_head() -> AuditHead:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "An audit event is written inside the transaction of what it tells: use @transaction.atomic."
        )
    # SQLite ignores the lock and needs none: its transactions begin IMMEDIATE, one writer at a time.
    head, _created = AuditHead.objects.select_for_update().get_or_create(pk=1)
    return head


@contextmanager
def _duplicates_refused(model: type[models.Model]) -> Iterator[None]:
    """A second hand finds out only from the database's own uniqueness; the transaction around it stays usable."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not _is_duplicate(error):
            raise
        raise Stale(
            f"Someone else has just saved the same {model._meta.verbose_name}. "
            "Nothing of yours was written; look again at what stands there now."
        ) from error


def _is_duplicate(error: IntegrityError) -> bool:
    cause = error.__cause__  # the driver's own error, whose code both drivers tell
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", "")
    return code in {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def _refuse_invalid(row: Row, check: Callable[[Row], None]) -> None:
    try:
        check(row)
    except ValidationError as error:
        raise refusal_of(error, row) from error


def _clean_but_for_checks(row: models.Model) -> None:
    """Django asks the database about each check before the save, which then asks once more: that half is left out.

    A row that breaks a check is refused by the save itself, and only then asked which check it was. Nor is the database
    asked whether a related row exists that is at hand: its foreign key will say if it has gone; nor whether the row is
    one among those of which there may be but one, where it is plainly none of those.
    """
    row.full_clean(exclude=_at_hand(row), validate_constraints=False)
    errors: dict[str, list[ValidationError]] = {}
    for model, constraints in row.get_constraints():
        for constraint in constraints:
            if isinstance(constraint, models.CheckConstraint) or is_outside(
                getattr(constraint, "condition", None), row
            ):
                continue
            try:
                constraint.validate(model, row)
            except ValidationError as error:
                errors = error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)


def _at_hand(row: models.Model) -> set[str]:
    """Relations to rows that were read or saved before, and that needn't be alone in pointing there."""
    fields: Iterable[Any] = row._meta.concrete_fields
    return {
        field.name
        for field in fields
        if field.is_relation
        and not field.unique
        and field.is_cached(row)
        and (related := getattr(row, field.name)) is not None
        and not related._state.adding
    }


def _clean_alone(row: models.Model) -> None:
    relations = {field.name for field in row._meta.concrete_fields if field.is_relation}
    row.full_clean(exclude=relations, validate_unique=False, validate_constraints=False)


def _columns(row: models.Model) -> dict[str, object]:
    fields: Iterable[Any] = row._meta.concrete_fields
    return {field.name: getattr(row, field.attname) for field in fields if not field.primary_key}


def _names(row: models.Model) -> dict[str, str]:
    return {field.name: str(field.verbose_name).capitalize() for field in row._meta.concrete_fields}


def _fitting(column: str, text: str) -> str:
    """Long names are cut to the column rather than losing the event."""
    field = AuditEvent._meta.get_field(column)
    assert isinstance(field, models.CharField)
    longest = field.max_length or len(text)
    text = text.replace("\x00", "")
    return text if len(text) <= longest else text[: longest - 1] + "…"
