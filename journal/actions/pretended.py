"""A connection with a system that is pretended on this machine, as the demo has some: brought up to date at each start."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from journal.actions.connections import edit, renew_secret, set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.domain.refusal import Refusal
from journal.models import Connection
from journal.queries.connections import opened


def connect_pretended(
    *, vendor: str, name: str, key: str, told: Mapping[str, str], secrets: Mapping[str, str], at: datetime
) -> Connection:
    """Connected the demo with a pretended system, or brought that connection up to date; what somebody paused stays paused."""
    if settings.PRODUCTION:
        raise Refusal("A pretended system is for trying out; it is not connected where DESK_ENV is production.")
    there = Connection.objects.filter(key=key).first()
    if there is None:
        return set_up(
            vendor=vendor, name=name, mode=Mode.TEST, settings=told, secrets=secrets, by=SYSTEM, at=at, key=key
        )
    there = edit(connection=there, settings=told, by=SYSTEM, at=at)
    for purpose, secret in secrets.items():
        if secret not in opened(there, [purpose], at=at):
            renew_secret(connection=there, purpose=purpose, secret=secret, by=SYSTEM, at=at)
    return there
