"""Salesforce's own page about a record."""

from desk.integrations.crm.asking import BASE
from desk.integrations.crm.port import Kind
from desk.integrations.salesforce.login import DOMAIN
from desk.integrations.salesforce.names import KINDS, whole_id
from journal.models import Connection


def page_of(connection: Connection, kind: Kind, id: str) -> str:
    """The organisation's My Domain leads on to where its people work. Where Salesforce is pretended, only deals have one."""
    base, domain = (str(connection.settings.get(name, "")).rstrip("/") for name in (BASE, DOMAIN))
    if not whole_id(id):
        return ""
    if base:
        return f"{base}/opportunity/{id}" if kind is Kind.DEAL else ""
    host = domain.lower().removeprefix("https://")
    return f"https://{host}/lightning/r/{KINDS[kind]}/{id}/view" if host else ""
