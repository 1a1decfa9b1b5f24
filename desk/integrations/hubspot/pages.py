"""HubSpot's own pages about a record, so that a person gets from here to there."""

from desk.integrations.crm.asking import BASE
from desk.integrations.crm.port import Kind
from desk.integrations.hubspot.client import PORTAL
from desk.integrations.hubspot.names import COMPANY_TYPE, DEAL_TYPE
from journal.models import Connection

AT = "https://app.hubspot.com/contacts"  # leads on to wherever the portal is hosted
TYPES = {Kind.COMPANY: COMPANY_TYPE, Kind.DEAL: DEAL_TYPE}


def page_of(connection: Connection, kind: Kind, key: str) -> str:
    """Empty where it isn't known. A pretended HubSpot has pages of deals only."""
    base = str(connection.settings.get(BASE, "")).rstrip("/")
    if base:
        return f"{base}/deal/{key}" if kind is Kind.DEAL else ""
    portal = str(connection.settings.get(PORTAL, ""))
    return f"{AT}/{portal}/record/{TYPES[kind]}/{key}" if portal and key else ""
