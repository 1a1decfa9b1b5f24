"""The sidebar: by the job to be done, not by table. Each link shows only to those whose role opens it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy


def _holders_of(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission))

    return allowed


def _link(title: str, icon: str, url: str, permission: str, says: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{url}"),
        "permission": _holders_of(permission),
        "says": says,
    }


NAVIGATION: list[dict[str, Any]] = [
    {
        "title": "Finance",
        "separator": True,
        "items": [
            _link(
                "Plan sheet",
                "table_chart",
                "catalog_sheet",
                "catalog.view_planversion",
                "What each plan gives, feature by feature. Open a draft, change a cell, review and publish.",
            ),
            _link(
                "Waiting for a person",
                "contact_support",
                "catalog_vague",
                "catalog.change_planversion",
                "Cells the price page leaves open, each with its own words.",
            ),
            _link(
                "Plans and versions",
                "sell",
                "catalog_plan_changelist",
                "catalog.view_plan",
                "Every version of every plan, and who it reaches.",
            ),
            _link(
                "Features",
                "toggle_on",
                "catalog_feature_changelist",
                "catalog.view_feature",
                "What there is to sell, and how each is counted.",
            ),
            _link(
                "Markets",
                "public",
                "catalog_market_changelist",
                "catalog.view_market",
                "Where things are sold and provided.",
            ),
        ],
    },
    {
        "title": "Sales",
        "separator": True,
        "items": [
            _link(
                "Accounts",
                "domain",
                "entitlements_account_changelist",
                "entitlements.view_account",
                "Find a customer; see what it may do and why; grant, extend, revoke.",
            ),
            _link(
                "Overrides",
                "tune",
                "entitlements_override_changelist",
                "entitlements.view_override",
                "What customers were promised beyond their plan.",
            ),
            _link(
                "Approvals",
                "approval",
                "journal_approval_changelist",
                "journal.view_approval",
                "What waits for a second person.",
            ),
            _link(
                "What each role may concede",
                "gavel",
                "entitlements_concessionpolicy_changelist",
                "entitlements.view_concessionpolicy",
                "How much, how long and how often, without asking anybody.",
            ),
        ],
    },
    {
        "title": "Support",
        "separator": True,
        "items": [
            _link(
                "Is this customer covered?",
                "support_agent",
                "support_lookup",
                "support.look_up_cover",
                "Type an e-mail, domain, name or id; get the answer and its reason.",
            ),
            _link(
                "Support promises",
                "timer",
                "support_slapolicy_changelist",
                "support.view_slapolicy",
                "Response targets by tier and severity.",
            ),
            _link(
                "Calendars",
                "calendar_month",
                "support_businesscalendar_changelist",
                "support.view_businesscalendar",
                "When the clock of a promise runs.",
            ),
        ],
    },
    {
        "title": "Audit",
        "separator": True,
        "items": [
            _link(
                "Who changed what",
                "history",
                "journal_auditevent_changelist",
                "journal.view_auditevent",
                "Every act, with who, when and why; nobody can edit it.",
            ),
            _link(
                "Seals",
                "lock",
                "journal_auditseal_changelist",
                "journal.view_auditseal",
                "Signatures that prove nothing was altered.",
            ),
            _link(
                "What changed for customers",
                "compare_arrows",
                "entitlements_entitlementchange_changelist",
                "entitlements.view_entitlementchange",
                "Each gain and loss at its instant, with its cause.",
            ),
            _link("Notices", "mail", "journal_notice_changelist", "journal.view_notice", "What was told to whom."),
            _link(
                "Deliveries",
                "outbox",
                "journal_outbound_changelist",
                "journal.view_outbound",
                "What is on its way, and what needs a person.",
            ),
        ],
    },
    {
        "title": "Administration",
        "separator": True,
        "items": [
            _link(
                "Staff", "group", "journal_staff_changelist", "journal.view_staff", "Who works here, and in which role."
            ),
            _link(
                "API keys",
                "key",
                "journal_apikey_changelist",
                "journal.view_apikey",
                "Which programs may ask, and what.",
            ),
        ],
    },
]
