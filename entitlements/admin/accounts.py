"""The list of accounts; the pages about one account hang on it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import display
from unfold.views import ChangeList

from entitlements.actions.trial_bulk import MOST_AT_ONCE
from entitlements.actions.trials import PERMISSION as EXTEND
from entitlements.admin.account_filters import (
    TRIAL_ENDS,
    MarketFilter,
    OwnerFilter,
    PhaseFilter,
    PlanFilter,
    StandingFilter,
)
from entitlements.admin.counters.addresses import COUNTERS
from entitlements.admin.credits.addresses import CREDITS
from entitlements.admin.dealing_filters import ChannelFilter, KindFilter, ResellerFilter
from entitlements.admin.evidence.addresses import EVIDENCE
from entitlements.admin.life.addresses import LIFE
from entitlements.admin.merging import DuplicatesPage, MergePage
from entitlements.admin.overrides.pages import OverridePage
from entitlements.admin.pages import AccountPageMoved, account_url
from entitlements.admin.people.dealing_fields import say_dealing
from entitlements.admin.people.open_pages import OpenAccountPage, StandingPage
from entitlements.admin.playground.page import PlaygroundPage
from entitlements.admin.publishing.compare import CompareAccountsPage
from entitlements.admin.publishing.grandfathering import GRANDFATHERING
from entitlements.admin.publishing.holds import HOLDS
from entitlements.admin.seats.addresses import SEATS
from entitlements.admin.selling.addresses import SELLING
from entitlements.admin.selling.offers import OffersPage
from entitlements.admin.trials.addresses import TRIALS
from entitlements.admin.trials.bulk_page import bulk_url
from entitlements.admin.usage.page import UsagePage
from entitlements.admin.wording import PHASE_WORDS, STANDING_WORDS, say_left
from entitlements.imports.accounts import AccountTable
from entitlements.models import Account
from entitlements.queries.accounts import find_accounts
from entitlements.queries.holdings import HeldSubscription, holdings, standings
from entitlements.queries.merging import PERMISSION as MERGE
from journal.admin.base import DeskModelAdmin
from journal.admin.pages import Page

MOST_FOUND = 200


class AccountList(ChangeList):
    """Reads what the accounts of one page hold at once, instead of account by account."""

    def get_queryset(self, request: HttpRequest, *args: Any) -> QuerySet[Account]:
        """Those merged into another are found there."""
        rows: QuerySet[Account] = super().get_queryset(request, *args)
        return rows.filter(merged_into__isnull=True)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        ids = [account.pk for account in self.result_list]
        held, standing = holdings(account_ids=ids, at=now), standings(account_ids=ids, at=now)
        may_extend = request.user.has_perm(EXTEND)
        for account in self.result_list:
            account.seen_at, account.held, account.standing = now, held[account.pk], standing[account.pk]
            account.may_extend = may_extend

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Account]) -> list[Any]:
        """Where trials that end soon were asked for, the soonest comes first, unless another order was."""
        order = list(super().get_ordering(request, queryset))
        soonest = TRIAL_ENDS in queryset.query.annotations and ORDER_VAR not in self.params
        return [TRIAL_ENDS, *order] if soonest else order

    def url_for_result(self, result: Account) -> str:
        return account_url(result)


@admin.register(Account)
class AccountAdmin(DeskModelAdmin):
    list_display = ("name", "key", "plan", "where", "dealing", "owner", "standing")
    list_display_links = ("name",)
    list_filter = (
        PlanFilter,
        PhaseFilter,
        StandingFilter,
        OwnerFilter,
        MarketFilter,
        KindFilter,
        ChannelFilter,
        ResellerFilter,
    )
    list_select_related = ("market", "owner", "reseller")
    list_before_template = "entitlements/accounts_head.html"
    actions = ("extend_trials",)
    search_fields = ("name",)
    search_help_text = "A name, an e-mail address, a domain, a key, or an id from any system."
    fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        one = "<str:key>"
        return [
            self._page("open/", OpenAccountPage, "account_open"),
            self._page("compare/", CompareAccountsPage, "compare"),
            self._page("playground/", PlaygroundPage, "playground"),
            self._page("duplicates/", DuplicatesPage, "duplicates"),
            self._page(f"{one}/merge/", MergePage, "account_merge"),
            self._page(f"{one}/page/", AccountPageMoved, "account_page"),
            self._page(f"{one}/upgrades/", OffersPage, "account_offers"),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in EVIDENCE),
            self._page(f"{one}/usage/<str:feature>/", UsagePage, "account_usage"),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in COUNTERS),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in CREDITS),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in SEATS),
            self._page(f"{one}/override/", OverridePage, "account_override"),
            self._page(f"{one}/standing/<str:standing>/", StandingPage, "account_standing"),
            *(self._page(route, page, name) for route, page, name in TRIALS),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in SELLING),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in HOLDS),
            *(self._page(f"{one}/{route}", page, name) for route, page, name in LIFE),
            *(self._page(route, page, name) for route, page, name in GRANDFATHERING),
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
        may_merge = request.user.has_perm(MERGE)
        told = {"title": "Accounts", "may_open": may_open, "may_merge": may_merge, **(extra_context or {})}
        told |= {"may_import": request.user.has_perm(AccountTable.permission)}
        return super().changelist_view(request, told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock form has nothing to show that the account's own page doesn't."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(account_url(self.found(request, object_id)))

    def has_extend_trial_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(EXTEND)

    @admin.action(description="Extend trials", permissions=["extend_trial"])
    def extend_trials(self, request: HttpRequest, queryset: QuerySet[Account]) -> HttpResponse | None:
        ids = list(queryset.values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
        if len(ids) > MOST_AT_ONCE:
            message = f"At most {MOST_AT_ONCE} customers at once. Narrow the list down first."
            self.message_user(request, message, messages.ERROR)
            return None
        return HttpResponseRedirect(bulk_url(ids))

    @display(description="Plan")
    def plan(self, account: Any) -> str:
        live = [found for found in account.held if found.live]
        words = "; ".join(_plan_words(found, account) for found in live) or "Nothing bought"
        tried = next((found for found in live if found.in_trial), None)
        if tried is None or not account.may_extend:
            return words
        address = reverse("admin:entitlements_trial_extend", args=[account.key, tried.number])
        return format_html('{} · <a class="text-link" href="{}">Extend</a>', words, address)

    @display(description="Market, country", ordering="country")
    def where(self, account: Account) -> str:
        return ", ".join(str(part) for part in (account.market, account.country) if part) or "–"

    @display(description="Kind, channel", ordering="kind")
    def dealing(self, account: Account) -> str:
        return say_dealing(account)

    @display(description="Standing", label={"Open": "success", "Suspended": "warning", "Closed": "danger"})
    def standing(self, account: Account) -> str:
        return STANDING_WORDS[account.__dict__["standing"]]


def _plan_words(held: HeldSubscription, account: Any) -> str:
    """ "Team v2, trial, 6 days left": short enough for a column; the page says the day."""
    if held.lapsed:
        return f"{held.after_trial} (trial over)" if held.after_trial else "Trial over, nothing bought"
    plans = ", ".join(item.version for item in held.plans) or "add-ons only"
    if held.unpaid:
        return f"{plans}, past due"
    left = "" if held.phase_ends_at is None else f", {say_left(held.phase_ends_at, at=account.seen_at)}"
    phase = PHASE_WORDS[held.phase]
    return plans if phase == "active" else f"{plans}, {phase}{left}"
