"""A customer's credits: all balances, one with its ledger, granting and voiding."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.values import Kind
from catalog.models import Feature
from catalog.queries.instants import say_instant, say_until
from entitlements.actions.credits.grants import GRANTS, VOIDS, drafted, grant, void, words_of
from entitlements.admin.credits.form import GrantForm, VoidForm
from entitlements.admin.credits.wording import going_words, grant_line, ledger_rows
from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.models import CreditGrant
from entitlements.queries.credits import CreditBalanceView, balance_of, credit_features, ledger_of
from entitlements.queries.credits.balances import token_of
from entitlements.queries.credits.courses import credit_facts
from entitlements.queries.credits.preview import Becomes, with_grant, without_grant

VIEW_CREDITS = "entitlements.view_creditbalance"
CONFIRM, CHANGE = "confirm", "change"


class CreditsPage(AccountPage):
    """Every balance of the account at a glance."""

    permission: ClassVar[str] = VIEW_CREDITS
    template_name = "entitlements/credits/credits.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        facts = credit_facts(self.account)
        features = credit_features(self.account, at=self.at, facts=facts)
        views = [
            balance_of(account=self.account, feature=one, at=self.at, facts=facts, latest=True) for one in features
        ]
        rest = Feature.objects.filter(kind=Kind.CREDIT).exclude(pk__in=[one.pk for one in features])
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: credits",
            "back": account_url(self.account, part="usage"),
            "lines": [self._line(view) for view in views],
            "others": list(rest),
            "may_grant": self.request.user.has_perm(GRANTS),
        }

    def _line(self, view: CreditBalanceView) -> dict[str, Any]:
        return {
            "feature": view.feature,
            "url": credit_url(view),
            "left": view.said(view.left),
            "anything": bool(view.left),
            "owed": view.said(view.overage) if view.overage else "",
            "going": going_words(view, zone=self.zone),
        }


class OfOneFeature:
    """The credits that the address names."""

    kwargs: dict[str, Any]
    account: Any
    at: Any

    @cached_property
    def about(self) -> Feature:
        rows = Feature.objects.select_related("group")
        return get_object_or_404(rows, key=self.kwargs["feature"], kind=Kind.CREDIT)

    @cached_property
    def view(self) -> CreditBalanceView:
        return balance_of(account=self.account, feature=self.about, at=self.at, latest=True)


class CreditPage(OfOneFeature, AccountPage):
    """One balance: what is left, of which grants in burn order, what goes next, and the ledger. `?before=` pages."""

    permission: ClassVar[str] = VIEW_CREDITS
    template_name = "entitlements/credits/credit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view, asked, user = self.view, self.request.GET.get("before", ""), self.request.user
        before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
        page = ledger_of(account=self.account, feature=self.about, at=view.at, before=before)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: {self.about.name}",
            "back": reverse("admin:entitlements_account_credits", args=[self.account.key]),
            "feature": self.about,
            "left": view.said(view.left),
            "anything": bool(view.left),
            "owed": view.said(view.overage) if view.overage else "",
            "used": view.said(view.used),
            "going": going_words(view, zone=self.zone),
            "grants": [grant_line(one, view, zone=self.zone) for one in view.grants],
            "to_come": [grant_line(one, view, zone=self.zone) for one in view.to_come],
            "ledger": list(ledger_rows(page.lines, zone=self.zone)),
            "older": page.before,
            "newest": before is None,
            "may_grant": user.has_perm(GRANTS),
            "may_void": user.has_perm(VOIDS),
            "usage": reverse("admin:entitlements_account_usage", args=[self.account.key, self.about.key]),
        }


class CreditGrantPage(OfOneFeature, AccountFormPage):
    """Two steps on one address: what is granted, and what the balance becomes."""

    permission: ClassVar[str] = GRANTS
    template_name = "entitlements/credits/grant.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> GrantForm:
        seen = token_of(account=self.account, feature=self.about)
        return GrantForm(data, account=self.account, shape=self.about.shape, initial={"seen": seen})

    def act(self, form: GrantForm) -> HttpResponse:
        told = {"terms": form.terms(), "reason": form.cleaned_data["reason"], "by": self.by, "at": self.at}
        if self.request.POST.get("step") != CONFIRM:
            row = drafted(account=self.account, feature=self.about, **told)
            return self.render_to_response(self.get_context_data(form=form, preview=self._preview(row)))
        row = grant(account=self.account, feature=self.about, seen=form.cleaned_data["seen"], **told)
        self.tell(f"{words_of(row)} granted to {self.account}.")
        return HttpResponseRedirect(credit_url(self.view))

    def _preview(self, row: CreditGrant) -> dict[str, Any]:
        becomes = with_grant(row, at=self.at)
        later = row.effective_at > self.at
        return {
            "what": words_of(row),
            "row": row,
            "starts": say_instant(row.effective_at, zone=self.zone) if later else "",
            "ends": say_until(row.expires_at, zone=self.zone) if row.expires_at else "they don’t expire",
            **balance_words(becomes, self.view),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.about.name}: grant credits",
            "back": self.came_from or credit_url(self.view),
            "feature": self.about,
            "left": self.view.said(self.view.left),
            "owed": self.view.said(self.view.overage) if self.view.overage else "",
        }


class CreditVoidPage(OfOneFeature, AccountFormPage):
    """What goes with the grant, and why it is voided."""

    permission: ClassVar[str] = VOIDS
    template_name = "entitlements/credits/void.html"

    @cached_property
    def row(self) -> CreditGrant:
        rows = CreditGrant.objects.select_related("feature", "account")
        return get_object_or_404(rows, pk=self.kwargs["grant"], account=self.account, feature=self.about)

    def form(self, *, data: Any = None) -> VoidForm:
        return VoidForm(data, initial={"seen": token_of(account=self.account, feature=self.about)})

    def act(self, form: VoidForm) -> HttpResponse:
        given = form.cleaned_data
        row = void(grant=self.row, reason=given["reason"], seen=given["seen"], by=self.by, at=self.at)
        self.tell(f"The grant of {words_of(row)} is voided.")
        return HttpResponseRedirect(credit_url(self.view))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        over = row.voided_at is not None or (row.expires_at is not None and row.expires_at <= self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.about.name}: void a grant",
            "back": self.came_from or credit_url(self.view),
            "feature": self.about,
            "row": row,
            "what": words_of(row),
            "granted": say_instant(row.granted_at, zone=self.zone),
            "over": over,
            **({} if over else balance_words(without_grant(row, at=self.at), self.view)),
        }


def balance_words(becomes: Becomes, view: CreditBalanceView) -> dict[str, str]:
    """Before and after; what was used beyond all credits is said where there is any."""
    return {
        "now": _said(view, becomes.left_before, becomes.owed_before),
        "becomes": _said(view, becomes.left_after, becomes.owed_after),
    }


def _said(view: CreditBalanceView, left: Any, owed: Any) -> str:
    beyond = f", and {view.said(owed)} used beyond all credits" if owed else ""
    return f"{view.said(left)}{beyond}"


def credit_url(view: CreditBalanceView) -> str:
    return reverse("admin:entitlements_account_credit", args=[view.account.key, view.feature.key])
