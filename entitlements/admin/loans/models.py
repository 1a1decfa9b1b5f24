"""The list of loans, and the page of one: what was lent to whom, until when, and where each part stands."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from catalog.queries.instants import say_instant, say_until
from entitlements.admin.loans.effects import LOOKED_AT, alike, left_out
from entitlements.admin.loans.lend_page import LendPage
from entitlements.admin.loans.recall_page import RecallPage
from entitlements.admin.pages import account_url
from entitlements.models import Loan, Override
from entitlements.models.loan import LoanState
from entitlements.queries.lending import Borrower, borrowers_of, effects_of_lending
from entitlements.queries.loans import (
    LENDING,
    LoanPart,
    LoanPlace,
    how_long,
    job_of,
    loans,
    parts_of,
    place_of,
    what_is_lent,
)
from journal.admin.base import PAGE, Button, RecordedModelAdmin
from journal.domain.refusal import Refusal
from journal.models import Approval

COLOURS = {
    LoanPlace.RUNNING.words: "success",
    LoanPlace.TO_COME.words: "info",
    LoanPlace.WAITING.words: "warning",
    LoanPlace.RECALLED.words: "danger",
    LoanPlace.REJECTED.words: "danger",
}


class PlaceFilter(admin.SimpleListFilter):
    """Where a loan stands now."""

    title, parameter_name = "where it stands", "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(place.value, place.words) for place in LoanPlace]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Loan]) -> QuerySet[Loan]:
        try:
            place = LoanPlace(self.value() or "")
        except ValueError:
            return queryset
        return queryset.filter(_standing(place, at=timezone.now()))


def _standing(place: LoanPlace, *, at: datetime) -> Q:
    approved = Q(state=LoanState.APPROVED)
    match place:
        case LoanPlace.WAITING:
            return Q(state=LoanState.REQUESTED)
        case LoanPlace.REJECTED | LoanPlace.WITHDRAWN:
            return Q(state=place.value)
        case LoanPlace.RECALLED:
            return approved & Q(recalled_at__isnull=False)
        case LoanPlace.ENDED:
            return approved & Q(recalled_at__isnull=True, ends_at__lte=at)
    begun = Q(starts_at__lte=at) if place is LoanPlace.RUNNING else Q(starts_at__gt=at)
    return approved & begun & Q(recalled_at__isnull=True, ends_at__gt=at)


@admin.register(Loan)
class LoanAdmin(RecordedModelAdmin):
    list_display = ("what", "borrower", "place", "lasts", "name", "requested_by")
    list_filter = (PlaceFilter, "reason_code")
    list_select_related = ("account", "cohort", "plan", "feature__group")
    search_fields = ("name", "account__name", "account__key__exact", "cohort__name", "plan__name", "feature__name")
    search_help_text = "The name of the loan, of a customer or a cohort, or of what was lent."
    ordering = ("-requested_at", "-pk")
    list_before_template = "entitlements/loans/head.html"
    change_form_after_template = "entitlements/loans/_parts.html"
    fields = (
        "what",
        "borrower",
        "place",
        "begins",
        "lasts",
        "name",
        "listed_reason",
        "why",
        "deal",
        "requested_by",
        "approved_by",
        "recalled",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        lend = self.admin_site.admin_view(LendPage.as_view(model_admin=self))
        recall = self.admin_site.admin_view(RecallPage.as_view(model_admin=self))
        return [
            path("lend/", lend, name="entitlements_loan_lend"),
            path("<int:loan_id>/recall/", recall, name="entitlements_loan_recall"),
            *super().get_urls(),
        ]

    def buttons(self, request: HttpRequest, row: Loan) -> list[Button]:
        lasting = place_of(row, at=timezone.now()) in {LoanPlace.RUNNING, LoanPlace.TO_COME}
        if not lasting or not request.user.has_perm("entitlements.revoke_override"):
            return []
        return [Button("Recall it", reverse("admin:entitlements_loan_recall", args=[row.pk]), "danger")]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_lend": request.user.has_perm("entitlements.grant_override")}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        loan = loans().filter(pk=int(object_id)).first() if object_id.isdigit() else None
        told = {} if loan is None else _told(loan, page=request.GET.get("page"), request=request)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    @display(description="What")
    def what(self, row: Loan) -> str:
        return what_is_lent(row)

    @display(description="To whom")
    def borrower(self, row: Loan) -> SafeString:
        if row.account is not None:
            return format_html('<a class="underline" href="{}">{}</a>', account_url(row.account), row.account)
        address = reverse("admin:entitlements_cohort_change", args=[row.cohort_id])
        return format_html('The cohort <a class="underline" href="{}">{}</a>', address, row.cohort)

    @display(description="Now", label=COLOURS)
    def place(self, row: Loan) -> str:
        return place_of(row, at=timezone.now()).words

    @display(description="Begins")
    def begins(self, row: Loan) -> str:
        return say_instant(row.starts_at, zone=row.account.zone if row.account else "UTC")

    @display(description="How long", ordering="ends_at")
    def lasts(self, row: Loan) -> str:
        return how_long(row)

    @display(description="Reason")
    def listed_reason(self, row: Loan) -> str:
        return "None was chosen" if row.reason_code is None else str(row.reason_code)

    @display(description="Why")
    def why(self, row: Loan) -> str:
        return row.reason

    @display(description="Deal or ticket")
    def deal(self, row: Loan) -> SafeString | str:
        link = '<a class="underline" href="{}" rel="noopener noreferrer">{}</a>'
        return format_html(link, row.link, row.link) if row.link else "None"

    @display(description="Recalled")
    def recalled(self, row: Loan) -> str:
        if row.recalled_at is None:
            return "No"
        return f"{say_instant(row.recalled_at, zone=row.account.zone if row.account else 'UTC')}, by {row.recalled_by}"


def _told(loan: Loan, *, page: str | None, request: HttpRequest) -> dict[str, Any]:
    """What stands below the loan itself: its parts, or whom it would reach while it waits."""
    now = timezone.now()
    if loan.state == LoanState.REQUESTED:
        return _would(loan, at=now) | {"approval": _request(loan, request)}
    parts = Paginator(parts_of(loan), 4 * PAGE).get_page(page)
    job = job_of(loan, LENDING)
    return {
        "loan": loan,
        "page": parts,
        "parts": [_line(part, at=now) for part in parts],
        "job": job if request.user.has_perm("journal.view_job") else None,
        "underway": job is not None and job.finished_at is None,
    }


def _would(loan: Loan, *, at: datetime) -> dict[str, Any]:
    """What approving would do now; where it can do nothing any more, why."""
    borrowers: tuple[Borrower, ...] = borrowers_of(loan, at=at)
    taking_part = [found for found in borrowers if found.takes_part]
    told = {
        "loan": loan,
        "waiting": True,
        "taking": len(taking_part),
        "of": len(borrowers),
        "looked_at": LOOKED_AT,
        "left_out": left_out(borrowers),
        "single": loan.account is not None,
    }
    try:
        effects = effects_of_lending(loan, taking_part[:LOOKED_AT], at=at)
    except Refusal as refusal:
        return told | {"nothing": refusal.message}
    return told | {"groups": alike(effects)}


def _request(loan: Loan, request: HttpRequest) -> Approval | None:
    if not request.user.has_perm("journal.view_approval"):
        return None
    return Approval.objects.filter(kind="loan", subject_key=str(loan.pk), state=Approval.State.PENDING).first()


def _line(part: LoanPart, *, at: datetime) -> dict[str, Any]:
    """One account's part, and where it stands; what was revoked by itself is told apart."""
    row, end = part.row, part.window and part.window.end
    assert row.ends_at is not None  # a loan always ends
    revoked = isinstance(row, Override) and row.revoked_at is not None
    if part.live(at):
        badge, words = "in_force", "Lent"
    elif part.lasts(at):
        badge, words = "to_come", "To come"
    else:
        badge, words = ("revoked", "Taken back") if revoked else ("ended", "Ended")
    where = "The whole account" if isinstance(row, Override) else f"Subscription {row.subscription.number}"
    until = say_until(end or row.ends_at, zone=part.account.zone)
    return {"part": part, "badge": badge, "words": words, "where": where, "until": until, "override": _override(part)}


def _override(part: LoanPart) -> Override | None:
    return part.row if isinstance(part.row, Override) else None
