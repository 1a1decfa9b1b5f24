"""What becomes of an e-mail when the mail server breaks off, at each step of the talk with it."""

import pytest

from journal.integrations.delivery import deliver
from journal.models import Outbound
from journal.vault import seal
from tests.journal.factories import EPOCH, OutboundFactory
from tests.journal.integrations.mail_server import Ending, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings):
    """How the desk's row stands after a mail server that ended so."""

    def ask(ending):
        OutboundFactory()
        with mail_server(ending) as port:
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
            settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 1
            deliver(clock=lambda: EPOCH, jitter=lambda: 0.0)
        return Outbound.objects.get()

    return ask


@pytest.mark.parametrize(
    "ending", [Ending.NOBODY, Ending.NO_GREETING, Ending.SILENCE, Ending.AFTER_HELLO, Ending.AFTER_RECIPIENT]
)
def test_what_surely_did_not_go_out_is_tried_again(told, ending):
    row = told(ending)
    assert row.state == "pending", row.last_error
    assert row.due_at > EPOCH
    assert row.last_error


@pytest.mark.parametrize("ending", [Ending.IN_TEXT, Ending.AFTER_TEXT])
def test_what_may_have_been_handed_over_is_left_to_a_person(told, ending):
    assert told(ending).state == "doubtful"


def test_what_was_refused_outright_is_tried_again(told):
    row = told(Ending.REFUSED)
    assert (row.state, row.last_error[:13]) == ("pending", "SMTPDataError")


def test_a_server_rude_at_the_goodbye_has_still_taken_the_message(told):
    assert told(Ending.RUDE_GOODBYE).state == "sent"


def test_a_polite_server_takes_the_message(told):
    assert told(Ending.NONE).state == "sent"


def test_a_secret_is_written_into_what_goes_out_and_into_nothing_else(mailoutbox):
    OutboundFactory(payload={"subject": "Key", "body": "Your key: {secret}.", "sealed": seal("el_1234")})
    OutboundFactory(payload={"subject": "No key", "body": "Write {secret} in braces."})
    deliver(clock=lambda: EPOCH, jitter=lambda: 0.0)
    assert [mail.body for mail in mailoutbox] == ["Your key: el_1234.", "Write {secret} in braces."]
    assert Outbound.objects.order_by("seq")[0].payload["sealed"] is None
