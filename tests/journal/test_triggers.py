import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from simple_history.models import HistoricalChanges

from journal import triggers
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Approval, AuditEvent, AuditSeal, Notice, Staff
from tests.journal.factories import (
    EPOCH,
    ApprovalFactory,
    AuditEventFactory,
    AuditSealFactory,
    NoticeFactory,
    StaffFactory,
)

pytestmark = pytest.mark.django_db

SETTLED = triggers.Frozen("journal.Notice", when="OLD.kind <> 'draft'", allow_columns=("body",))
CHILD = triggers.FrozenChild(
    "journal.Staff_groups", parent_label="journal.Staff", fk="staff", when="username <> 'draft'"
)


def put_up(rule):
    with connection.cursor() as cursor:
        for trigger in rule.triggers(vendor=connection.vendor):
            for statement in trigger.statements:
                cursor.execute(statement)


def refused(act, words):
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        act()


def test_what_should_stand_does():
    own = {"desk_journal_auditevent_update", "desk_journal_auditevent_delete", "desk_journal_auditseal_update"}
    assert own <= triggers.installed(connection) == triggers.expected(connection)


def test_an_audit_event_is_never_changed_nor_deleted():
    AuditEventFactory()
    refused(lambda: AuditEvent.objects.update(reason="x"), "desk: journal_auditevent is append-only")
    refused(lambda: AuditEvent.objects.all().delete(), "desk: journal_auditevent is append-only")


def test_a_seal_is_never_changed_nor_deleted():
    AuditSealFactory()
    refused(lambda: AuditSeal.objects.update(count=9), "desk: journal_auditseal is append-only")
    refused(lambda: AuditSeal.objects.all().delete(), "desk: journal_auditseal is append-only")


def test_replacing_a_row_is_deleting_it():
    event = AuditEventFactory()
    replace = "INSERT OR REPLACE INTO" if connection.vendor == "sqlite" else "TRUNCATE"
    sql = f"{replace} journal_auditevent"
    if connection.vendor == "sqlite":
        sql += f" SELECT * FROM journal_auditevent WHERE seq = {event.seq}"
    refused(lambda: connection.cursor().execute(sql), "append-only")


def test_a_frozen_row_changes_only_in_the_columns_left_open():
    put_up(SETTLED)
    notice = NoticeFactory(kind="told")
    Notice.objects.update(body="another")
    refused(lambda: Notice.objects.update(subject="x"), "desk: a published journal_notice never changes")
    refused(notice.delete, "desk: a published journal_notice never changes")


def test_a_frozen_row_cannot_be_thawed_through_an_open_column():
    put_up(triggers.Frozen("journal.Notice", when="OLD.kind <> 'draft'", allow_columns=("kind",)))
    NoticeFactory(kind="told")
    Notice.objects.update(kind="retired")
    refused(lambda: Notice.objects.update(kind="draft"), "never changes")


def test_a_row_not_yet_frozen_is_free():
    put_up(SETTLED)
    NoticeFactory(kind="draft")
    Notice.objects.update(subject="x")
    Notice.objects.update(kind="told")
    assert Notice.objects.get().subject == "x"


def test_a_draft_can_be_deleted():
    put_up(SETTLED)
    NoticeFactory(kind="draft").delete()
    assert not Notice.objects.exists()


def test_children_of_a_frozen_parent_are_neither_added_nor_moved_nor_deleted():
    draft, published = StaffFactory(username="draft"), StaffFactory(username="published")
    group, other = Group.objects.create(name="one"), Group.objects.create(name="two")
    published.groups.add(group)
    put_up(CHILD)
    draft.groups.add(group)
    children = Staff.groups.through.objects
    refused(lambda: published.groups.add(other), "desk: a published journal_staff_groups never changes")
    refused(lambda: published.groups.remove(group), "never changes")
    refused(lambda: children.filter(staff=published).update(group=other), "never changes")
    refused(lambda: children.filter(staff=draft).update(staff=published), "never changes")
    draft.groups.remove(group)


def test_suspended_takes_all_down_and_puts_all_up_again():
    before = triggers.installed(connection)
    with triggers.suspended(connection):
        assert not triggers.installed(connection)
    assert triggers.installed(connection) == before


def test_they_come_off_before_migrations_that_have_something_to_do():
    triggers.uninstall_before_migrations(using="default", plan=[])
    assert triggers.installed(connection)
    triggers.uninstall_before_migrations(using="default", plan=["a migration"])
    assert not triggers.installed(connection)
    triggers.reinstall_after_migrations(using="default")
    assert triggers.installed(connection) == triggers.expected(connection)


def test_a_rule_registered_twice_is_one_rule():
    before = triggers.expected(connection)
    triggers.register(triggers.Immutable("journal.AuditEvent"))
    assert triggers.expected(connection) == before


def versions():
    return {model._meta.db_table for model in apps.get_models() if issubclass(model, HistoricalChanges)}


def test_every_table_of_versions_is_append_only():
    assert len(versions()) > 20
    wanted = {triggers._name(table, event) for table in versions() for event in ("UPDATE", "DELETE")}
    assert wanted <= triggers.installed(connection)


def test_a_version_once_written_is_never_changed_nor_deleted():
    plan = apps.get_model("catalog.Plan")
    keep(plan(key="solo", name="Solo"), deed=begin(by=SYSTEM, at=EPOCH))
    refused(lambda: plan.history.update(name="x"), "desk: catalog_historicalplan is append-only")
    refused(lambda: plan.history.all().delete(), "desk: catalog_historicalplan is append-only")


DECIDED = {"decided_at": EPOCH, "decided_by_key": "staff:Bob", "decided_by_name": "Bob"}


@pytest.mark.parametrize("state", Approval.DECIDED)
def test_a_decision_stands_as_it_was_made(state):
    approval = ApprovalFactory(state=state, **DECIDED)
    words = "desk: a decided journal_approval never changes"
    refused(lambda: Approval.objects.update(note="x"), words)
    refused(lambda: Approval.objects.update(state="pending", decided_at=None, decided_by_key=""), words)
    refused(approval.delete, words)


def test_a_request_still_open_can_be_decided():
    ApprovalFactory()
    Approval.objects.update(state="rejected", **DECIDED)
    assert Approval.objects.get().state == "rejected"


def test_what_a_trigger_refuses_is_not_called_a_race():
    put_up(SETTLED)
    notice = NoticeFactory(kind="told")
    notice.subject = "x"
    refused(lambda: keep(notice, deed=begin(by=SYSTEM, at=EPOCH)), "desk: a published journal_notice never changes")


@pytest.mark.django_db
def test_replacing_a_row_is_refused_on_sqlite_whatever_the_connection_asked_for() -> None:
    """REPLACE deletes without a delete trigger where recursive triggers are off, as in a plain shell."""
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's own.")
    event = AuditEventFactory()
    columns = ", ".join(f'"{field.column}"' for field in AuditEvent._meta.local_concrete_fields)
    changed = columns.replace('"actor_name"', "'Mallory'")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        try:
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute(
                    f"REPLACE INTO journal_auditevent ({columns}) SELECT {changed} FROM journal_auditevent WHERE seq = %s",
                    [event.seq],
                )
        finally:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert AuditEvent.objects.get(pk=event.pk).actor_name == event.actor_name
