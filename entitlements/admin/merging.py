"""Merging a duplicate: find the other account, see side by side what becomes of everything, then ask."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from entitlements.actions.merging import ask_to_merge
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import Stage
from entitlements.admin.pages import AccountFormPage
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.duplicates import likely_duplicates, likely_duplicates_of
from entitlements.queries.merge_cautions import blockers
from entitlements.queries.merging import PERMISSION, MergePreview, merge_token, preview_merge, waiting_merge
from journal.admin.pages import Page
from journal.domain.refusal import NotFound
from journal.models import Approval

MOST_FOUND = 10


class MergeForm(forms.Form):
    """`seen` is what both held when the page was shown: what has come or gone since is looked at first."""

    other = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    reason = ReasonField(help_text="How you know that they are one customer. It stands in the audit beside your name.")


class MergePage(AccountFormPage):
    """Two steps: which account is the duplicate, and what merging it leads to."""

    permission = PERMISSION
    template_name = "entitlements/merging/merge.html"

    @cached_property
    def other(self) -> Account | None:
        asked = self.request.POST.get("other") or self.request.GET.get("other") or ""
        try:
            return account_by_key(asked.strip()) if asked.strip() else None
        except NotFound:
            return None

    def form(self, *, data: Any = None) -> MergeForm:
        if self.other is None:
            return MergeForm(data)
        token = merge_token(duplicate=self.other, into=self.account)
        return MergeForm(data, initial={"other": self.other.key, "seen": token})

    def act(self, form: MergeForm) -> HttpResponse:
        if self.other is None:
            return self.get(self.request)
        given = form.cleaned_data
        told = ask_to_merge(
            duplicate=self.other,
            into=self.account,
            reason=given["reason"],
            seen=given["seen"],
            by=self.by,
            at=self.at,
        )
        if isinstance(told, Approval):
            return self.done(f"Merging {self.other} waits for approval, and nothing changes until then.")
        return self.done(f"{self.other} is merged into {self.account}.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        if form.is_bound and self.other is not None:
            # It is shown anew beside how things stand now, so that is what it was opened with from here on.
            form.data = form.data.copy()
            form.data["seen"] = merge_token(duplicate=self.other, into=self.account)
        title = f"Merge {self.other} into {self.account}" if self.other else f"Merge a duplicate into {self.account}"
        found = self._comparison(self.other) if self.other is not None else self._choice()
        return {**super().get_context_data(**kwargs), "title": title, "other": self.other, **found}

    def _choice(self) -> dict[str, Any]:
        """Whom it may be the same as, and what was found by what was typed."""
        asked = self.request.GET.get("q") or self.request.GET.get("other") or ""
        found = [one for one in find_accounts(text=asked, limit=MOST_FOUND) if one != self.account]
        likely = [
            (alike.other if alike.one == self.account else alike.one, alike.shared)
            for alike in likely_duplicates_of(self.account)
        ]
        return {"asked": asked, "found": found, "likely": likely}

    def _comparison(self, other: Account) -> dict[str, Any]:
        waiting = waiting_merge(duplicate=other, into=self.account)
        refused = list(blockers(other, self.account, at=self.at, asked=waiting))
        swap = f"{reverse('admin:entitlements_account_merge', args=[other.key])}?other={self.account.key}"
        if refused:
            return {"refused": refused, "swap": "" if other == self.account else swap}
        preview = preview_merge(duplicate=other, into=self.account, at=self.at)
        return {"merge": preview, "stages": self._stages(other, preview), "swap": swap, "waiting": waiting}

    def _stages(self, other: Account, preview: MergePreview) -> list[Stage]:
        same = f"Nothing: what {other} has adds nothing to it."
        told = f"Nothing: {self.account} may do the same."
        return [
            Stage(f"What {self.account} has otherwise", preview.changes, same),
            Stage(f"What programs that ask for {other} are told instead", preview.instead, told),
        ]


class DuplicatesPage(Page):
    """Pairs of accounts that look like one customer; each is looked at before anything is merged."""

    permission = PERMISSION
    template_name = "entitlements/merging/duplicates.html"
    title = "Possible duplicates"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(pairs=likely_duplicates(), **kwargs))
