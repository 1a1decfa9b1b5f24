"""A ticket posted to the API → the ticket as the actions take it: whose it is, and what its attachments say."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from ninja import Schema

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from support.api.intake.schemas import AttachmentIn, TicketIn
from support.domain.intake.tickets import MOST_TEXT, Attachment
from support.intake.attachments import file_name, patience, read_attachment
from support.queries.cases.senders import whose
from support.queries.intake.deciding import Told, ticket_of

UNREAD = "it came neither as text nor in base64"


def told_ticket(told: TicketIn) -> Told:
    """Reads its attachments too, which may take a while: outside of any transaction."""
    return Told(
        ticket_of(told.subject, told.text, attachments_of(told.attachments)), told.channel,
        account_meant(told.account, told.requester, told.asset), severity=kept(told.severity),
        source=told.source, external_id=told.external_id, **named_in(told),
    )  # fmt: skip


def named_in(told: Schema) -> dict[str, Any]:
    """What its fields name, for a ticket."""
    names = ("requester", "feature", "product", "asset", "cover")
    return {name: kept(getattr(told, name)) for name in names}


def kept(text: str) -> str:
    """As a database keeps it."""
    return text.replace("\x00", "").strip()


def account_meant(key: str, requester: str, asset: str) -> Account | None:
    return account_by_key(key) if key else whose(kept(requester), asset=kept(asset)).account


def attachments_of(files: Sequence[AttachmentIn]) -> list[Attachment]:
    until = patience()
    return [_read(file, until=until) for file in files]


def _read(file: AttachmentIn, *, until: float) -> Attachment:
    if file.text.strip():
        return Attachment(file_name(file.name), text=file.text[:MOST_TEXT])
    try:
        raw = base64.b64decode("".join(file.content.split()), validate=True)
    except (binascii.Error, ValueError):
        return Attachment(file_name(file.name), unreadable=UNREAD)
    return read_attachment(file.name, file.content_type, raw, until=until)
