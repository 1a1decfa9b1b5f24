"""Who is covered, and by when they are owed an answer."""

from config.navigation.links import group, link

SUPPORT = group(
    "Support",
    link(
        "Is this customer covered?",
        "support_agent",
        "support_lookup",
        "support.look_up_cover",
        "Type an e-mail, domain, name or id; get the answer and its reason.",
    ),
    link(
        "Try a check",
        "science",
        "entitlements_playground",
        "entitlements.view_account",
        "Ask what a product would ask: the answer, every reason, what is left, and the line that asks it.",
    ),
    link(
        "Try a licence",
        "key",
        "entitlements_licence_try",
        "entitlements.view_licence",
        "Ask what software at the customer would ask with its key: the answer, its reason code, and why.",
    ),
    link(
        "Support promises",
        "timer",
        "support_slapolicy_changelist",
        "support.view_slapolicy",
        "Response targets by tier and severity.",
    ),
    link(
        "Calendars",
        "calendar_month",
        "support_businesscalendar_changelist",
        "support.view_businesscalendar",
        "When the clock of a promise runs.",
    ),
)
