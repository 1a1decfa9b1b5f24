"""Severities, teams, policies and how accounts are doing: their lists, and the forms that go through actions."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from entitlements.models import Account
from journal.admin.base import DeskForm, RecordedModelAdmin
from journal.domain.actor import Actor
from support.actions.health import set_health
from support.actions.sla import declare_severity
from support.actions.teams import declare_team
from support.admin.policies.addresses import PAGES
from support.admin.policies.pages import EDIT, policy_url
from support.domain.case_events import Health
from support.models import AccountHealth, Severity, SlaPolicy, SlaPolicyVersion, Team, VersionState
from support.queries.policy_history import tier_choices

HEALTH_WORDS = {Health.GOOD: "Good", Health.AT_RISK: "At risk", Health.CRITICAL: "Critical"}
HEALTH_COLOURS = {"Good": "success", "At risk": "warning", "Critical": "danger"}


@admin.register(SlaPolicy)
class SlaPolicyAdmin(RecordedModelAdmin):
    """The list; a policy is read and written on pages of its own."""

    list_before_template = "support/policies/head.html"
    list_display = ("promise", "tier", "standing", "drafted")
    list_display_links = None
    fields = readonly_fields = ("name", "note", "tier")

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"support_policy{name}")
            for route, page, name in PAGES
        ]
        return [*pages, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlaPolicy]:
        versions = SlaPolicyVersion.objects.filter(policy=OuterRef("pk"))
        held = versions.filter(state=VersionState.IN_FORCE).order_by("-in_force_from", "-number")
        open_ones = versions.filter(state__in=[VersionState.DRAFT, VersionState.ASKED])
        rows = super().get_queryset(request)
        return rows.annotate(
            held=Subquery(held.values("number")[:1]),
            open_number=Subquery(open_ones.values("number")[:1]),
            open_state=Subquery(open_ones.values("state")[:1]),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        promised = set(SlaPolicy.objects.values_list("tier", flat=True))
        shown = {
            "title": "Support promises",
            "may_edit": request.user.has_perm(EDIT),
            "unpromised": [words for key, words in tier_choices().items() if key not in promised],
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock address leads to the policy's own page; nothing is posted there."""
        row: SlaPolicy = self.found(request, object_id)
        if request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(policy_url(row))
        return super().change_view(request, object_id, form_url, extra_context)

    @display(description="Promise", ordering="name")
    def promise(self, row: SlaPolicy) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', policy_url(row), row.name)

    @display(description="In force")
    def standing(self, row: Any) -> str:
        return "Nothing yet" if row.held is None else f"Version {row.held}"

    @display(description="Being changed")
    def drafted(self, row: Any) -> str:
        if row.open_number is None:
            return "–"
        waits = row.open_state == VersionState.ASKED
        return f"Version {row.open_number} {'waits for a second person' if waits else 'in draft'}"


class SeverityForm(DeskForm):
    class Meta:
        model = Severity
        fields = ("name", "key", "meaning", "position")
        help_texts = {
            "key": "How programs name it, such as urgent. It never changes.",
            "meaning": "When a case is this bad, in the words of the promise to customers.",
            "position": "The smallest number is the worst.",
        }


@admin.register(Severity)
class SeverityAdmin(RecordedModelAdmin):
    form = SeverityForm
    add_permission = change_permission = EDIT
    list_display = ("name", "meaning", "position")
    list_display_links = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj is not None else ()

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> Severity:
        return declare_severity(**_given(form, "key", "name", "meaning", "position"), by=by, at=at)

    def saves_through(self, *, row: Severity, form: Any, by: Actor, at: datetime) -> Severity:
        return declare_severity(key=row.key, **_given(form, "name", "meaning", "position"), by=by, at=at)


class TeamForm(DeskForm):
    class Meta:
        model = Team
        fields = ("name", "key", "email")
        help_texts = {
            "key": "How programs name it, such as second_line. It never changes.",
            "email": "Warnings, breaches and escalations that tell “team” go here. Empty: nobody is written to.",
        }


@admin.register(Team)
class TeamAdmin(RecordedModelAdmin):
    form = TeamForm
    add_permission = change_permission = EDIT
    list_display = ("name", "email", "key")
    search_fields = ("name", "key")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj is not None else ()

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> Team:
        return declare_team(**_given(form, "key", "name", "email"), by=by, at=at)

    def saves_through(self, *, row: Team, form: Any, by: Actor, at: datetime) -> Team:
        return declare_team(key=row.key, **_given(form, "name", "email"), by=by, at=at)


class HealthForm(DeskForm):
    customer = forms.CharField(
        widget=UnfoldAdminTextInputWidget,
        label="Customer",
        max_length=64,
        help_text="Its key, as on the account’s page.",
        error_messages={"required": "Whose?"},
    )

    class Meta:
        model = AccountHealth
        fields = ("level", "reason")
        widgets: ClassVar = {"reason": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        labels = {"level": "How it is doing", "reason": "Why"}
        help_texts = {"level": "Rules of a policy may make its targets shorter or longer by it, for cases from now on."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser = self.fields.get("level")
        if isinstance(chooser, forms.ChoiceField):
            chooser.choices = [(level.value, words) for level, words in HEALTH_WORDS.items()]
        if self.instance.pk:
            self.fields.pop("customer", None)

    def clean_customer(self) -> Account:
        key = self.cleaned_data["customer"].replace("\x00", "").strip()
        found = Account.objects.filter(key=key).first()
        if found is None:
            raise forms.ValidationError("No customer has this key; look it up by its name first.")
        if AccountHealth.objects.filter(account=found).exists():
            raise forms.ValidationError(f"How {found} is doing stands on the list already; change it there.")
        return found


@admin.register(AccountHealth)
class AccountHealthAdmin(RecordedModelAdmin):
    form = HealthForm
    add_permission = change_permission = EDIT
    list_display = ("account", "standing", "reason", "recorded_at")
    list_filter = ("level",)
    list_select_related = ("account",)
    search_fields = ("account__name", "account__key__exact")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("account", "level", "reason") if obj is not None else ("customer", "level", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("account",) if obj is not None else ()

    @display(description="How it is doing", label=HEALTH_COLOURS, ordering="level")
    def standing(self, row: AccountHealth) -> str:
        return HEALTH_WORDS[Health(row.level)]

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> AccountHealth:
        given = form.cleaned_data
        return set_health(account=given["customer"], level=Health(given["level"]), reason=given["reason"], by=by, at=at)

    def saves_through(self, *, row: AccountHealth, form: Any, by: Actor, at: datetime) -> AccountHealth:
        given = form.cleaned_data
        return set_health(account=row.account, level=Health(given["level"]), reason=given["reason"], by=by, at=at)


def _given(form: Any, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
