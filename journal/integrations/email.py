"""E-mail, through whatever backend the settings name."""

import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from journal.models import Outbound
from journal.senders import Doubtful


def send(row: Outbound) -> None:
    """Hand one message to the mail server. Its Message-ID is the row's, so a second copy can be recognised."""
    message = EmailMessage(
        subject=row.payload["subject"],
        body=row.payload["body"],
        to=[row.destination],
        headers={"Message-ID": f"<{row.message_id}@{_domain()}>"},
    )
    try:
        message.send()
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        # The server may have taken the message before the line broke.
        raise Doubtful(str(error) or "The mail server stopped answering.") from error


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
