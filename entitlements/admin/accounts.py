"""The list of accounts; the pages about one account hang on it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import display
from unfold.views import ChangeList

from entitlements.admin.account_filters import OwnerFilter, PhaseFilter, PlanFilter, StandingFilter
from entitlements.admin.account_forms import OpenAccountPage, StandingPage
from entitlements.admin.account_page import AccountOverviewPage
from entitlements.admin.explain_page import ExplainPage
from entitlements.admin.override_pages import OverridePage
from entitlements.admin.pages import account_url
from entitlements.admin.trial_pages import ConvertTrialPage, ExtendTrialPage
from entitlements.admin.wording import PHASE_WORDS, STANDING_WORDS, say_left
from entitlements.models import Account
from entitlements.queries.accounts import find_accounts
from entitlements.queries.holdings import HeldSubscription, holdings, standings
from journal.admin.base import DeskModelAdmin
from journal.admin.pages import Page

MOST_FOUND = 200


class AccountList(ChangeList):
    """Reads what the accounts of one page hold at once, instead of account by account."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        ids = [account.pk for account in self.result_list]
        held, standing = holdings(account_ids=ids, at=now), standings(account_ids=ids, at=now)
        for account in self.result_list:
            account.seen_at, account.held, account.standing = now, held[account.pk], standing[account.pk]

    def url_for_result(self, result: Account) -> str:
        return account_url(result)


@admin.register(Account)
class AccountAdmin(DeskModelAdmin):
    list_display = ("name", "key", "plan", "where", "owner", "standing")
    list_display_links = ("name",)
    list_filter = (PlanFilter, PhaseFilter, StandingFilter, OwnerFilter)
    list_select_related = ("market", "owner")
    list_before_template = "entitlements/accounts_head.html"
    search_fields = ("name",)
    search_help_text = "A name, an e-mail address, a domain, a key, or an id from any system."
    fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        one = "<str:key>"
        return [
            self._page("open/", OpenAccountPage, "account_open"),
            self._page(f"{one}/page/", AccountOverviewPage, "account_page"),
            self._page(f"{one}/why/<str:feature>/", ExplainPage, "account_explain"),
            self._page(f"{one}/override/", OverridePage, "account_override"),
            self._page(f"{one}/standing/<str:standing>/", StandingPage, "account_standing"),
            self._page(f"{one}/subscription/<int:number>/extend/", ExtendTrialPage, "trial_extend"),
            self._page(f"{one}/subscription/<int:number>/convert/", ConvertTrialPage, "trial_convert"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        view = self.admin_site.admin_view(page.as_view(model_admin=self))
        return path(route, view, name=f"entitlements_{name}")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AccountList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        if not search_term.strip():
            return queryset, False
        found = find_accounts(text=search_term, limit=MOST_FOUND)
        return queryset.filter(pk__in=[account.pk for account in found]), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_open = request.user.has_perm("entitlements.open_account")
        return super().changelist_view(request, {"title": "Accounts", "may_open": may_open, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock form has nothing to show that the account's own page doesn't."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(account_url(self.found(request, object_id)))

    @display(description="Plan")
    def plan(self, account: Any) -> str:
        live = [found for found in account.held if found.live]
        return "; ".join(_plan_words(found, account) for found in live) or "Nothing bought"

    @display(description="Market, country", ordering="country")
    def where(self, account: Account) -> str:
        return ", ".join(str(part) for part in (account.market, account.country) if part) or "–"

    @display(description="Standing", label={"Open": "success", "Suspended": "warning", "Closed": "danger"})
    def standing(self, account: Account) -> str:
        return STANDING_WORDS[account.__dict__["standing"]]


def _plan_words(held: HeldSubscription, account: Any) -> str:
    """ "Team v2, trial, 6 days left": short enough for a column; the page says the day."""
    if held.lapsed:
        return f"{held.after_trial} (trial over)" if held.after_trial else "Trial over, nothing bought"
    plans = ", ".join(item.version for item in held.plans) or "add-ons only"
    if held.unpaid:
        return f"{plans}, unpaid, grace over"
    left = "" if held.phase_ends_at is None else f", {say_left(held.phase_ends_at, at=account.seen_at)}"
    phase = PHASE_WORDS[held.phase]
    return plans if phase == "active" else f"{plans}, {phase}{left}"
