"""Who may work here, people and programs."""

from config.navigation.links import group, link

ADMINISTRATION = group(
    "Administration",
    link("Staff", "group", "journal_staff_changelist", "journal.view_staff", "Who works here, and in which role."),
    link(
        "API keys",
        "key",
        "journal_apikey_changelist",
        "journal.view_apikey",
        "Which programs may ask, and what.",
    ),
    link(
        "Signing keys",
        "fingerprint",
        "entitlements_signingkey_changelist",
        "entitlements.view_signingkey",
        "What licence files are signed with.",
    ),
    link(
        "Webhooks",
        "webhook",
        "journal_webhookendpoint_changelist",
        "journal.view_webhookendpoint",
        "Which other systems are told what happens, and whether they hear it.",
    ),
    link(
        "Connections",
        "cable",
        "journal_connection_changelist",
        "journal.view_connection",
        "Which other systems tell the desk what happens there, and whether it arrives.",
    ),
    link(
        "Arrivals",
        "move_to_inbox",
        "journal_inbound_changelist",
        "journal.view_inbound",
        "What connected systems told the desk, what came of it, and what needs a person.",
    ),
)
