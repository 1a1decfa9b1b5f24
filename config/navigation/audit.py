"""What happened, and what was told to whom."""

from config.navigation.links import group, link

AUDIT = group(
    "Audit",
    link(
        "Who changed what",
        "history",
        "journal_auditevent_changelist",
        "journal.view_auditevent",
        "Every act, with who, when and why; nobody can edit it.",
    ),
    link(
        "Seals",
        "lock",
        "journal_auditseal_changelist",
        "journal.view_auditseal",
        "Signatures that prove nothing was altered.",
    ),
    link(
        "What changed for customers",
        "compare_arrows",
        "entitlements_entitlementchange_changelist",
        "entitlements.view_entitlementchange",
        "Each gain and loss at its instant, with its cause.",
    ),
    link(
        "Granted and refused",
        "policy",
        "entitlements_access",
        "entitlements.view_accesscount",
        "Where products asked, how often they were told yes or no, and why.",
        pages="entitlements_decisiontrace",
    ),
    link(
        "Long work",
        "pending_actions",
        "journal_job_changelist",
        "journal.view_job",
        "Imports and other work that takes a while: how far it is, and what failed.",
    ),
    link("Notices", "mail", "journal_notice_changelist", "journal.view_notice", "What was told to whom."),
    link(
        "Deliveries",
        "outbox",
        "journal_outbound_changelist",
        "journal.view_outbound",
        "What is on its way, and what needs a person.",
    ),
)
