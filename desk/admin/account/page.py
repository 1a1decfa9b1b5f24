"""The page of one account, for everybody: who it is and what to know at once, and a tab for each thing to look into."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from desk.admin.account.head import head_of
from desk.admin.account.quick_actions import quick_actions
from desk.in_view import AccountInView
from desk.slots import Tab, lines_for, tabs, warnings_for
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import AccountPage, account_url

OVERVIEW = "overview"
OF_THE_MOMENT = ("at", "known_at")
OF_THE_PAGE = ("before",)


class AccountTabPage(AccountPage):
    """One tab of the page. Who may not open the tab is turned away; a tab with nothing to show is not there."""

    tab: Tab = None  # type: ignore[assignment]  # as_view fills it in

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.tab.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        return [self.tab.template]

    @cached_property
    def moment(self) -> AskedMoment:
        return asked_moment(self.request.GET, zone=self.account.zone, now=self.at)

    @cached_property
    def view(self) -> AccountInView:
        return AccountInView(
            self.account, moment=self.moment, now=self.at, user=self.request.user, asked=self.request.GET
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view, moment = self.view, self.moment
        if not self.tab.open_to(view):
            raise Http404("This account has nothing to show here.")
        return {
            **super().get_context_data(**kwargs),
            "title": self.account.name if self.tab.key == OVERVIEW else f"{self.account.name}: {self.tab.title}",
            "tab": self.tab,
            "tabs": [(tab, address_of(tab, self.account.key) + moment.query) for tab in tabs() if tab.open_to(view)],
            "head": head_of(view),
            "lines": lines_for(view),
            "cautions": warnings_for(view) if moment.now else [],
            "actions": quick_actions(view) if moment.now else None,
            "moment": moment,
            "pick_at": moment.picked("at"),
            "pick_known_at": moment.picked("known_at"),
            "to_now": self._to_now(),
            "filters": self._filters(),
            **self.tab.content(view),
        }

    def _filters(self) -> list[tuple[str, str]]:
        """What else stands in the address: choosing another moment keeps it."""
        left_out = (*OF_THE_MOMENT, *OF_THE_PAGE)
        return [(name, given) for name, given in _pairs(self.request.GET) if name not in left_out]

    def _to_now(self) -> str:
        asked = self.request.GET.copy()
        for name in OF_THE_MOMENT:
            asked.pop(name, None)
        part = "" if self.tab.key == OVERVIEW else self.tab.key
        return account_url(self.account, part=part) + (f"?{asked.urlencode()}" if asked else "")


def _pairs(asked: Any) -> list[tuple[str, str]]:
    return [(name, given) for name, values in asked.lists() for given in values]


def address_of(tab: Tab, key: str) -> str:
    return reverse(f"admin:{name_of(tab)}", args=[key])


def name_of(tab: Tab) -> str:
    return "desk_account" if tab.key == OVERVIEW else f"desk_account_{tab.key}"
