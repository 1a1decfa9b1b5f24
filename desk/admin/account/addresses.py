"""Where the page of an account stands: an address for each tab, so that each has a row in the table of roles."""

from typing import Any

from django.urls import URLPattern, path

from desk.admin.account.page import OVERVIEW, AccountTabPage, name_of
from desk.slots import Tab, tabs
from entitlements.models import Account


def account_addresses(site: Any) -> list[URLPattern]:
    """The addresses of every tab registered by the time the desk starts."""
    return [_address(tab, site) for tab in tabs()]


def _address(tab: Tab, site: Any) -> URLPattern:
    route = "account/<str:key>/" if tab.key == OVERVIEW else f"account/<str:key>/{tab.key}/"
    page = AccountTabPage.as_view(model_admin=site.get_model_admin(Account), tab=tab)
    return path(route, site.admin_view(page), name=name_of(tab))
