"""⌘K: customers, devices, licences, cases, pages and the quick acts; bounded, and only what the person may see and do."""

import re
from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.dataclasses import SearchResult

from entitlements.admin.licences.pages import VIEW as LICENCES
from entitlements.admin.licences.pages import licence_url
from entitlements.admin.licences.words import shown_key
from entitlements.admin.pages import account_url
from entitlements.admin.wording import say_end, say_left
from entitlements.models import Account, Licence
from entitlements.queries.accounts import find_accounts, similar_accounts
from entitlements.queries.licences.trying import licence_typed
from entitlements.queries.life.trials import trials_of
from support.admin.assets.pages import VIEW as ASSETS
from support.admin.assets.pages import asset_url
from support.admin.cases.pages import VIEW as CASES
from support.admin.cases.pages import case_url
from support.domain.case_events import CaseState
from support.queries.assets.finding import asset_by_serial
from support.queries.cases.finding import find_cases
from support.queries.whom import devices_beginning, licences_beginning

MOST = 8
FEW = 3
SHORTEST = 2

PAGES = (
    ("Plan sheet", "admin:catalog_sheet", "catalog.view_planversion", "price plan feature matrix"),
    ("Waiting for a person", "admin:catalog_vague", "catalog.view_planversion", "vague unsettled cells custom"),
    ("Accounts", "admin:entitlements_account_changelist", "entitlements.view_account", "customers companies"),
    ("Approvals", "admin:journal_approval_changelist", "journal.view_approval", "inbox requests approve"),
    ("Try a check", "admin:entitlements_playground", "entitlements.view_account", "playground check explain curl api"),
    ("Is this customer covered?", "admin:support_lookup", "support.look_up_cover", "support coverage lookup sla"),
    ("Board", "admin:support_board", CASES, "support cases due late overdue queue tickets"),
    ("Cases", "admin:support_case_changelist", CASES, "support tickets sla clocks"),
    ("Open a case", "admin:support_case_open", "support.handle_case", "support ticket new"),
    ("Licences", "admin:entitlements_licence_changelist", LICENCES, "keys activations devices domains"),
    ("Try a licence", "admin:entitlements_licence_try", LICENCES, "key validate fingerprint version"),
    ("Audit", "admin:journal_auditevent_changelist", "journal.view_auditevent", "history who changed what"),
)


LICENCE_KEY = re.compile(r"^\s*(el_|[a-z2-7]{8}(_?[.…]*)?\s*$)", re.IGNORECASE)
EXTEND = "entitlements.extend_trial"
EXTENDING = re.compile(r"^extend\s+(?:(?:the\s+)?trial\s+(?:of\s+)?)?(?P<whom>.+)$", re.IGNORECASE)


def palette(request: HttpRequest, term: str) -> list[SearchResult]:
    """What the palette shows for a term: licences, cases and devices by their numbers, pages by title, then accounts by
    key, name, domain, e-mail or id; where there is none, by a name nearly like it.

    Below an account stands what can be done for it at once; "extend acme" asks for that alone.
    """
    wanted = term.strip()
    if len(wanted) < SHORTEST:
        return []
    found = [*_extending(request, wanted), *_licence(request, wanted), *_cases(request, wanted)]
    found += _devices(request, wanted)
    return [*found, *_pages(request, wanted.lower()), *_accounts(request, wanted)][:MOST]


def _pages(request: HttpRequest, wanted: str) -> list[SearchResult]:
    return [
        SearchResult(title=title, description="Page", link=reverse(url), icon="arrow_forward")
        for title, url, permission, words in PAGES
        if wanted in f"{title} {words}".lower() and request.user.has_perm(permission)
    ]


def _licence(request: HttpRequest, wanted: str) -> Iterator[SearchResult]:
    """The licence of a whole key, or those of the beginning of one: "el_ab12cd34…", or that without its mark, "el_ab"."""
    if not request.user.has_perm(LICENCES) or not LICENCE_KEY.match(wanted):
        return
    row, _why = licence_typed(wanted)
    for one in [row] if row is not None else licences_beginning(wanted, limit=FEW):
        yield _of_licence(one)


def _of_licence(row: Licence) -> SearchResult:
    return SearchResult(
        title=f"{shown_key(row.prefix)} {row.name or row.policy}",
        description=f"Licence of {row.account}",
        link=licence_url(row),
        icon="vpn_key",
    )


def _devices(request: HttpRequest, wanted: str) -> Iterator[SearchResult]:
    """The device of a serial number, else the first few whose number begins so; a number has a digit."""
    if not request.user.has_perm(ASSETS) or not any(letter.isdigit() for letter in wanted):
        return
    for asset in (asset_by_serial(wanted) or devices_beginning(wanted, limit=FEW))[:FEW]:
        retired = "" if asset.retired_at is None else " · retired"
        yield SearchResult(
            title=f"{asset.product} {asset.serial}",
            description=f"Device of {asset.account}{retired}",
            link=asset_url(asset),
            icon="precision_manufacturing",
        )


def _cases(request: HttpRequest, wanted: str) -> Iterator[SearchResult]:
    """The case of our number ("C-123"), or of the help desk's."""
    if not request.user.has_perm(CASES):
        return
    for case in find_cases(text=wanted, limit=FEW):
        whose = case.account or "unknown customer"
        yield SearchResult(
            title=f"{case.number} {case.subject}",
            description=f"{case.severity} · {CaseState(case.state).words} · {whose}",
            link=case_url(case),
            icon="confirmation_number",
        )


def _accounts(request: HttpRequest, wanted: str) -> list[SearchResult]:
    if not request.user.has_perm("entitlements.view_account"):
        return []
    accounts = find_accounts(text=wanted, limit=MOST) or similar_accounts(text=wanted, limit=FEW)
    acts = _trials(request, accounts)
    return [result for account in accounts for result in (_account(account), *acts.get(account.pk, ()))]


def _account(account: Account) -> SearchResult:
    return SearchResult(
        title=account.name,
        description=f"{account.country or account.zone} · {account.key}",
        link=account_url(account),
        icon="domain",
    )


def _extending(request: HttpRequest, wanted: str) -> Iterator[SearchResult]:
    """What "extend acme" asks for; a customer of that very name is found as well, further down."""
    asked = EXTENDING.match(wanted)
    if asked is None or len(asked["whom"]) < SHORTEST or not request.user.has_perm("entitlements.view_account"):
        return
    for acts in _trials(request, find_accounts(text=asked["whom"], limit=MOST)).values():
        yield from acts


def _trials(request: HttpRequest, accounts: Sequence[Account]) -> dict[int, list[SearchResult]]:
    """To extend each running trial of the accounts, for whoever may."""
    if not accounts or not request.user.has_perm(EXTEND):
        return {}
    now = timezone.now()
    found = trials_of(account_ids=[account.pk for account in accounts], at=now)
    return {
        account.pk: [
            SearchResult(
                title=f"Extend the trial of {account.name}",
                description=f"{say_end(trial.ends_at, zone=account.zone)}, {say_left(trial.ends_at, at=now)}",
                link=reverse("admin:entitlements_trial_extend", args=[account.key, trial.subscription.number]),
                icon="update",
            )
            for trial in found[account.pk]
            if trial.ends_at is not None
        ]
        for account in accounts
    }
