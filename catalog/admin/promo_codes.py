"""Promotional codes: the list, one code with who used it, stopping it, and the codes of a campaign as a file."""

import csv
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.actions.promo_codes import EDIT, stop_code
from catalog.admin.promo_code_pages import CampaignPage, CodeEditPage, CodeNewPage
from catalog.admin.shown import CatalogAdmin
from catalog.domain.formula_guard import guarded
from catalog.models import PromoCode
from catalog.queries.promotions import redeemed, say_gift, say_use, say_window, uses_of_code, window_of
from journal.admin.base import Button
from journal.admin.question import Question, ask

VIEW = "catalog.view_promocode"
COLOURS = {"In use": "success", "To come": "info", "Expired": "warning", "Used up": "warning", "Stopped": "danger"}
COLUMNS = ("Code", "Gives", "Redeemed", "State")


class ReasonQuestion(forms.Form):
    reason = forms.CharField(label="Why", max_length=500, help_text="It stands in the audit beside your name.")


class _Echo:
    """What the writer of a file writes to when the file is sent line by line."""

    def write(self, line: str) -> str:
        return line


@admin.register(PromoCode)
class PromoCodeAdmin(CatalogAdmin):
    list_display = ("code", "name", "gives_words", "use", "standing", "campaign")
    list_filter = ("gives", "campaign")
    list_select_related = ("plan", "feature__group", "market")
    search_fields = ("code", "code_key", "name", "campaign")
    search_help_text = "A code, its name, or its campaign."
    list_before_template = "catalog/promo_codes/list_head.html"
    fields = (
        "code", "name", "gives_words", "standing", "dates", "where", "use", "each", "campaign", "who_used_it",
    )  # fmt: skip
    readonly_fields = fields
    row_pages = ("stop",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromoCode]:
        counted = Count("redemptions", filter=Q(redemptions__revoked_at__isnull=True))
        return super().get_queryset(request).annotate(used=counted)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page_at("new/", CodeNewPage, "catalog_promocode_new"),
            self.page_at("campaign/", CampaignPage, "catalog_promocode_campaign"),
            path("codes.csv", self.admin_site.admin_view(self.codes_file), name="catalog_promocode_csv"),
            self.page_at("<int:code_id>/edit/", CodeEditPage, "catalog_promocode_edit"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {
            "title": "Promotional codes",
            "may_edit": request.user.has_perm(EDIT),
            "campaign": request.GET.get("campaign__exact") or request.GET.get("campaign") or "",
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    @display(description="Gives")
    def gives_words(self, row: PromoCode) -> str:
        return say_gift(row)

    @display(description="Redeemed")
    def use(self, row: PromoCode) -> str:
        return say_use(row, used=_used(row))

    @display(description="One customer")
    def each(self, row: PromoCode) -> str:
        times = "once" if row.max_per_account == 1 else f"{row.max_per_account} times"
        return f"{times}, counted over the campaign" if row.campaign else times

    @display(description="Can be used")
    def dates(self, row: PromoCode) -> str:
        return say_window(row, zone="UTC").capitalize()

    @display(description="Where")
    def where(self, row: PromoCode) -> str:
        return str(row.market or "Everywhere")

    @display(description="State", label=COLOURS)
    def standing(self, row: PromoCode) -> str:
        return standing_of(row)

    @display(description="Who used it")
    def who_used_it(self, row: PromoCode) -> SafeString:
        everyone = f"{reverse('admin:entitlements_redemption_changelist')}?{urlencode({'q': row.code})}"
        return self.part("code_uses", uses=uses_of_code(row), everyone=everyone)

    def buttons(self, request: HttpRequest, row: PromoCode) -> list[Button]:
        offered = []
        if row.campaign:
            offered.append(Button("Codes of the campaign", _file_of(row.campaign)))
        if row.stopped_at is None and request.user.has_perm(EDIT):
            offered.append(Button("Edit", reverse("admin:catalog_promocode_edit", args=[row.pk]), "primary"))
            offered.append(Button("Stop it", self.address("stop", row.pk), "danger"))
        return offered

    def stop_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: PromoCode = self.found(request, object_id)
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        question = Question(
            title=f"Stop the code {row}?",
            button="Stop it",
            done=f"{row} gives nothing any more.",
            back_to=self.address("change", row.pk),
            facts=[("Gives", say_gift(row)), ("Redeemed", self.use(row))],
            warning="Nobody can redeem it from now on, and it can't be started again. Who has redeemed it keeps what it gave.",
            danger=True,
        )
        return ask(self, request, question, stop_code, form_class=ReasonQuestion, code=row)

    def codes_file(self, request: HttpRequest) -> Any:
        """The codes of a campaign with their use, one a line; a code is text, so no spreadsheet may run it."""
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        campaign = request.GET.get("campaign", "")
        rows = self.get_queryset(request).filter(campaign=campaign).select_related("plan", "feature__group")
        if not campaign or not rows.exists():
            return HttpResponseRedirect(self.address("changelist"))
        writer = csv.writer(_Echo())
        lines = (writer.writerow([guarded(str(cell)) for cell in line]) for line in (COLUMNS, *map(_line, rows)))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="codes.csv"'
        return answer


def _line(row: PromoCode) -> tuple[str, ...]:
    return row.code, say_gift(row), say_use(row, used=_used(row)), standing_of(row)


def _used(row: Any) -> int:
    return int(row.used) if hasattr(row, "used") else redeemed(row)


def _file_of(campaign: str) -> str:
    return f"{reverse('admin:catalog_promocode_csv')}?{urlencode({'campaign': campaign})}"


def standing_of(row: PromoCode) -> str:
    """Where the code stands now, in one word or two."""
    now = timezone.now()
    if row.stopped_at is not None:
        return "Stopped"
    if not window_of(row).contains(now):
        return "To come" if row.starts_at is not None and row.starts_at > now else "Expired"
    full = row.max_redemptions is not None and _used(row) >= row.max_redemptions
    return "Used up" if full else "In use"
