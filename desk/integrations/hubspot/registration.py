"""HubSpot as the journal and the flows know it: what a connection needs, what to do there, and who takes what arrives."""

from desk.actions.crm.applied import NEEDS
from desk.integrations.crm import port
from desk.integrations.crm.asking import BASE, ON_THIS_MACHINE
from desk.integrations.crm.port import CrmSystem
from desk.integrations.hubspot import pushes
from desk.integrations.hubspot.client import CLIENT_SECRET, PORTAL, TOKEN
from desk.integrations.hubspot.crm import opened
from desk.integrations.hubspot.names import SYSTEM, WORDS
from desk.integrations.hubspot.pages import page_of
from desk.integrations.hubspot.verifying import SIGNATURE, STAMP, TYPES, verify
from journal import vendors
from journal.vendors import SecretKind, Setting, Vendor

HUBSPOT = Vendor(
    name=SYSTEM,
    words=WORDS,
    verify=verify,
    secrets=(
        SecretKind(
            TOKEN, "Access token", "Settings, Integrations, Private apps, the app of the desk, “Auth”: “Access token”. "
            "docs/hubspot.md lists the scopes that the app needs.",
        ),
        SecretKind(
            CLIENT_SECRET, "Client secret", "At the same place: “Client secret”. What arrives is checked with it.",
            verifies=True,
        ),
    ),
    fields=(
        Setting(
            PORTAL, "Portal id", "The number in every address of HubSpot’s, also shown under the portal’s name at the top "
            "right.", pattern=r"\d{1,15}", such_as="48151623", is_account=True,
        ),
        Setting(
            BASE, "Address of the API", "Leave it empty: it is for trying out with a pretended HubSpot on this machine.",
            required=False, pattern=ON_THIS_MACHINE, such_as="http://127.0.0.1:12113",
        ),
    ),
    mode_words="A portal for trying out is a sandbox or a test account of HubSpot’s, with a private app and a portal id of "
    "its own.",
    trying="What comes of a sandbox’s deals stands among what real ones brought: connect it with a desk that is itself for "
    "trying out.",
    next_steps=(
        "Open the CRM page of this connection, “What the desk needs in HubSpot”: have the desk make what is missing, or hand "
        "the list to an administrator.",
        "There, say what won deals become, try that on real ones, and switch the flows on, companies first.",
        "To hear of changes within seconds: at HubSpot, in the desk’s private app, “Webhooks”, enter the address above as "
        "target URL and create the subscriptions that docs/hubspot.md lists.",
    ),
    headers=(SIGNATURE, STAMP),
    may=NEEDS,
)  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready()."""
    vendors.register(HUBSPOT)
    vendors.register_handler(SYSTEM, sorted(TYPES), pushes.take)
    port.register(SYSTEM, CrmSystem(words=WORDS, opened=opened, page_of=page_of))
