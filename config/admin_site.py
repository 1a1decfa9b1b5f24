"""The admin site: the only place that knows which skin the back office wears."""

from typing import Any

from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite


class DeskSite(UnfoldAdminSite):
    site_title = "Entitlement Desk"
    site_header = "Entitlement Desk"
    index_title = "Entitlement Desk"
    enable_nav_sidebar = True

    def extra_urls(self) -> list[URLPattern]:
        """Pages that belong to no table."""
        from desk.admin.account.addresses import account_addresses
        from support.admin.lookup import LookupPage
        from support.admin.work.addresses import dispatch_addresses

        lookup = self.admin_view(LookupPage.as_view(admin_site=self))
        return [
            path("support/lookup/", lookup, name="support_lookup"),
            *dispatch_addresses(self),
            *account_addresses(self),
        ]

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The stock page would save past the audit; this one calls the action."""
        from journal.admin.own_password import OwnPasswordForm

        request.current_app = self.name
        page = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse(f"{self.name}:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return page(request)
