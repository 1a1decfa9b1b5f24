"""The senders: threads that claim what is due, post it with no transaction open, and write down how it went.

They live beside the worker's other duties, so that an endpoint that hangs holds up neither them nor other endpoints.
A tick of the clock only wakes them. Whatever a sender had claimed when its process ended is sent again.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta

from journal.actions.webhooks.carrying import Claimed, claim, expire_leases, settle
from journal.actions.webhooks.endpoints import networks
from journal.actions.webhooks.telling import body_of
from journal.domain.webhooks.outcomes import Outcome, Try
from journal.domain.webhooks.signing import headers, name_of
from journal.integrations.crew import Crew
from journal.integrations.webhook.line import Line
from journal.queries.webhooks import due_endpoints

logger = logging.getLogger("journal.webhooks")
MOST_SENDERS = 16
STINT = timedelta(seconds=2)  # for one endpoint, then the sender looks round whether another has waited
BUDGET = timedelta(seconds=45)
UNSIGNED = "It can't be signed: the desk can't open the endpoint's secret. Renew the secret, then send this again."

Clock = Callable[[], datetime]
Jitter = Callable[[], float]
OpenLine = Callable[[str], Line]


def open_line(url: str) -> Line:
    return Line(url, networks=networks())


def carry(
    *, clock: Clock, jitter: Jitter, line_to: OpenLine = open_line, begun: Callable[[], object] = lambda: None
) -> int:
    """Send what is due until nothing is, or the budget is used up; how many messages were tried.

    `begun` is told once, when something was found: then there may be work for one more sender.
    """
    tried, started = 0, clock()
    while clock() - started < BUDGET:
        before = tried
        for endpoint_id in due_endpoints(at=clock()):
            sent = _stint(
                endpoint_id, clock=clock, jitter=jitter, line_to=line_to, begun=begun if not tried else _nothing
            )
            tried += sent
            if sent:
                break  # the list is old by now
        if tried == before:
            break
    return tried


class Senders(Crew):
    """The senders of one process."""

    def __init__(self, *, most: int = MOST_SENDERS, line_to: OpenLine = open_line) -> None:
        super().__init__("journal.webhooks", most=most)
        self._line_to = line_to

    def wake(self, *, clock: Clock, jitter: Jitter) -> int:
        """Take back what dead senders left, and start one for each endpoint that something is due to; how many."""
        at = clock()
        expire_leases(at=at)
        line_to = self._line_to
        return sum(
            self.start(lambda found: carry(clock=clock, jitter=jitter, line_to=line_to, begun=found))
            for _ in due_endpoints(at=at)[: self.most]
        )


senders = Senders()


def _stint(endpoint_id: int, *, clock: Clock, jitter: Jitter, line_to: OpenLine, begun: Callable[[], object]) -> int:
    """Messages to one endpoint over one line."""
    tried, started = 0, clock()
    with ExitStack() as open_lines:
        lines: dict[str, Line] = {}
        while clock() - started < STINT and (claimed := claim(endpoint_id=endpoint_id, at=clock())) is not None:
            if not tried:
                begun()
            url = claimed.endpoint.url  # edited meanwhile, it leads elsewhere
            if url not in lines:
                lines[url] = open_lines.enter_context(closing(line_to(url)))
            tried += 1
            made = _posted(lines[url], claimed, at=clock())
            settle(claimed, made, jitter=jitter(), at=clock())
            if not made.is_ok:
                logger.warning("Webhook %s to %s: %s", claimed.message.message_id, claimed.endpoint.key, made.error)
    return tried


def _posted(line: Line, claimed: Claimed, *, at: datetime) -> Try:
    if not claimed.secrets:
        return Try(Outcome.FAILED, 0, error=UNSIGNED)
    body = body_of(claimed.message.payload)
    signed = headers(name=name_of(claimed.message.message_id), at=at, body=body, secrets=claimed.secrets)
    try:
        return line.post(body, headers=signed, at=at)
    except Exception as error:  # whatever goes wrong, the row must say so and the others must go on
        logger.exception("Webhook %s could not be sent", claimed.message.message_id)
        return Try(Outcome.FAILED, 0, error=f"{type(error).__name__}: {error}")


def _nothing() -> None:
    """Nobody needs to hear."""
