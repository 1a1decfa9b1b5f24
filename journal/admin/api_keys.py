"""Keys for programs: issued here, shown once, revoked here."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from journal import scopes
from journal.actions import api_keys
from journal.admin.base import Button, DeskForm, DeskModelAdmin, offer
from journal.admin.question import Question, ask
from journal.domain.actor import Actor
from journal.models import ApiKey


class ApiKeyForm(DeskForm):
    scopes = forms.MultipleChoiceField(label="May be used for", widget=UnfoldAdminCheckboxSelectMultipleWidget)

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "scopes" in self.fields:
            offer(self, "scopes", scopes.known())


@admin.register(ApiKey)
class ApiKeyAdmin(DeskModelAdmin):
    form = ApiKeyForm
    add_permission = api_keys.PERMISSION
    list_display = ("name", "shown_prefix", "standing", "used_for", "expires_at", "created_by", "created_at")
    row_pages = ("revoke",)

    def adds_through(self, *, form: forms.ModelForm, by: Actor, at: datetime) -> ApiKey:
        chosen = form.cleaned_data
        key, plain = api_keys.issue(
            name=chosen["name"], scopes=chosen["scopes"], expires_at=chosen["expires_at"], by=by, at=at
        )
        key.plain = plain  # type: ignore[attr-defined]  # for the one page that shows it; no column
        return key

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The one page that ever shows the key; no browser keeps it."""
        context = {"title": "The key was issued", "plain": obj.plain, "key": obj, "back_to": self.address("changelist")}
        response = self.page(request, "journal/api_key_issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "scopes", "expires_at")
        return ("name", "shown_prefix", "standing", "used_for", "expires_at", "revoked_at", "created_by", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else self.get_fields(request, obj)

    @display(description="key")
    def shown_prefix(self, key: ApiKey) -> str:
        return f"ed_{key.prefix}_…"

    @display(description="state", label={"Live": "success", "Revoked": "danger", "Expired": "warning"})
    def standing(self, key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "Revoked"
        return "Live" if key.is_live(at=now()) else "Expired"

    @display(description="used for")
    def used_for(self, key: ApiKey) -> str:
        words = scopes.known()
        return ", ".join(words.get(scope, scope) for scope in key.scopes)

    def buttons(self, request: HttpRequest, row: ApiKey) -> list[Button]:
        if row.revoked_at is not None or not request.user.has_perm(api_keys.PERMISSION):
            return []
        return [Button("Revoke this key", self.address("revoke", row.pk), "danger")]

    def revoke_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key: ApiKey = self.found(request, object_id)
        if not request.user.has_perm(api_keys.PERMISSION):
            raise PermissionDenied
        question = Question(
            title=f"Revoke the key {key.name}?",
            button="Revoke this key",
            done="The key was revoked. It no longer works.",
            back_to=self.address("changelist"),
            facts=[("Key", self.shown_prefix(key)), ("Used for", self.used_for(key)), ("Issued by", key.created_by)],
            warning="Whatever uses this key stops working this second. A revoked key cannot be brought back.",
            danger=True,
        )
        return ask(self, request, question, api_keys.revoke, key=key)
