"""The demo's own HubSpot, which stands on this machine."""

from datetime import datetime

from desk.domain.crm.mapping import Reading
from desk.integrations.crm.asking import BASE
from desk.integrations.hubspot.client import CLIENT_SECRET, PORTAL, TOKEN
from desk.integrations.hubspot.names import SYSTEM
from journal.actions.pretended import connect_pretended
from journal.models import Connection

MONTHS = Reading("12")  # its deals say it of their lines
NAME = "HubSpot, pretended on this machine"
PRETENDED = "48151623"  # its portal


def connect(*, key: str, base: str, opens: str, pushes: str, at: datetime) -> Connection:
    """`opens` is the token of its private app, `pushes` what signs its messages."""
    told, secrets = {PORTAL: PRETENDED, BASE: base}, {TOKEN: opens, CLIENT_SECRET: pushes}
    return connect_pretended(vendor=SYSTEM, name=NAME, key=key, told=told, secrets=secrets, at=at)
