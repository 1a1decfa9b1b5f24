"""The list of reasons that staff choose from: added, renamed, retired and brought back, and never struck."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from entitlements.actions.reason_codes import (
    PERMISSION,
    add_reason_code,
    bring_back_reason_code,
    rename_reason_code,
    retire_reason_code,
)
from entitlements.models import ReasonCode
from journal.admin.base import Button, DeskForm, RecordedModelAdmin
from journal.admin.question import Question, ask
from journal.domain.actor import Actor

CHOSEN, RETIRED = "Can be chosen", "Retired"
LABELS = {"key": "Key", "name": "Name", "note": "When to choose it"}


class ReasonCodeForm(DeskForm):
    class Meta:
        model = ReasonCode
        fields = ("key", "name", "note")
        labels = LABELS
        help_texts = {"note": "Shown beside the choice, so that two people choose alike."}
        widgets = {"note": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def _get_validation_exclusions(self) -> set[str]:
        """Two of one name are refused by the action, in the reader's words."""
        return {"name", "key"}


@admin.register(ReasonCode)
class ReasonCodeAdmin(RecordedModelAdmin):
    form = ReasonCodeForm
    add_permission = change_permission = PERMISSION
    list_display = ("name", "when", "standing", "used")
    search_fields = ("name", "key__exact")
    search_help_text = "The name or key of a reason."
    row_pages = ("retire", "bring_back")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReasonCode]:
        return super().get_queryset(request).annotate(times=Count("overrides"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Reasons to choose from", **(extra_context or {})})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The key stays: systems that ask for overrides know it."""
        return () if obj is None else ("key", "standing", "used")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        asked = ("key", "name", "note")
        return asked if obj is None else (*asked, "standing", "used")

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> ReasonCode:
        return add_reason_code(**{name: form.cleaned_data[name] for name in ("key", "name", "note")}, by=by, at=at)

    def saves_through(self, *, row: ReasonCode, form: Any, by: Actor, at: datetime) -> ReasonCode:
        given = {name: form.cleaned_data[name] for name in ("name", "note")}
        return rename_reason_code(reason_code=row, **given, by=by, at=at)

    def buttons(self, request: HttpRequest, row: ReasonCode) -> list[Button]:
        if not self.has_change_permission(request, row):
            return []
        if row.retired_at is not None:
            return [Button("Bring it back", self.address("bring_back", row.pk))]
        return [Button("Retire it", self.address("retire", row.pk), "danger")]

    def retire_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "Nobody can choose it from now on. What bears it keeps it, and so do the lines of the policy."
        return self._ask(request, object_id, retire_reason_code, "Retire it", warning, danger=True)

    def bring_back_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, bring_back_reason_code, "Bring it back", "It can be chosen again.")

    def _ask(
        self,
        request: HttpRequest,
        object_id: str,
        act: Callable[..., Any],
        button: str,
        warning: str,
        *,
        danger: bool = False,
    ) -> HttpResponse:
        row: ReasonCode = self.found(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        question = Question(
            title=f"{button}: {row}?",
            button=button,
            done=f"Done: {row}.",
            back_to=self.address("change", row.pk),
            facts=[("Reason", row.name), ("Borne by", self.used(row))],
            warning=warning,
            danger=danger,
        )
        return ask(self, request, question, act, reason_code=row)

    @display(description=LABELS["note"])
    def when(self, row: ReasonCode) -> str:
        return row.note

    @display(description="Now", label={CHOSEN: "success", RETIRED: "warning"})
    def standing(self, row: ReasonCode) -> str:
        return CHOSEN if row.retired_at is None else RETIRED

    @display(description="Borne by")
    def used(self, row: Any) -> str:
        return f"{row.times} override{'' if row.times == 1 else 's'}"
