"""The list of connections, and the page of one: how it does, its address, its secrets' ages, and what to do next."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from journal.admin.arrivals.words import lines_of
from journal.admin.base import Button, RecordedModelAdmin
from journal.admin.connections.addresses import CONNECTIONS
from journal.admin.connections.pages import MANAGE, connection_url, vendor_words
from journal.admin.connections.words import COLOURS, STATES, advice, say_health, say_lag, say_refused, say_secret
from journal.connection_panels import panels_of
from journal.domain.connection import ConnectionState, Mode
from journal.models import Connection
from journal.queries.arrivals import lag_of, latest_of
from journal.queries.connections import Doing, address_of, doing, live_secrets, opened
from journal.vendors import inside, known, vendor_of

LATELY = 8


class ConnectionList(ChangeList):
    """Reads how the connections of one page do at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = doing(self.result_list, at=timezone.now())
        for row in self.result_list:
            row.doing = found[row.pk]


@admin.register(Connection)
class ConnectionAdmin(RecordedModelAdmin):
    list_before_template = "journal/connections/list_head.html"
    list_display = ("name", "system", "mode_words", "standing", "health_words", "last_arrival", "waiting")
    list_filter = ("state", "mode")
    fields = ("name", "state")
    readonly_fields = fields

    class Media:
        css: ClassVar = {"all": ["journal/webhooks.css"]}

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"journal_connection_{name}")
            for route, page, name in CONNECTIONS
        ]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConnectionList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        told = {
            "title": "Connections",
            "may_set_up": request.user.has_perm(MANAGE),
            "offered": [one.words for one in known().values()],
        }
        return super().changelist_view(request, {**told, **(extra_context or {})})

    @display(description="System")
    def system(self, row: Connection) -> str:
        return vendor_words(row)

    @display(description="Mode", ordering="mode")
    def mode_words(self, row: Connection) -> str:
        return Mode(row.mode).words

    @display(description="State", ordering="state", label=COLOURS)
    def standing(self, row: Connection) -> str:
        return STATES[ConnectionState(row.state)]

    @display(description="How it does")
    def health_words(self, row: Any) -> SafeString:
        said = say_health(row, row.doing, at=timezone.now())
        return format_html('<span class="webhook-cell is-{}">{}</span>', said.colour, said.words)

    @display(description="Last arrival", empty_value="None yet")
    def last_arrival(self, row: Any) -> datetime | None:
        found: datetime | None = row.doing.last_arrival_at
        return found

    @display(description="Waiting")
    def waiting(self, row: Any) -> str:
        return f"{row.doing.waiting:,}"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: what is done with a connection is done on pages that ask."""
        row: Connection = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return self.page(request, "journal/connections/connection.html", self._shown(request, row))

    def _shown(self, request: HttpRequest, row: Connection) -> dict[str, Any]:
        at, vendor = timezone.now(), vendor_of(row.vendor)
        how: Doing = doing([row], at=at)[row.pk]
        state = STATES[ConnectionState(row.state)]
        lacking = [
            one.words
            for one in (vendor.secrets if vendor else ())
            if one.is_needed(row.settings) and not opened(row, [one.purpose], at=at)
        ]
        arrivals = reverse("admin:journal_inbound_changelist")
        return {
            "title": row.name,
            "connection": row,
            "vendor": vendor_words(row),
            "steps": vendor.next_steps if vendor and how.last_arrival_at is None else (),
            "mode": Mode(row.mode).words,
            "trying": vendor.trying if vendor and row.mode == Mode.TEST else "",
            "address": address_of(row),
            "settings": [(one.words, one.said(row.settings)) for one in (vendor.fields if vendor else ())],
            "secrets": self._secrets(row, at=at),
            "standing": state,
            "colour": COLOURS[state],
            "health": say_health(row, how, at=at),
            "doing": how,
            "lag": say_lag(lag_of(row, at=at)),
            "advice": advice(vendor, how, lacking=lacking),
            "refused": say_refused(how.refused),
            "lines": lines_of(latest_of(row, most=LATELY), at=at)
            if request.user.has_perm("journal.view_inbound")
            else [],
            "keeps": request.user.has_perm(MANAGE),
            "panels": panels_of(row, user=request.user, at=at),
            "buttons": self.buttons(request, row),
            "arrivals": f"{arrivals}?connection__id__exact={row.pk}",
            "history": self.address("history", row.pk),
            "back": self.address("changelist"),
        }

    def _secrets(self, row: Connection, *, at: datetime) -> list[dict[str, Any]]:
        """Of each purpose those that are good, by their age alone; an optional one that was never entered, too."""
        vendor, found = vendor_of(row.vendor), []
        live = list(live_secrets(row, at=at))
        for kind in vendor.secrets if vendor else ():
            mine = [one for one in live if one.purpose == kind.purpose]
            found.append(
                {
                    "words": kind.words,
                    "help": kind.help,
                    "renew": connection_url(row, "renew_secret", kind.purpose),
                    "button": f"{'Renew' if mine else 'Enter'} the {inside(kind.words)}",
                    "rows": [
                        {
                            "said": say_secret(one, at=at),
                            "end": connection_url(row, "end_secret", one.pk) if one.ends_at else "",
                        }
                        for one in mine
                    ],
                }
            )
        return found

    def buttons(self, request: HttpRequest, row: Connection) -> list[Button]:
        if not request.user.has_perm(MANAGE):
            return []
        offered = [Button("Edit", connection_url(row, "edit"))]
        if row.state == ConnectionState.ACTIVE:
            offered.append(Button("Pause", connection_url(row, "pause")))
        else:
            offered.append(Button("Let it go on", connection_url(row, "resume"), "primary"))
        if row.state != ConnectionState.OFF:
            offered.append(Button("Turn off", connection_url(row, "turn_off"), "danger"))
        return offered
