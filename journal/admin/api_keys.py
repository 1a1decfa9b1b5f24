"""Keys for programs: issued here, shown once, watched, limited and revoked here."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from unfold.decorators import display

from journal import scopes
from journal.actions import api_keys
from journal.admin.api_key_forms import ApiKeyForm, KeyPlaceFilter, LimitForm, RevocationForm, usual_limit
from journal.admin.base import Button, DeskModelAdmin
from journal.admin.question import Question, ask
from journal.domain.actor import Actor
from journal.models import ApiKey
from journal.queries.api_keys import PROGRAM, KeyPlace, deeds_of, key_in, revocation_of

COLOURS = {"Live": "success", "Revoked": "danger", "Expired": "warning"}
LATELY = 10
IN_LIST = 2  # scopes named in the list; the page of the key names all


@admin.register(ApiKey)
class ApiKeyAdmin(DeskModelAdmin):
    form = ApiKeyForm
    add_permission = api_keys.PERMISSION
    list_display = ("name", "shown_prefix", "standing", "used_for", "last_use", "end", "created_by")
    list_filter = (KeyPlaceFilter,)
    list_before_template = "journal/api_keys_head.html"
    fields = ("name", "scopes", "expires_at", "rate_limit")
    row_pages = ("limit", "revoke")

    class Media:
        css: ClassVar = {"all": ["journal/keys.css"]}

    def adds_through(self, *, form: forms.ModelForm, by: Actor, at: datetime) -> ApiKey:
        chosen = form.cleaned_data
        told = {name: chosen[name] for name in self.fields}
        key, plain = api_keys.issue(**told, by=by, at=at)
        key.plain = plain  # type: ignore[attr-defined]  # for the one page that shows it; no column
        return key

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """One button: what follows is always the page that shows the key."""
        shown = {"title": "Issue an API key", "show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**shown, **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The one page that ever shows the key; no browser keeps it."""
        context = {
            "title": "The key was issued",
            "plain": obj.plain,
            "key": obj,
            "groups": scopes.grouped(obj.scopes),
            "trial": f'curl -H "Authorization: Bearer {obj.plain}" {settings.DESK_URL}{reverse("api:key")}',
            "back_to": self.address("change", obj.pk),
        }
        response = self.page(request, "journal/api_key_issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: a key is limited and revoked, never edited."""
        key: ApiKey = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        may_read_audit = request.user.has_perm("journal.view_auditevent")
        context = {
            "title": key.name,
            "key": key,
            "shown": self.shown_prefix(key),
            "standing": self.standing(key),
            "colour": COLOURS[self.standing(key)],
            "unused": ApiKey.objects.filter(key_in(KeyPlace.UNUSED, at=now()), pk=key.pk).exists(),
            "groups": scopes.grouped(key.scopes),
            "limit": _limit_in_words(key),
            "revocation": revocation_of(key),
            "deeds": deeds_of(key, most=LATELY) if may_read_audit else (),
            "audit": f"{reverse('admin:journal_auditevent_changelist')}?actor={PROGRAM}{key.prefix}"
            if may_read_audit
            else "",
            "history": self.address("history", key.pk),
            "buttons": self.buttons(request, key),
            "back": self.address("changelist"),
        }
        return self.page(request, "journal/api_key.html", context)

    @display(description="key")
    def shown_prefix(self, key: ApiKey) -> str:
        return f"ed_{key.prefix}_…"

    @display(description="state", label=COLOURS)
    def standing(self, key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "Revoked"
        return "Live" if key.is_live(at=now()) else "Expired"

    @display(description="used for")
    def used_for(self, key: ApiKey) -> str:
        named = [words for group in scopes.grouped(key.scopes).values() for words in group.values()]
        more = len(named) - IN_LIST
        return "; ".join(named[:IN_LIST]) + (f"; and {more} more" if more > 0 else "")

    @display(description="last used", ordering="last_used_at", empty_value="No use noted")
    def last_use(self, key: ApiKey) -> datetime | None:
        return key.last_used_at

    @display(description="expires", ordering="expires_at", empty_value="Never")
    def end(self, key: ApiKey) -> datetime | None:
        return key.expires_at

    def buttons(self, request: HttpRequest, row: ApiKey) -> list[Button]:
        if row.revoked_at is not None or not request.user.has_perm(api_keys.PERMISSION):
            return []
        return [
            Button("Change its limit", self.address("limit", row.pk)),
            Button("Revoke this key", self.address("revoke", row.pk), "danger"),
        ]

    def limit_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self._issuers_only(request, object_id)
        question = Question(
            title=f"How often may {key.name} ask?",
            button="Set the limit",
            done="The limit was set. It holds within two seconds.",
            back_to=self.address("change", key.pk),
            facts=[("Key", self.shown_prefix(key)), ("Requests a minute now", _limit_in_words(key))],
        )
        return ask(self, request, question, api_keys.set_rate_limit, form_class=LimitForm, key=key)

    def revoke_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self._issuers_only(request, object_id)
        last_used = key.last_used_at or "No use noted"
        question = Question(
            title=f"Revoke the key {key.name}?",
            button="Revoke this key",
            done="The key was revoked. It no longer works.",
            back_to=self.address("change", key.pk),
            facts=[
                ("Key", self.shown_prefix(key)),
                ("Used for", self.used_for(key)),
                ("Last used", last_used),
                ("Issued by", key.created_by),
            ],
            warning="Whatever uses this key stops working within two seconds. A revoked key cannot be brought back.",
            danger=True,
        )
        return ask(self, request, question, api_keys.revoke, form_class=RevocationForm, key=key)

    def _issuers_only(self, request: HttpRequest, object_id: str) -> ApiKey:
        key: ApiKey = self.found(request, object_id)
        if not request.user.has_perm(api_keys.PERMISSION):
            raise PermissionDenied
        return key


def _limit_in_words(key: ApiKey) -> str:
    return f"{usual_limit()}, as every key" if key.rate_limit is None else f"{key.rate_limit:,}"
