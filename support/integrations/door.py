"""Tickets read for whoever takes them in, as the settings say: before anything is written, and outside of transactions."""

from collections.abc import Callable

from support.actions.intake.opening import Reads
from support.integrations.reading.ticket import read_ticket
from support.queries.intake.deciding import Read, Told
from support.queries.intake.settings import intake_settings, is_checked


def read_told(told: Told) -> Read:
    """What is asked for in a ticket, whether or not tickets of its channel are checked as they come."""
    return read_ticket(told.ticket, feature=told.feature, settings=intake_settings())


def reads() -> Reads:
    """For the actions that take tickets in: how one is read, or None where those of its channel aren't checked."""
    settings = intake_settings()

    def read(told: Told) -> Callable[[], Read] | None:
        if not is_checked(settings, told.channel):
            return None
        return lambda: read_ticket(told.ticket, feature=told.feature, settings=settings)

    return read
