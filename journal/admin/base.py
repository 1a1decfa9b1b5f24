"""The base of every admin page: what it writes, it writes through actions.

Stock Django saves forms, inlines, list edits and deletions straight into tables. Here each of these ways is closed
until a subclass says which action it stands for.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.timezone import now
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from journal.admin.versions import version_lines
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale
from journal.models import AuditEvent, Staff

PAGE = 25
HISTORY_HEADINGS = ("When", "Who", "What was done", "Why")


def actor_of(request: HttpRequest) -> Actor:
    return cast(Staff, request.user).as_actor()  # the admin lets nobody else in


def refusals_shown(form: forms.BaseForm, refusal: Refusal) -> None:
    """Put a refusal where its reader looks: beside the field at fault, or on top of the form."""
    for field, refused in refusal.errors.items():
        shown = field in form.fields
        name = "" if shown or not field else f"{field.replace('_', ' ').capitalize()}: "
        for message in refused:
            form.add_error(field if shown else None, name + message)


def offer(form: forms.BaseForm, field: str, choices: Mapping[str, str]) -> None:
    """Let a choice field offer what is there today, not what was there when the process started."""
    chooser = form.fields[field]
    assert isinstance(chooser, forms.ChoiceField)
    chooser.choices = list(choices.items())


def version_of(row: models.Model, *, ignoring: tuple[str, ...] = ()) -> str:
    """A token that differs as soon as any column of the row does."""
    columns = [
        (field.attname, field.value_to_string(row)) for field in row._meta.concrete_fields if field.name not in ignoring
    ]
    return hashlib.sha256(repr(columns).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Button:
    """What can be done with the row on show, and the page that asks before it is done."""

    words: str
    url: str
    variant: str = "default"


class DeskForm(forms.ModelForm):
    """A form that remembers which version of the row it showed, and refuses to overwrite another."""

    version_token = forms.CharField(widget=forms.HiddenInput, required=False)
    version_ignores: ClassVar[tuple[str, ...]] = ()
    refusal: ClassVar[Refusal | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._version = version_of(self.instance, ignoring=self.version_ignores) if self.instance.pk else ""
        self.fields["version_token"].initial = self._version

    def full_clean(self) -> None:
        super().full_clean()
        if not self.is_bound:
            return
        if self.data.get(self.add_prefix("version_token"), "") != self._version and not self.instance._state.adding:
            self.add_error(None, Stale().message)
        elif self.refusal is not None:
            refusals_shown(self, self.refusal)


class DeskModelAdmin(ModelAdmin):
    """Read-only until a subclass defines the actions it writes through, each with the permission that shows it.

    Each name in `row_pages` is a page of its own about one row, `<name>_page(request, object_id)`, at …/<id>/<name>/;
    `buttons` lead there.

    `adds_through(self, *, form, by, at)` and `saves_through(self, *, row, form, by, at)` return the row;
    `removes_through(self, *, row, by, at)` removes it. The permission is for the buttons: the action checks its own.
    """

    form = DeskForm
    adds_through: Callable[..., models.Model] | None = None
    saves_through: Callable[..., models.Model] | None = None
    removes_through: Callable[..., None] | None = None
    add_permission = ""
    change_permission = ""
    remove_permission = ""

    list_per_page = PAGE
    list_max_show_all = PAGE
    show_full_result_count = False
    list_editable: tuple[str, ...] = ()
    actions: Any = ()
    change_form_before_template = "journal/version_token.html"
    change_form_outer_before_template = "journal/buttons.html"
    row_pages: tuple[str, ...] = ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        name = f"{self.opts.app_label}.view_{self.opts.model_name}"
        return request.user.has_perm(name) or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return self.adds_through is not None and request.user.has_perm(self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.saves_through is not None and request.user.has_perm(self.change_permission)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.removes_through is not None and request.user.has_perm(self.remove_permission)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        offered.pop("delete_selected", None)
        return offered

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST" and transaction.get_connection().in_atomic_block:
            # Held while the version is compared and the action runs, else two forms could both find it unchanged.
            self.model._base_manager.select_for_update().get(pk=found.pk)
            found.refresh_from_db()
        return found

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """A refusal undoes the attempt and shows the same form again, with the refusal in it."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # Django's requests carry more; its type can't
            return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A list is titled by what stands on it, not by "Select … to view"."""
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        through = self.saves_through if change else self.adds_through
        if through is None:
            raise PermissionDenied
        row = {"row": self.model._base_manager.get(pk=obj.pk)} if change else {}
        kept = through(**row, form=form, by=actor_of(request), at=now())
        obj.__dict__.update(kept.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the action wrote all there is to write. Inlines only show."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(self.address("change", object_id))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        if self.removes_through is None:
            raise PermissionDenied
        self.removes_through(row=obj, by=actor_of(request), at=now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        raise PermissionDenied

    # Django's own log would be a second, weaker audit.
    def log_addition(self, *_: Any) -> None: ...
    def log_change(self, *_: Any) -> None: ...
    def log_deletions(self, *_: Any) -> None: ...

    def buttons(self, request: HttpRequest, row: Any) -> Sequence[Button]:
        return ()

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(getattr(self, f"{name}_page")),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for name in self.row_pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        context["buttons"] = self.buttons(request, row) if row is not None else ()
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was done to this row, from the audit."""
        row = self.found(request, object_id)
        events = AuditEvent.objects.filter(subject_type=self.opts.model_name, subject_key=str(row.pk)).order_by("-seq")
        context = {"title": f"What was done to {row}", "events": events[:200], "headings": HISTORY_HEADINGS}
        return self.page(request, "journal/row_history.html", context)

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The row for a page of one's own, or 404 where there is none and 403 where it may not be seen."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> TemplateResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**shared, **context})

    def address(self, name: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def acted(
        self, request: HttpRequest, act: Callable[..., Any], *, done: str, back_to: str, **arguments: Any
    ) -> HttpResponseRedirect:
        """Run one action for a button, tell how it went, and go back: a refusal is a message, never an error page."""
        try:
            with transaction.atomic():
                act(**arguments, by=actor_of(request), at=now())
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(back_to)


class RecordedModelAdmin(DeskModelAdmin, SimpleHistoryAdmin):
    """For models under History, with the versions of each row to look at, never to restore by a form."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.found(request, object_id)
        context = {
            "title": f"What happened to {row}",
            "versions": version_lines(row),
            "headings": (*HISTORY_HEADINGS, "What changed"),
            "original": row,
            **(extra_context or {}),
        }
        return self.page(request, "journal/versions.html", context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        # The library's own setting only hides the button; a POST would save past every action.
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
