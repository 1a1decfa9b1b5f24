import itertools
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from journal import senders
from journal.actions.notices import tell
from journal.domain.delivery import DeliveryState
from journal.domain.receiving import Later
from journal.integrations import email
from journal.integrations.delivery import deliver
from journal.models import Outbound
from journal.tasks import deliver as deliver_task
from journal.tasks import seal as seal_task
from tests.journal.factories import EPOCH, AuditEventFactory, OutboundFactory

pytestmark = pytest.mark.django_db


def go(at=EPOCH, **told):
    return deliver(clock=lambda: at, jitter=lambda: 0.0, **told)


class BrokenLine(BaseEmailBackend):
    """A mail server that stops in the middle."""

    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class NoServer(BrokenLine):
    def open(self):
        raise ConnectionRefusedError("Connection refused")


def test_a_notice_becomes_one_email_with_the_rows_own_message_id():
    tell(recipient="bob@example.com", subject="Hi", body="There", once_key="k", kind="hello", at=EPOCH)
    assert go() == 1
    assert go() == 0
    (sent,) = mail.outbox
    row = Outbound.objects.get()
    assert (sent.subject, sent.body, sent.to) == ("Hi", "There", ["bob@example.com"])
    assert sent.message()["Message-ID"] == f"<{row.message_id}@localhost>"
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert (row.state, row.sent_at, row.lease_token) == ("sent", EPOCH, None)


def test_what_was_not_taken_is_tried_again(settings):
    settings.EMAIL_BACKEND = f"{__name__}.NoServer"
    OutboundFactory()
    assert go() == 1
    row = Outbound.objects.get()
    assert (row.state, row.last_error) == ("pending", "ConnectionRefusedError: Connection refused")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert go(EPOCH + timedelta(minutes=1)) == 1
    assert len(mail.outbox) == 1


def test_a_line_broken_in_the_middle_leaves_a_doubt_for_a_person(settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenLine"
    OutboundFactory()
    go()
    assert Outbound.objects.get().state == DeliveryState.DOUBTFUL
    with pytest.raises(senders.Doubtful, match="unexpectedly closed"):
        email.send(Outbound.objects.get())


def test_whoever_is_away_for_a_while_costs_no_try(monkeypatch):
    def away(row):
        raise Later("It is away", after=timedelta(minutes=7))

    monkeypatch.setitem(senders._senders, "email", away)
    OutboundFactory()
    for minutes in range(0, 7 * 30, 7):  # far more often than a message that fails is tried
        assert go(EPOCH + timedelta(minutes=minutes)) == 1
    row = Outbound.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("pending", 0, "It is away")
    assert row.due_at == EPOCH + timedelta(minutes=7 * 30)


def test_one_bad_message_does_not_stop_the_others():
    OutboundFactory(kind="pigeon", destination="roof")
    OutboundFactory()
    assert go() == 2
    assert Outbound.objects.get(kind="pigeon").last_error.startswith("LookupError: Nothing is set up to send")
    assert Outbound.objects.get(kind="email").state == DeliveryState.SENT


def test_the_loop_ends_after_so_many_and_goes_on_at_the_next_tick():
    for number in range(3):
        OutboundFactory(destination=f"{number}@example.com")
    assert [go(most=2), go(most=2), go(most=2)] == [2, 1, 0]


def test_the_loop_ends_in_time_and_goes_on_at_the_next_tick():
    for number in range(4):
        OutboundFactory(destination=f"{number}@example.com")
    slow = (EPOCH + number * timedelta(seconds=10) for number in itertools.count())
    assert deliver(clock=lambda: next(slow), jitter=lambda: 0.0) == 2
    assert set(Outbound.objects.values_list("state", flat=True)) == {"sent", "pending"}
    assert go(EPOCH + timedelta(minutes=5)) == 2


def test_the_ticks_of_the_clock_deliver_and_seal():
    OutboundFactory()
    assert deliver_task() == 1
    assert seal_task() is None
    AuditEventFactory()
    assert seal_task() == "Seal up to #1"
