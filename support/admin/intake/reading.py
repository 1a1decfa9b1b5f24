"""A ticket that was checked, read; and a check that stands in a row, as it was told and read, so that it can be taken."""

from support.domain.case_events import Channel
from support.domain.intake.settings import ReadBy
from support.domain.intake.tickets import Attachment, Ticket
from support.models import IntakeDecision
from support.queries.intake.deciding import Read, Told
from support.queries.intake.replaying import understood_from
from support.queries.intake.settings import intake_settings


def read(told: Told) -> Read:
    """By whoever reads tickets at the moment; outside of any transaction."""
    from support.integrations.reading.ticket import read_ticket  # what it reads with is large

    return read_ticket(told.ticket, feature=told.feature, settings=intake_settings())


def told_of(row: IntakeDecision) -> Told:
    return Told(
        ticket=Ticket(row.subject, row.text, attachments_of(row)), channel=Channel(row.channel), account=row.account,
        requester=row.requester, feature=row.given_feature.key if row.given_feature else "",
        severity=row.given_severity.key if row.given_severity else "", source=row.source, external_id=row.external_id,
        **(row.engine.get("about") or {}),
    )  # fmt: skip


def attachments_of(row: IntakeDecision) -> tuple[Attachment, ...]:
    return tuple(Attachment(*one) for one in row.attachments)


def read_of(row: IntakeDecision) -> Read:
    """What was read then: a second reading might say something else than what was shown."""
    understood = tuple(understood_from(one) for one in row.readings)
    unread = not any(one.reading.candidates for one in understood)
    return Read(
        understood=understood, kind=row.read_by, maker=row.maker, version=row.version, took_us=row.read_us,
        too_long=bool(row.engine.get("too_long")), awaited=unread and row.read_by == ReadBy.OUTSIDE,
    )  # fmt: skip
