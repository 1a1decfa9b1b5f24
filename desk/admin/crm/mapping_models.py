"""The list of mappings, as the desk keeps them; each is read and changed on pages of its own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from unfold.decorators import display

from desk.admin.crm.mapping_edit import AddPage, DiscardPage, EditPage, RemovePage, TermsPage
from desk.admin.crm.mapping_history import TakeUpPage, VersionsPage
from desk.admin.crm.mapping_pages import mapping_url
from desk.admin.crm.mapping_show import DraftPage, EntryPage, MovePage, ShowPage
from desk.admin.crm.mapping_try import SwitchPage, TriedPage, TryPage
from desk.integrations.crm.port import vendors
from desk.models import DealMapping, MappingState
from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page

OF = "of/<int:connection>"
PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("of/", EntryPage, ""),
    (f"{OF}/", ShowPage, "_of"),
    (f"{OF}/draft/", DraftPage, "_draft"),
    (f"{OF}/add/", AddPage, "_add"),
    (f"{OF}/rules/<slug:rule>/edit/", EditPage, "_edit"),
    (f"{OF}/rules/<slug:rule>/move/", MovePage, "_move"),
    (f"{OF}/rules/<slug:rule>/remove/", RemovePage, "_remove"),
    (f"{OF}/terms/", TermsPage, "_terms"),
    (f"{OF}/discard/", DiscardPage, "_discard"),
    (f"{OF}/try/", TryPage, "_try"),
    (f"{OF}/tried/<int:run>/", TriedPage, "_tried"),
    (f"{OF}/switch-on/", SwitchPage, "_switch"),
    (f"{OF}/versions/", VersionsPage, "_versions"),
    (f"{OF}/versions/<int:number>/take-up/", TakeUpPage, "_take_up"),
)
COLOURS = {"Draft": "warning", "In force": "success", "Former": "info"}


@admin.register(DealMapping)
class DealMappingAdmin(RecordedModelAdmin):
    list_display = ("version", "connection", "standing", "in_force_at", "in_force_by", "drafted_by")
    list_filter = ("state",)
    list_select_related = ("connection",)
    fields = readonly_fields = ("version", "connection", "standing", "in_force_at", "in_force_by", "drafted_by")

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"desk_crm_mapping{name}")
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock address leads to the mapping's own page; nothing is posted there."""
        row: DealMapping = self.found(request, object_id)
        if request.method in {"GET", "HEAD"} and row.connection.vendor in vendors():
            return HttpResponseRedirect(mapping_url(row.connection))
        return super().change_view(request, object_id, form_url, extra_context)

    @display(description="Version", ordering="number")
    def version(self, row: DealMapping) -> str:
        return f"Version {row.number}"

    @display(description="State", label=COLOURS, ordering="state")
    def standing(self, row: DealMapping) -> str:
        return MappingState(row.state).words
