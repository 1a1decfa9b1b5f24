"""What every page about a connected CRM has in common, and the page that asks before something is done with it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from desk.admin.crm.words import VIEW, say_where, sync_url
from desk.integrations.crm.port import vendors
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import connection_url, vendor_words
from journal.admin.pages import AskPage, Page
from journal.domain.refusal import Refusal
from journal.models import Connection


class ConnectedPage(Page):
    """A page about a connected CRM. Who may not look is turned away before learning which connections there are."""

    looking: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.looking):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def connection(self) -> Connection:
        return get_object_or_404(Connection, pk=self.kwargs["connection"], vendor__in=vendors())

    @property
    def vendor(self) -> str:
        return vendor_words(self.connection)


class CrmPage(ConnectedPage):
    """A page about how a connected CRM is synchronised."""

    permission: ClassVar[str] = VIEW
    looking = VIEW

    @property
    def back(self) -> str:
        return sync_url(self.connection)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = self.request.user.has_perm
        return {
            **super().get_context_data(**kwargs),
            "connection": self.connection,
            "vendor": self.vendor,
            "where": say_where(self.connection),
            "connection_url": connection_url(self.connection) if may(VIEW_CONNECTION) else "",
            "back": self.back,
            "back_words": self.connection.name,
        }


def answered(page: Page, act: Callable[[], str], *, back: str) -> HttpResponse:
    """For a button that is pressed at once: do it, tell what came of it or what was refused, and go back."""
    try:
        page.tell(act())
    except Refusal as refusal:
        page.refuse(refusal)
    return HttpResponseRedirect(back)


class CrmAsk(CrmPage, AskPage):
    """A page that says what will happen and asks; afterwards the reader is back where the CRM's flows stand."""

    template_name = "desk/crm/ask.html"
