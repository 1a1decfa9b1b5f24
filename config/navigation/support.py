"""Who is covered, and by when they are owed an answer."""

from config.navigation.links import group, link

SUPPORT = group(
    "Support",
    link(
        "Board",
        "view_kanban",
        "support_board",
        "support.view_case",
        "Which cases are late, due next, waiting and without a promise; it keeps itself right.",
    ),
    link(
        "Cases",
        "confirmation_number",
        "support_case_changelist",
        "support.view_case",
        "Every ticket that is promised something: its clocks, what happened, and why it is due when it is.",
    ),
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
        "What each tier promises by severity and channel, in versions; who gets it, and what a change would do.",
    ),
    link(
        "Try a made-up case",
        "timer_play",
        "support_policy_try",
        "support.view_slapolicy",
        "When would it be due, and why: by any policy or draft, opened at any moment, anywhere.",
    ),
    link(
        "Severities",
        "priority_high",
        "support_severity_changelist",
        "support.view_severity",
        "How bad a case can be, from the worst on.",
    ),
    link(
        "Teams",
        "diversity_3",
        "support_team_changelist",
        "support.view_team",
        "Who works on cases together, and where warnings reach them.",
    ),
    link(
        "How accounts are doing",
        "monitor_heart",
        "support_accounthealth_changelist",
        "support.view_accounthealth",
        "A word of whoever looks after a customer; rules of a promise may move its targets by it.",
    ),
    link(
        "Calendars",
        "calendar_month",
        "support_businesscalendar_changelist",
        "support.view_businesscalendar",
        "When the clock of a promise runs.",
    ),
)
