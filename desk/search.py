"""⌘K: customers and pages, bounded, and only what the person may see."""

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from entitlements.queries.accounts import find_accounts

MOST = 8
SHORTEST = 2

PAGES = (
    ("Plan sheet", "admin:catalog_sheet", "catalog.view_planversion", "price plan feature matrix"),
    ("Waiting for a person", "admin:catalog_vague", "catalog.view_planversion", "vague unsettled cells custom"),
    ("Accounts", "admin:entitlements_account_changelist", "entitlements.view_account", "customers companies"),
    ("Approvals", "admin:journal_approval_changelist", "journal.view_approval", "inbox requests approve"),
    ("Is this customer covered?", "admin:support_lookup", "support.look_up_cover", "support coverage lookup sla"),
    ("Audit", "admin:journal_auditevent_changelist", "journal.view_auditevent", "history who changed what"),
)


def palette(request: HttpRequest, term: str) -> list[SearchResult]:
    """What the palette shows for a term: pages by title, then accounts by key, name, domain, e-mail or id."""
    wanted = term.strip()
    if len(wanted) < SHORTEST:
        return []
    return [*_pages(request, wanted.lower()), *_accounts(request, wanted)][:MOST]


def _pages(request: HttpRequest, wanted: str) -> list[SearchResult]:
    return [
        SearchResult(title=title, description="Page", link=reverse(url), icon="arrow_forward")
        for title, url, permission, words in PAGES
        if wanted in f"{title} {words}".lower() and request.user.has_perm(permission)
    ]


def _accounts(request: HttpRequest, wanted: str) -> list[SearchResult]:
    if not request.user.has_perm("entitlements.view_account"):
        return []
    return [
        SearchResult(
            title=account.name,
            description=f"{account.key} · {account.country or account.zone}",
            link=reverse("admin:entitlements_account_page", args=[account.key]),
            icon="domain",
        )
        for account in find_accounts(text=wanted, limit=MOST)
    ]
