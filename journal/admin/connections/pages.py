"""What every page about one connection has in common, and the page that asks before something is done with it."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from journal.actions import connections
from journal.admin.connections.words import COLOURS, STATES, say_health
from journal.admin.pages import AskPage, Page
from journal.domain.connection import ConnectionState, Mode
from journal.models import Connection
from journal.queries.connections import Doing, doing
from journal.vendors import Vendor, vendor_of

VIEW = "journal.view_connection"
MANAGE = connections.PERMISSION
LIST = "admin:journal_connection_changelist"


def connection_url(connection: Connection, page: str = "change", *arguments: Any) -> str:
    return reverse(f"admin:journal_connection_{page}", args=[connection.pk, *arguments])


def vendor_words(connection: Connection) -> str:
    vendor = vendor_of(connection.vendor)
    return vendor.words if vendor else connection.vendor


class ConnectionPage(Page):
    """A page about one connection. Who may not look at connections is turned away before learning whether it exists."""

    permission: ClassVar[str] = MANAGE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def connection(self) -> Connection:
        return get_object_or_404(Connection, pk=self.kwargs["connection"])

    @cached_property
    def vendor(self) -> Vendor | None:
        return vendor_of(self.connection.vendor)

    @cached_property
    def doing(self) -> Doing:
        return doing([self.connection], at=self.at)[self.connection.pk]

    @property
    def back(self) -> str:
        return connection_url(self.connection)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        state = STATES[ConnectionState(self.connection.state)]
        return {
            **super().get_context_data(**kwargs),
            "connection": self.connection,
            "vendor": vendor_words(self.connection),
            "mode": Mode(self.connection.mode).words,
            "standing": state,
            "colour": COLOURS[state],
            "health": say_health(self.connection, self.doing, at=self.at),
            "back": self.back,
        }


class ConnectionAsk(ConnectionPage, AskPage):
    """A page that says what will happen and asks; afterwards the reader is back on the connection."""

    template_name = "journal/connections/ask.html"
