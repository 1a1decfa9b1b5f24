"""E-mail, through whatever backend the settings name."""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from journal.actions.outbound import SEALED
from journal.domain.veiled import unveiled
from journal.models import Outbound
from journal.senders import Doubtful
from journal.vault import unseal

GO_ON = 354  # the server's word that the text may come; nothing was handed over before


def send(row: Outbound) -> None:
    """Hand one message to the mail server. Its Message-ID is the row's, so a second copy can be recognised."""
    connection = get_connection()
    message = EmailMessage(
        connection=connection,
        subject=row.payload["subject"],
        body=_body(row),
        to=[row.destination],
        # RFC 3834: whoever answers by themselves leaves it unanswered, and an inbox of our own makes no case of it.
        headers={"Message-ID": f"<{row.message_id}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        connection.open()
        _hand_over(message, handing_over=_watched(connection))
    finally:
        # Whether the message was taken is known by now; a bad goodbye must not send it a second time.
        with suppress(OSError):
            connection.close()


def _body(row: Outbound) -> str:
    """The text, with the secret that is sealed beside it where its mark stands."""
    body: str = row.payload["body"]
    return unveiled(body, unseal(row.payload[SEALED])) if SEALED in row.payload else body


def _hand_over(message: EmailMessage, *, handing_over: Callable[[], bool]) -> None:
    try:
        message.send()
    except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionResetError, BrokenPipeError) as error:
        if not handing_over():
            raise
        # The server may have taken the message before the line broke.
        raise Doubtful(str(error) or "The mail server stopped answering.") from error


def _watched(connection: Any) -> Callable[[], bool]:
    """Whether the server asked for the text of the message. Of other backends nobody knows, so they may have it."""
    line = getattr(connection, "connection", None)
    if not isinstance(line, smtplib.SMTP):
        return lambda: True
    replies: list[int] = []
    getreply = line.getreply

    def watched() -> tuple[int, bytes]:
        reply = getreply()
        replies.append(reply[0])
        return reply

    line.getreply = watched  # type: ignore[method-assign]
    return lambda: GO_ON in replies


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
