"""What our plans, prices and features are called in the billing system: one table to read, fill in and take along."""

import csv
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse

from catalog.actions.billing_links import EDIT, Named, set_links
from catalog.admin.pages import FormPage, Page
from catalog.admin.shown import CatalogAdmin
from catalog.domain.formula_guard import guarded
from catalog.integrations.stripe.identifiers import unusual
from catalog.models import BillingLink
from catalog.models.billing import Mode
from catalog.queries.billing import LinkRow, last_changes, link_rows, links_token

VIEW = "catalog.view_billinglink"
MODES = {Mode.LIVE: "Live", Mode.TEST: "For trying out"}
COLUMNS = ("Section", "What", "Which", "Id", "Lookup key")


def mode_asked(request: HttpRequest) -> Mode:
    """The mode in the address; the live one unless it says otherwise."""
    return Mode.TEST if request.GET.get("mode") == Mode.TEST else Mode.LIVE


def billing_url(mode: Mode) -> str:
    return f"{reverse('admin:catalog_billing')}?mode={mode}"


class LinksForm(forms.Form):
    """One input for each thing that can have an id, and one for the lookup key of each price."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, rows: tuple[LinkRow, ...], seen: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.rows = rows
        self.fields["seen"].initial = seen
        for row in rows:
            name, said = row.slot.name, f"{row.thing}: {row.part}"
            self.fields[name] = forms.CharField(
                label=said, required=False, max_length=255, initial=row.link.external_id if row.link else ""
            )
            if row.keyed:
                self.fields[f"{name}-key"] = forms.CharField(
                    label=f"{said}, lookup key",
                    required=False,
                    max_length=200,
                    initial=row.link.lookup_key if row.link else "",
                )
        self.fields["reason"] = forms.CharField(
            label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="It stands in the audit."
        )

    @property
    def named(self) -> list[Named]:
        given = self.cleaned_data
        return [Named(row.slot, given[row.slot.name], given.get(f"{row.slot.name}-key", "")) for row in self.rows]

    @property
    def sections(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The rows by section, each with its inputs and what looks odd about it."""
        sections: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            key = self[f"{row.slot.name}-key"] if row.keyed else None
            odd = unusual(row.link.external_id, sort=row.slot.sort) if row.link else ""
            line = {"row": row, "id": self[row.slot.name], "key": key, "odd": odd}
            sections.setdefault(row.section, []).append(line)
        return list(sections.items())


class BillingPage(FormPage[LinksForm]):
    """Whoever may see the links reads the table; who may change them gets the inputs."""

    permission = VIEW
    template_name = "catalog/billing/links.html"
    title = "Billing system"

    @cached_property
    def mode(self) -> Mode:
        return mode_asked(self.request)

    @cached_property
    def rows(self) -> tuple[LinkRow, ...]:
        return link_rows(mode=self.mode)

    def form(self, *, data: Any = None) -> LinksForm:
        return LinksForm(data, rows=self.rows, seen=links_token(mode=self.mode))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "may_edit": self.request.user.has_perm(EDIT),
            "mode": self.mode,
            "modes": [(MODES[mode], billing_url(mode), mode is self.mode) for mode in Mode],
            "missing": sum(row.missing for row in self.rows),
            "all": len(self.rows),
            "changes": last_changes(mode=self.mode),
        }

    def act(self, form: LinksForm) -> HttpResponse:
        if not self.request.user.has_perm(EDIT):
            raise PermissionDenied
        given = form.cleaned_data
        set_links(mode=self.mode, named=form.named, seen=given["seen"], reason=given["reason"], by=self.by, at=self.at)
        self.tell("The links are saved.")
        return HttpResponseRedirect(billing_url(self.mode))


class BillingCsvPage(Page):
    permission = VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mode = mode_asked(request)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="billing-links-{mode}.csv"'
        response.write("\ufeff")  # spreadsheets take the file for UTF-8 only with it
        lines = csv.writer(response)
        lines.writerow(COLUMNS)
        for row in link_rows(mode=mode):
            link = (row.link.external_id, row.link.lookup_key) if row.link else ("", "")
            lines.writerow([guarded(text) for text in (row.section, row.thing, row.part, *link)])
        return response


@admin.register(BillingLink)
class BillingLinkAdmin(CatalogAdmin):
    list_display = ("__str__", "mode", "external_id", "lookup_key")
    list_filter = ("mode",)
    list_select_related = ("plan", "feature")
    search_fields = ("external_id", "lookup_key")
    fields = ("mode", "plan", "feature", "interval", "currency", "external_id", "lookup_key")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page_at("of-the-system/", BillingPage, "catalog_billing"),
            self.page_at("of-the-system/csv/", BillingCsvPage, "catalog_billing_csv"),
            *super().get_urls(),
        ]
