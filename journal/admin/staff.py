"""The people of the desk and their roles."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from journal.actions import staff as people
from journal.admin.base import Button, DeskForm, DeskModelAdmin, offer
from journal.admin.question import NoForm, PasswordForm, Question, ask
from journal.domain.actor import Actor
from journal.models import Staff


class StaffForm(DeskForm):
    version_ignores = ("last_login", "password")

    zone = forms.ChoiceField(label="Time zone", initial="UTC", widget=UnfoldAdminSelectWidget)
    roles = forms.MultipleChoiceField(label="Roles", required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)
    password = forms.CharField(
        label="First password",
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="Without one nobody can sign in as them until one is set.",
    )

    class Meta:
        model = Staff
        fields = ("username", "first_name", "last_name", "email", "zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "zone" in self.fields:
            offer(self, "zone", {zone: zone for zone in sorted(zoneinfo.available_timezones())})
        if "roles" in self.fields:
            offer(self, "roles", {name: name for name in Group.objects.order_by("name").values_list("name", flat=True)})
            if self.instance.pk:
                self.fields["roles"].initial = list(self.instance.groups.values_list("name", flat=True))


@admin.register(Staff)
class StaffAdmin(DeskModelAdmin):
    form = StaffForm
    add_permission = change_permission = people.PERMISSION
    list_display = ("full_name", "username", "email", "roles", "standing", "zone", "last_login")
    list_filter = ("groups", "is_active")
    search_fields = ("username", "first_name", "last_name", "email")
    row_pages = ("deactivate", "reactivate", "password")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("username", "first_name", "last_name", "email", "zone", "roles", "password")
        if self.has_change_permission(request, obj):
            return ("first_name", "last_name", "email", "zone", "roles")
        return ("username", "first_name", "last_name", "email", "zone", "role_names", "standing")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("role_names", "standing")

    def adds_through(self, *, form: forms.ModelForm, by: Actor, at: datetime) -> Staff:
        told = form.cleaned_data
        names = ("username", "first_name", "last_name", "email", "zone", "roles")
        return people.create_staff(
            **{name: told[name] for name in names}, password=told["password"] or None, by=by, at=at
        )

    def saves_through(self, *, row: Staff, form: forms.ModelForm, by: Actor, at: datetime) -> Staff:
        told = form.cleaned_data
        details = {name: told[name] for name in ("first_name", "last_name", "email", "zone")}
        people.change_details(staff=row, **details, by=by, at=at)
        return people.assign_roles(staff=row, roles=told["roles"], by=by, at=at)

    @display(description="name", ordering="first_name")
    def full_name(self, row: Staff) -> str:
        return row.name()

    @display(description="roles")
    def roles(self, row: Staff) -> str:
        return ", ".join(sorted(group.name for group in row.groups.all())) or "None"

    role_names = roles

    @display(description="state", label={"Active": "success", "Deactivated": "danger"})
    def standing(self, row: Staff) -> str:
        return "Active" if row.is_active else "Deactivated"

    def buttons(self, request: HttpRequest, row: Staff) -> list[Button]:
        if not self.has_change_permission(request, row):
            return []
        password = Button("Set a new password", self.address("password", row.pk))
        if not row.is_active:
            return [password, Button("Reactivate", self.address("reactivate", row.pk))]
        return [password, Button("Deactivate", self.address("deactivate", row.pk), "danger")]

    def deactivate_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "They can no longer sign in. What they did stays under their name."
        return self._ask(request, object_id, people.deactivate, "Deactivate", warning)

    def reactivate_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(
            request, object_id, people.reactivate, "Reactivate", "They can sign in again, with these roles."
        )

    def password_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "They are signed out everywhere and need the new password to come back."
        return self._ask(
            request, object_id, people.set_password, "Set a new password", warning, form_class=PasswordForm
        )

    def _ask(
        self,
        request: HttpRequest,
        object_id: str,
        act: Callable[..., Any],
        button: str,
        warning: str,
        *,
        form_class: type[forms.Form] = NoForm,
    ) -> HttpResponse:
        row: Staff = self.found(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        question = Question(
            title=f"{button}: {row.name()}?",
            button=button,
            done=f"Done for {row.name()}.",
            back_to=self.address("changelist"),
            facts=[("Name", row.name()), ("User name", row.username), ("Roles", self.roles(row))],
            warning=warning,
            danger=button == "Deactivate",
        )
        return ask(self, request, question, act, form_class=form_class, staff=row)
