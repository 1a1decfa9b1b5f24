"""Saying whose a purchase is that the desk couldn't tell: one of those it may be, another account, or a new one."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms

from entitlements.actions.billed.customers import confirm_customer
from entitlements.actions.billed.runs import start_looking
from entitlements.admin.billed.look_pages import NOT_YET
from entitlements.admin.billed.pages import FindingAsk, SeenForm
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts, similar_accounts
from entitlements.queries.billed.findings import waiting_alike
from entitlements.queries.holdings import holdings
from journal.domain.refusal import Invalid, Refusal
from journal.models import Job

NEW = "new"
MOST_FOUND = 10


class WhoseForm(SeenForm):
    account = forms.CharField(
        label="Whose it is",
        error_messages={"required": "Choose an account, or that it is a new one."},
        widget=forms.RadioSelect,
    )
    reason = ReasonField(help_text="How you know. It stands in the audit beside your name.")


class WhosePage(FindingAsk):
    title = "Say whose it is"
    template_name = "entitlements/billed/whose.html"
    form_class = WhoseForm
    kinds = frozenset({FindingKind.DOUBTFUL})
    button: ClassVar[str] = "It is theirs"

    @property
    def asked(self) -> str:
        return self.request.GET.get("q", "").strip()[:200]

    @cached_property
    def searched(self) -> list[Account]:
        if not self.asked:
            return []
        found = find_accounts(text=self.asked, limit=MOST_FOUND)
        return found or similar_accounts(text=self.asked, limit=MOST_FOUND)

    @cached_property
    def candidates(self) -> dict[str, Account]:
        """Those the desk thought of, and those that were searched for, by their keys."""
        keys = [str(key) for key in self.finding.evidence.get("ours") or []]
        rows = Account.objects.filter(key__in=keys, merged_into=None).select_related("owner").order_by("name", "pk")
        found = {row.key: row for row in rows}
        for row in self.searched:
            found.setdefault(row.key, row)
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        return {
            **super().get_context_data(**kwargs),
            "theirs": self.finding.evidence.get("theirs") or {},
            "candidates": self._shown(),
            "asked": self.asked,
            "found": bool(self.searched),
            "chosen": form["account"].value() or "",
            "new": NEW,
        }

    def _shown(self) -> list[dict[str, Any]]:
        accounts = list(self.candidates.values())
        held = holdings(account_ids=[one.pk for one in accounts], at=self.at)
        sees = self.request.user.has_perm(VIEW_ACCOUNT)
        return [
            {
                "account": one,
                "url": account_url(one) if sees else "",
                "people": [f"{person.name}, {person.email}" for person in one.contacts.all()[:5]],
                "ids": _ids(one),
                "plans": [item.version for sub in held[one.pk] if sub.live for item in sub.plans],
            }
            for one in accounts
        ]

    def settle(self, form: forms.Form) -> str | Job:
        chosen, row = form.cleaned_data["account"], self.finding
        if chosen != NEW and chosen not in self.candidates:
            raise Invalid("This account isn’t one of those shown. Search for it first.", field="account")
        account = None if chosen == NEW else self.candidates[chosen]
        reason = form.cleaned_data["reason"]
        found = confirm_customer(finding=row, account=account, reason=reason, by=self.by, at=self.at)
        said = f"It is {found}’s from now on."
        try:
            looked = self.system.look_again(finding=row, by=self.by, at=self.at)
        except Refusal as refusal:
            return f"{said} {NOT_YET} {refusal.message}"
        if waiting_alike(row).exists():
            self.tell(f"{said} {looked}")
            return start_looking(finding=row, by=self.by, at=self.at)
        return f"{said} {looked}"


def _ids(account: Account) -> list[str]:
    rows = account.identifiers.filter(kind=IdentifierKind.EXTERNAL).order_by("system", "pk")[:5]
    return [f"{row.system}: {row.value}" for row in rows]
