"""The demo's own Salesforce, which stands on this machine."""

from datetime import datetime

from desk.domain.crm.mapping import Reading
from desk.integrations.crm.asking import BASE
from desk.integrations.salesforce.login import APP, CONSUMER_KEY, CONSUMER_SECRET, DOMAIN, LOGIN, ORGANISATION
from desk.integrations.salesforce.names import SYSTEM
from desk.integrations.salesforce.registration import PUSH_TOKEN
from journal.actions.pretended import connect_pretended
from journal.models import Connection

MONTHS = Reading(deal_field="Term_Months__c")  # how long its deals last
NAME = "Salesforce, pretended on this machine"
# The organisation that is pretended, and the app that the desk is there.
PRETENDED = {
    ORGANISATION: "00D01000002R3FB",
    DOMAIN: "demo-dev-ed.my.salesforce.com",
    CONSUMER_KEY: "3MVG9counterpart1",
}


def connect(*, key: str, base: str, opens: str, pushes: str, at: datetime) -> Connection:
    """`opens` is the app's secret, `pushes` what its flows bear."""
    told, secrets = {LOGIN: APP, BASE: base, **PRETENDED}, {CONSUMER_SECRET: opens, PUSH_TOKEN: pushes}
    return connect_pretended(vendor=SYSTEM, name=NAME, key=key, told=told, secrets=secrets, at=at)
