"""Choosing the account that a company is: one of those proposed, another that was searched for, or a new one."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from desk.actions.crm.linking import link_company, open_for
from desk.models import CrmCompany
from desk.queries.crm.listing import accounts_named
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts, similar_accounts
from entitlements.queries.holdings import holdings
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid

NEW = "new"
MOST_FOUND = 10


class WhoseForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    account = forms.CharField(
        label="Whose it is",
        error_messages={"required": "Choose an account, or that it is a new one."},
        widget=forms.RadioSelect,
    )
    reason = ReasonField(help_text="How you know. It stands in the audit beside your name.")


def asked_in(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:200]


def candidates(proposed: Collection[str], *, asked: str) -> dict[str, Account]:
    """Those that the desk thought of, and those that were searched for, by their keys."""
    found = dict(accounts_named(proposed)) if proposed else {}
    searched = find_accounts(text=asked, limit=MOST_FOUND) if asked else []
    if asked and not searched:
        searched = similar_accounts(text=asked, limit=MOST_FOUND)
    for row in searched:
        found.setdefault(row.key, row)
    return found


def shown(accounts: Collection[Account], *, user: Any, at: datetime) -> list[dict[str, Any]]:
    """Each with what tells it from the others; the same number of reads however many they are."""
    held = holdings(account_ids=[one.pk for one in accounts], at=at)
    sees = user.has_perm(VIEW_ACCOUNT)
    known = Account.objects.prefetch_related("identifiers", "contacts").in_bulk([one.pk for one in accounts])
    return [
        {
            "account": one,
            "url": account_url(one) if sees else "",
            "domains": _named(known[one.pk], IdentifierKind.DOMAIN),
            "ids": _named(known[one.pk], IdentifierKind.EXTERNAL),
            "people": [f"{person.name}, {person.email}" for person in known[one.pk].contacts.all()[:3]],
            "plans": [item.version for sub in held[one.pk] if sub.live for item in sub.plans],
        }
        for one in accounts
    ]


def link(
    company: CrmCompany, chosen: str, fits: Mapping[str, Account], *, reason: str, by: Actor, at: datetime
) -> Account:
    """Link it with what was chosen; whose it is from now on."""
    if chosen == NEW:
        return open_for(company=company, by=by, at=at)
    if chosen not in fits:
        raise Invalid("This account isn’t one of those shown. Search for it first.", field="account")
    link_company(company=company, account=fits[chosen], reason=reason, by=by, at=at)
    return fits[chosen]


def _named(account: Account, kind: IdentifierKind) -> list[str]:
    rows = [one for one in account.identifiers.all() if one.kind == kind]
    return [f"{one.system}: {one.value}" if one.system else one.value for one in rows][:5]
