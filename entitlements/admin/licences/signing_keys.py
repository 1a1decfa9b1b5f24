"""What licence files are signed with: which keys there are, how many files hang on each, and how one is renewed."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.queries.instants import say_instant
from entitlements.actions.licences.keys import PERMISSION, mark_compromised, rotate_signing_key
from entitlements.admin.fields import ReasonField
from entitlements.admin.licences.words import plural
from entitlements.models import SigningKey
from entitlements.queries.licences.lists import files_signed
from journal.admin.base import Button, DeskModelAdmin
from journal.admin.question import Question, ask

COLOURS = {"Signs": "success", "Retired": "info", "Compromised": "danger"}


class WhyForm(forms.Form):
    reason = ReasonField()
    reason.widget = UnfoldAdminTextareaWidget(attrs={"rows": 2})


@admin.register(SigningKey)
class SigningKeyAdmin(DeskModelAdmin):
    list_before_template = "entitlements/licences/keys_head.html"
    list_display = ("kid", "standing", "since", "until", "files_out")
    fields = ("kid", "standing", "since", "until", "files_out", "public_half")
    readonly_fields = fields
    row_pages = ("compromise",)

    def get_urls(self) -> list[URLPattern]:
        renew = path("renew/", self.admin_site.admin_view(self.renew_page), name="entitlements_signingkey_renew")
        return [renew, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_renew": request.user.has_perm(PERMISSION)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    @display(description="State", label=COLOURS)
    def standing(self, row: SigningKey) -> str:
        if row.compromised:
            return "Compromised"
        return "Signs" if row.retired_at is None else "Retired"

    @display(description="Made")
    def since(self, row: SigningKey) -> str:
        return say_instant(row.created_at)

    @display(description="Signed until")
    def until(self, row: SigningKey) -> str:
        return "–" if row.retired_at is None else say_instant(row.retired_at)

    @display(description="Files out")
    def files_out(self, row: SigningKey) -> str:
        return _say_files(row, at=timezone.now())

    @display(description="Public half")
    def public_half(self, row: SigningKey) -> str:
        return row.public

    def buttons(self, request: HttpRequest, row: SigningKey) -> list[Button]:
        if row.compromised or not request.user.has_perm(PERMISSION):
            return []
        compromised = Button("It was compromised", self.address("compromise", row.pk), "danger")
        return [compromised] if row.retired_at is not None else [Button("Renew it", self.address("renew")), compromised]

    def renew_page(self, request: HttpRequest) -> HttpResponse:
        """Retire the key that signs, and sign with a new one."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        now, key = timezone.now(), SigningKey.objects.filter(retired_at__isnull=True).first()
        facts = [] if key is None else [("Signs now", key.kid), ("Files out", _say_files(key, at=now))]
        question = Question(
            title="Renew the key that licence files are signed with?",
            button="Make a new key",
            done="Licence files are signed with a new key.",
            back_to=self.address("changelist"),
            facts=facts,
            warning="Files that are out stay good until their end. Software that reads files needs the new key: it is "
            "published with the others, and software that can’t ask gets it with its next update. Give it time to "
            "arrive, or new files are refused there.",
        )
        return ask(self, request, question, rotate_signing_key, form_class=WhyForm)

    def compromise_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Somebody else may sign with the key: nothing signed with it is believed any more."""
        key: SigningKey = self.found(request, object_id)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        signs = key.retired_at is None
        question = Question(
            title=f"Was the key {key.kid} compromised?",
            button="Mark it compromised, and make a new one" if signs else "Mark it compromised",
            done="The key is compromised." + (" Licence files are signed with a new one." if signs else ""),
            back_to=self.address("changelist"),
            facts=[("Files out", _say_files(key, at=timezone.now())), ("Made", say_instant(key.created_at))],
            warning="It is taken off the list of published keys at once, and no file signed with it is believed by "
            "software that knows: each of these customers needs a new file. Software that never asks goes on believing "
            "them, forged ones too, until it gets an update without this key. This can’t be taken back.",
            danger=True,
        )
        return ask(self, request, question, mark_compromised, form_class=WhyForm, key=key)


def _say_files(key: SigningKey, *, at: datetime) -> str:
    files, accounts, last = files_signed(key, at=at)
    if not files or last is None:
        return "None that still let software run"
    return f"{plural(files, 'file')} of {plural(accounts, 'customer')}, the last until {say_instant(last)}"
