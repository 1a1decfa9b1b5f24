"""Salesforce as the journal knows it: what a connection needs, what to do at Salesforce, and who takes what arrives."""

from desk.actions.crm.applied import NEEDS
from desk.integrations.crm import port
from desk.integrations.crm.asking import BASE, ON_THIS_MACHINE
from desk.integrations.salesforce import pushes
from desk.integrations.salesforce.crm import SALESFORCE as SYSTEM_OF_IT
from desk.integrations.salesforce.login import (
    APP,
    BY_PASSWORD,
    CONSUMER_KEY,
    CONSUMER_SECRET,
    DOMAIN,
    JWT,
    LOGIN,
    ORGANISATION,
    PASSWORD,
    PRIVATE_KEY,
    TOKEN,
    USER,
    WAYS,
)
from desk.integrations.salesforce.names import SYSTEM, WORDS
from journal import vendors
from journal.vendors import SecretKind, Setting, Vendor

PUSH_TOKEN = "push_token"  # noqa: S105 — the purpose of a secret, and none
SALESFORCE = Vendor(
    name=SYSTEM,
    words=WORDS,
    verify=pushes.verify,
    secrets=(
        SecretKind(
            PUSH_TOKEN, "Token of pushes", "Make one up, of 32 letters and digits or more, such as a password manager "
            "makes. Flows send it as their bearer; outbound messages bear it at the end of their address.",
            verifies=True, pattern=r"[A-Za-z0-9._~-]{32,}",
            made_of="32 characters or more, and none but letters, digits and . _ ~ -, which an address can bear",
        ),
        SecretKind(
            PRIVATE_KEY, "Private key", "Needed for JWT: the whole PEM text whose certificate was uploaded to the app.",
            is_long=True, only_with=(LOGIN, (JWT,)),
        ),
        SecretKind(
            CONSUMER_SECRET, "Consumer secret", "Needed for client credentials. With user name and password it is optional: "
            "with it the app logs in for the user.", only_with=(LOGIN, (APP,)),
        ),
        SecretKind(
            PASSWORD, "Password", "Needed for user name and password: that of the desk’s own user.",
            only_with=(LOGIN, (BY_PASSWORD,)),
        ),
        SecretKind(
            TOKEN, "Security token", "With user name and password, unless the desk’s address is a trusted one: Salesforce "
            "mails it to the user, under Settings, Reset My Security Token.", required=False,
        ),
    ),
    fields=(
        Setting(
            LOGIN, "How the desk logs in", "JWT needs the user name, the consumer key and the private key; client "
            "credentials the consumer key and the consumer secret; user name and password those two. docs/salesforce.md "
            "says how each is set up.", choices=WAYS,
        ),
        Setting(
            DOMAIN, "Address (My Domain)", "Setup, My Domain, “Current My Domain URL”.",
            pattern=r"(https://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.my\.salesforce\.com/?",
            such_as="acme.my.salesforce.com",
        ),
        Setting(
            ORGANISATION, "Organisation id", "Setup, Company Information, “Salesforce.com Organization ID”: 15 characters. "
            "What comes from another organisation is refused.", pattern=r"00D\w{12}", such_as="00D5g0000012345",
            is_account=True,
        ),
        Setting(
            USER, "User name", "Needed for JWT, and for user name and password: as whom the desk reads and writes.",
            only_with=(LOGIN, (JWT, BY_PASSWORD)), such_as="desk@acme.example",
        ),
        Setting(
            CONSUMER_KEY, "Consumer key", "Needed for JWT and for client credentials: shown at the app, “Manage Consumer "
            "Details”.", only_with=(LOGIN, (JWT, APP)),
        ),
        Setting(
            BASE, "Address of the API", "Leave it empty: it is for trying out with a pretended Salesforce on this machine.",
            required=False, pattern=ON_THIS_MACHINE, such_as="http://127.0.0.1:12112",
        ),
    ),
    mode_words="A sandbox or a developer’s organisation is for trying out; its My Domain address says so.",
    trying="Nothing of it is kept apart: what a sandbox’s deals bring stands beside what real ones do. Connect a sandbox "
    "only to a desk that is for trying out.",
    next_steps=(
        "Open the CRM page of this connection, look at what it needs, and let the desk set it up, or hand the list to an "
        "administrator.",
        "There, under “What deals become”, say so, try it on real ones, and switch the flows on, companies first.",
        "To hear of changes within seconds: in Setup, Outbound Messages, add one for opportunities and one for accounts, "
        "with the address above followed by ?token= and the token of pushes, and let a record-triggered flow send them.",
        "Or let the flow call the address above itself, with the token as its bearer and {\"id\": the record’s id} as its "
        "body. docs/salesforce.md shows both.",
    ),
    may=NEEDS,
    acknowledgement=pushes.HEARD,
)  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready()."""
    vendors.register(SALESFORCE)
    vendors.register_handler(SYSTEM, tuple(pushes.KINDS), pushes.take)
    port.register(SYSTEM, SYSTEM_OF_IT)
