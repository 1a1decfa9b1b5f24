"""The sidebar: by the job to be done, not by table. Each link shows only to those whose role opens it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy


def _holders_of(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission))

    return allowed


def _here(url: str, pages: str) -> Callable[[HttpRequest], bool]:
    """Whether the reader is below this link: of several that fit the address, the nearest is the one."""

    def is_active(request: HttpRequest) -> bool:
        found = request.resolver_match
        if pages and found is not None and (found.url_name or "").startswith(pages):
            return True
        nearest = max((link for link in _addresses() if request.path.startswith(link)), key=len, default="")
        return nearest == _address(url)

    return is_active


@cache
def _address(url: str) -> str:
    return reverse(f"admin:{url}")


@cache
def _addresses() -> tuple[str, ...]:
    """Where every link leads, worked out once: each page asks this for each of its links."""
    return tuple(str(item["link"]) for group in NAVIGATION for item in group["items"])


def _link(
    title: str, icon: str, url: str, permission: str, says: str, *, badge: str = "", pages: str = ""
) -> dict[str, Any]:
    """One link. `pages`: how the names of pages begin that belong to it and stand elsewhere."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{url}"),
        "active": _here(url, pages),
        "permission": _holders_of(permission),
        "says": says,
        **({"badge": badge} if badge else {}),
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
                "Who has which version",
                "history_edu",
                "entitlements_grandfathering_plans",
                "entitlements.view_account",
                "Who keeps an earlier version of a plan, why, and what it gives them.",
            ),
            _link(
                "Bundles",
                "shopping_bag",
                "catalog_bundle_changelist",
                "catalog.view_bundle",
                "Any 3 of these 5 add-ons, sold as one thing.",
            ),
            _link(
                "Promotional codes",
                "redeem",
                "catalog_promocode_changelist",
                "catalog.view_promocode",
                "What each code gives, for how long, and how often it was used.",
            ),
            _link(
                "Publications",
                "rocket",
                "catalog_rollout_changelist",
                "catalog.view_rollout",
                "What was published for whom, what is scheduled, and what became of it.",
            ),
            _link(
                "Cohorts",
                "groups",
                "entitlements_cohort_changelist",
                "entitlements.view_cohort",
                "Accounts chosen for a publication, and nobody else.",
            ),
            _link(
                "Billing periods",
                "event_repeat",
                "entitlements_billingperiod_changelist",
                "entitlements.view_billingperiod",
                "What subscriptions were billed for, and so when they renew.",
            ),
            _link(
                "Features",
                "toggle_on",
                "catalog_feature_changelist",
                "catalog.view_feature",
                "What there is to sell, how each is counted, and by which rules.",
            ),
            _link(
                "Packages",
                "inventory_2",
                "catalog_packages",
                "catalog.view_planversion",
                "What is sold as a whole, and what each part of it gives.",
            ),
            _link(
                "Billing system",
                "receipt_long",
                "catalog_billing",
                "catalog.view_billinglink",
                "What plans, prices and features are called where they are billed; what is missing.",
            ),
            _link(
                "Markets",
                "public",
                "catalog_market_changelist",
                "catalog.view_market",
                "Where things are sold and provided.",
            ),
            _link(
                "Import and export",
                "swap_vert",
                "catalog_importrun_changelist",
                "catalog.view_importrun",
                "Accounts and the catalog from a spreadsheet, looked at before anything is written; the catalog into one.",
            ),
            _link(
                "What starts or ends soon",
                "rocket_launch",
                "catalog_launches",
                "catalog.view_market",
                "Launches and ends in the days ahead, market by market.",
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
                pages="desk_account",
            ),
            _link(
                "Contracts",
                "contract",
                "entitlements_contract_changelist",
                "entitlements.view_contract",
                "What was agreed with whom, in versions: what renews, what ends, what waits.",
            ),
            _link(
                "Overrides",
                "tune",
                "entitlements_override_changelist",
                "entitlements.view_override",
                "What customers were promised beyond their plan.",
            ),
            _link(
                "Loans",
                "timelapse",
                "entitlements_loan_changelist",
                "entitlements.view_loan",
                "What was lent for a time, to a customer or a whole cohort; lend more, or recall it.",
            ),
            _link(
                "Overrides to look at",
                "rule",
                "entitlements_review",
                "entitlements.view_override",
                "What ends, is due, was given by people who left, or can go: decide one after the other.",
                badge="entitlements.admin.review.queue_page.due",
            ),
            _link(
                "Where overrides happen",
                "bar_chart",
                "entitlements_where",
                "entitlements.view_override",
                "Exceptions by feature, reason, team and person, week by week.",
            ),
            _link(
                "Redeemed codes",
                "confirmation_number",
                "entitlements_redemption_changelist",
                "entitlements.view_redemption",
                "Who used which promotional code, and what it gave.",
            ),
            _link(
                "Approvals",
                "approval",
                "journal_approval_changelist",
                "journal.view_approval",
                "What waits for a second person.",
                badge="journal.admin.approvals.waiting_for",
            ),
            _link(
                "Announced ahead",
                "notifications",
                "entitlements_reminder_changelist",
                "entitlements.view_reminder",
                "Which ends are told beforehand, how many days ahead, and to whom.",
            ),
            _link(
                "What each role may concede",
                "gavel",
                "entitlements_concessionpolicy_changelist",
                "entitlements.view_concessionpolicy",
                "How much, how long and how often, without asking anybody.",
            ),
            _link(
                "Reasons to choose from",
                "label",
                "entitlements_reasoncode_changelist",
                "entitlements.view_reasoncode",
                "Why customers are given something special; staff choose one of these.",
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
            _link(
                "Long work",
                "pending_actions",
                "journal_job_changelist",
                "journal.view_job",
                "Imports and other work that takes a while: how far it is, and what failed.",
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
