"""Lending: to whom, what, for how long and why, and what that does to each of them before the button."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from catalog.models import Feature, Plan
from entitlements.actions.loans import LoanProposal, lend, propose_loan
from entitlements.admin.loans.effects import LOOKED_AT, alike, left_out
from entitlements.admin.loans.form import FEATURE, PLAN, BorrowerForm, LoanForm, WhatForm
from entitlements.admin.pages import VIEW, account_url
from entitlements.models import Account, Cohort
from entitlements.models.loan import LoanState
from entitlements.queries.accounts import find_accounts
from entitlements.queries.lending import effects_of_lending
from entitlements.queries.loans import how_long, loan_ids, what_is_lent
from journal.admin.pages import FormPage

CONFIRM, CHANGE = "confirm", "change"
PAGE = "admin:entitlements_loan_lend"


class LendPage(FormPage[LoanForm]):
    """Four steps on one address, each skipped where it is answered: to whom, what, how long and why, what it does."""

    permission = "entitlements.grant_override"
    template_name = "entitlements/loans/lend.html"
    title = "Lend something"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def account(self) -> Account | None:
        key = self.request.GET.get("account", "").strip()
        return Account.objects.select_related("market").filter(key=key, merged_into__isnull=True).first()

    @cached_property
    def cohort(self) -> Cohort | None:
        key = self.request.GET.get("cohort", "")
        return get_object_or_404(Cohort, key=key) if key and self.account is None else None

    @cached_property
    def what(self) -> Plan | Feature | None:
        kind, _, key = self.request.GET.get("what", "").partition(".")
        if kind == PLAN:
            return get_object_or_404(Plan, key=key)
        return get_object_or_404(Feature.objects.select_related("group"), key=key) if kind == FEATURE else None

    @property
    def zone(self) -> str:
        return self.account.zone if self.account is not None else super().zone

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.account is None and self.cohort is None:
            return self._ask_whom(request.GET.get("account", "").strip())
        if self.what is None:
            asked = {"account": request.GET.get("account", ""), "cohort": request.GET.get("cohort", "")}
            return self._choosing(WhatForm(initial=asked, at=self.at))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (self.account is None and self.cohort is None) or self.what is None:
            return self.get(request)
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def _ask_whom(self, typed: str) -> HttpResponse:
        """Who is named exactly is taken; of several, or of none, the reader is told."""
        found = [account for account in find_accounts(text=typed) if account.merged_into_id is None] if typed else []
        if len(found) == 1:
            asked = {"account": found[0].key, "what": self.request.GET.get("what", "")}
            return HttpResponseRedirect(f"{reverse(PAGE)}?{urlencode(asked)}")
        form = BorrowerForm(initial={"account": typed})
        return self._choosing(form, found=found, unknown=typed if typed and not found else "")

    def _choosing(self, form: Any, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, choosing=True, **context))

    def form(self, *, data: Any = None) -> LoanForm:
        assert self.what is not None
        seen = ",".join(map(str, sorted(loan_ids(account=self.account, cohort=self.cohort))))
        name = f"{self.what} for {self.account or self.cohort}"[:120]
        return LoanForm(
            data,
            what=self.what,
            zone=self.zone,
            each=self.cohort is not None,
            initial={"seen": seen, "name": name},
        )

    def act(self, form: LoanForm) -> HttpResponse:
        terms = form.terms(account=self.account, cohort=self.cohort)
        if self.request.POST.get("step") != CONFIRM:
            return self._ask_first(form, propose_loan(terms=terms, by=self.by, at=self.at))
        loan = lend(terms=terms, by=self.by, at=self.at, seen=form.seen_ids())
        waits = loan.state == LoanState.REQUESTED
        became = "It waits for approval and changes nothing until then." if waits else "It is lent."
        self.tell(f"{what_is_lent(loan)} {how_long(loan)}. {became}")
        return HttpResponseRedirect(reverse("admin:entitlements_loan_change", args=[loan.pk]))

    def _ask_first(self, form: LoanForm, proposal: LoanProposal) -> HttpResponse:
        loan, taking_part = proposal.loan, proposal.taking_part
        preview = {
            "what": what_is_lent(loan),
            "how_long": how_long(loan),
            "loan": loan,
            "judged": proposal.judged,
            "taking": len(taking_part),
            "of": len(proposal.borrowers),
            "looked_at": LOOKED_AT,
            "left_out": left_out(proposal.borrowers),
        }
        effects = effects_of_lending(loan, taking_part[:LOOKED_AT], at=self.at)
        context = {"preview": preview, "groups": alike(effects), "single": loan.account is not None}
        return self.render_to_response(self.get_context_data(form=form, **context))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        borrower = self.account or self.cohort
        return {
            **super().get_context_data(**kwargs),
            "title": self._title(),
            "account": self.account,
            "cohort": self.cohort,
            "borrower": borrower,
            "what": self.what,
            "back": self._back(),
        }

    def _title(self) -> str:
        borrower = self.account or self.cohort
        if borrower is None:
            return self.title
        return f"Lend {self.what or 'something'} to {borrower}"

    def _back(self) -> str:
        if self.account is not None:
            return account_url(self.account, part="overrides")
        if self.cohort is not None:
            return reverse("admin:entitlements_cohort_change", args=[self.cohort.pk])
        return reverse("admin:entitlements_loan_changelist")


def lend_url(*, account: Account | None = None, cohort: Cohort | None = None) -> str:
    """The page that lends, with the borrower already chosen."""
    asked = {"account": account.key} if account is not None else {"cohort": cohort.key} if cohort is not None else {}
    return f"{reverse(PAGE)}?{urlencode(asked)}" if asked else reverse(PAGE)
