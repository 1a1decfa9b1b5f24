"""An open line to whichever CRM a connection is with."""

from contextlib import AbstractContextManager
from datetime import datetime

from desk.integrations.crm.port import Crm, Declined, system_of
from journal.models import Connection


def opened(connection: Connection, *, at: datetime) -> AbstractContextManager[Crm]:
    """For the length of a `with`. Later, LoginRefused, Declined where it can't be asked."""
    system = system_of(connection.vendor)
    if system is None:
        raise Declined(f"The desk knows no CRM called “{connection.vendor}”.")
    return system.opened(connection, at)
