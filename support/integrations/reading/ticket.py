"""A ticket read: `read_ticket` splits it, asks whom the settings name, and turns every failure into a reading that failed.

Called by the edge, before the action and outside of any transaction: it may take seconds.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from support.domain.intake.asking import channel_asked, severity_asked
from support.domain.intake.piecing import with_pieces
from support.domain.intake.settings import ReadBy
from support.domain.intake.splitting import split
from support.domain.intake.tickets import Request, Ticket
from support.domain.intake.understood import Reading, Understood
from support.integrations.reading import embedded, model
from support.models import ClassifierVersion, IntakeSettings, Severity
from support.queries.intake.deciding import Read

LONGEST_MAKER = 200
logger = logging.getLogger("support.intake")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was made of the requests that had to be read, in their order, and by whom."""

    readings: Sequence[Reading] = ()
    kind: str = ""
    maker: str = ""
    version: ClassifierVersion | None = None
    awaited: bool = False


def read_ticket(ticket: Ticket, *, feature: str = "", settings: IntakeSettings) -> Read:
    """What is asked for in it. `feature` is one that a field named: the first request is about that, and isn’t read.

    Never raises for what a ticket says, nor for who reads it: then the reading says why it failed, and the ticket is held.
    """
    begun = perf_counter()
    whole = split(ticket)
    requests = whole.requests or ((Request(ticket.subject),) if feature else ())
    unread = requests[1:] if feature else requests
    answer = _answered(unread, settings) if unread else _Answer()
    readings = [*([Reading()] if feature else []), *answer.readings]
    severities = list(Severity.objects.values_list("key", "name", "meaning"))
    understood = tuple(
        Understood(
            request, reading, given=feature if place == 0 else "",
            channel_asked=channel_asked(request.said), severity_asked=severity_asked(request.said, severities),
        )
        for place, (request, reading) in enumerate(zip(requests, readings, strict=True))
    )  # fmt: skip
    return Read(
        understood, kind=answer.kind, maker=answer.maker[:LONGEST_MAKER], version=answer.version,
        took_us=int((perf_counter() - begun) * 1_000_000), too_long=whole.too_long, awaited=answer.awaited,
    )  # fmt: skip


def _answered(requests: Sequence[Request], settings: IntakeSettings) -> _Answer:
    if settings.read_by == ReadBy.OUTSIDE:
        return _Answer([Reading() for _ in requests], kind="outside", awaited=True)
    texts = [request.said for request in requests]
    try:
        if settings.read_by == ReadBy.MODEL:
            return _by_model(texts, settings)
        own = embedded.read(texts)
        return _Answer(_in_pieces(texts, own.readings), own.kind, own.maker, own.version)
    except Exception as failure:  # whatever goes wrong, the ticket is held and says so
        logger.exception("A ticket could not be read")
        failed = [Reading(failed=f"It couldn’t be read ({type(failure).__name__}).") for _ in texts]
        return _Answer(failed, kind=str(settings.read_by))


def _by_model(texts: Sequence[str], settings: IntakeSettings) -> _Answer:
    """The model’s answer, with what the desk’s own classifier thinks of it; the model isn’t asked alone."""
    own = embedded.read(texts)
    read = model.read(texts, own=own.readings, settings=settings)
    return _Answer(_in_pieces(texts, read.readings), "model", read.maker, own.version)


def _in_pieces(texts: Sequence[str], readings: Sequence[Reading]) -> list[Reading]:
    """After what the desk’s own classifier makes of their pieces, so that nothing asked for beside is overlooked."""
    return with_pieces(texts, readings, read=lambda pieces: embedded.read(pieces).readings)
