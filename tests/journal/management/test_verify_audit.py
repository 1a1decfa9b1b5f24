from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from journal.models import AuditEvent
from tests.journal.factories import AuditEventFactory, tampered

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), error
    return out.getvalue(), err.getvalue(), None


def test_a_whole_audit_is_told_to_be_whole():
    AuditEventFactory()
    told, complaints, error = run()
    assert told.startswith("The audit is whole: 1 events.\n")
    assert (complaints, error) == ("", None)


def test_without_a_seal_from_the_log_it_says_what_it_cannot_see_and_how_to_see_it():
    event = AuditEventFactory()
    told = run()[0]
    assert "cut off together with its seals" in told
    assert "sealed <number>:<digest>" in told
    assert "manage.py verify_audit --sealed <number>:<digest>" in told
    assert "cut off" not in run("--sealed", f"1:{event.digest}")[0]


def test_a_break_is_named_and_the_command_fails():
    for _ in range(3):
        AuditEventFactory()
    tampered(lambda: AuditEvent.objects.filter(seq=2).update(reason="forged"))
    _, told, error = run()
    assert told == "Event 2: was altered after it was written.\n"
    assert "1 finding(s), the first at event 2" in str(error)
    assert error.returncode == 1


def test_a_seal_from_the_log_can_be_held_against_it():
    event = AuditEventFactory()
    assert run("--sealed", f"1:{event.digest}")[2] is None
    assert run("--sealed", f"2:{event.digest}")[2] is not None


@pytest.mark.parametrize("seal", ["x", "1", "1:", "x:y"])
def test_a_seal_that_cannot_be_read_is_refused(seal):
    assert "Write the seal as the log does" in str(run("--sealed", seal)[2])
