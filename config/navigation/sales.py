"""Whom it is sold to, and what they were promised beyond their plan."""

from config.navigation.links import group, link

SALES = group(
    "Sales",
    link(
        "Accounts",
        "domain",
        "entitlements_account_changelist",
        "entitlements.view_account",
        "Find a customer; see what it may do and why; grant, extend, revoke.",
        pages="desk_account",
    ),
    link(
        "Contracts",
        "contract",
        "entitlements_contract_changelist",
        "entitlements.view_contract",
        "What was agreed with whom, in versions: what renews, what ends, what waits.",
    ),
    link(
        "Licences",
        "vpn_key",
        "entitlements_licence_changelist",
        "entitlements.view_licence",
        "Keys by which software at the customer names it: who has which, where it runs, and until when.",
    ),
    link(
        "Overrides",
        "tune",
        "entitlements_override_changelist",
        "entitlements.view_override",
        "What customers were promised beyond their plan.",
    ),
    link(
        "Loans",
        "timelapse",
        "entitlements_loan_changelist",
        "entitlements.view_loan",
        "What was lent for a time, to a customer or a whole cohort; lend more, or recall it.",
    ),
    link(
        "Overrides to look at",
        "rule",
        "entitlements_review",
        "entitlements.view_override",
        "What ends, is due, was given by people who left, or can go: decide one after the other.",
        badge="entitlements.admin.review.queue_page.due",
    ),
    link(
        "Where overrides happen",
        "bar_chart",
        "entitlements_where",
        "entitlements.view_override",
        "Exceptions by feature, reason, team and person, week by week.",
    ),
    link(
        "Redeemed codes",
        "confirmation_number",
        "entitlements_redemption_changelist",
        "entitlements.view_redemption",
        "Who used which promotional code, and what it gave.",
    ),
    link(
        "Approvals",
        "approval",
        "journal_approval_changelist",
        "journal.view_approval",
        "What waits for a second person.",
        badge="journal.admin.approvals.waiting_for",
    ),
    link(
        "Announced ahead",
        "notifications",
        "entitlements_reminder_changelist",
        "entitlements.view_reminder",
        "Which ends are told beforehand, how many days ahead, and to whom.",
    ),
    link(
        "What each role may concede",
        "gavel",
        "entitlements_concessionpolicy_changelist",
        "entitlements.view_concessionpolicy",
        "How much, how long and how often, without asking anybody.",
    ),
    link(
        "Reasons to choose from",
        "label",
        "entitlements_reasoncode_changelist",
        "entitlements.view_reasoncode",
        "Why customers are given something special; staff choose one of these.",
    ),
)
