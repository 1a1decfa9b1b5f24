"""The lists of a manager: how tickets are checked, articles that answer a feature, and where accepted tickets go."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from journal.admin.base import DeskForm, RecordedModelAdmin, offer
from journal.admin.pages import Page
from journal.domain.actor import Actor
from support.actions.intake.articles import EDITING, TEACHING, remove_route, retire_article, set_article, set_route
from support.admin.intake.examples_page import ExamplesPage
from support.admin.intake.figures_page import FiguresPage, RowsPage
from support.admin.intake.settings_page import SettingsPage
from support.domain.case_events import Channel
from support.domain.intake.outcomes import Plays
from support.models import HelpArticle, IntakeSettings, Route
from support.queries.policy_history import tier_choices

PAGES: tuple[tuple[str, type[Page], str], ...] = (
    ("now/", SettingsPage, "intake_settings"),
    ("figures/", FiguresPage, "intake_figures"),
    ("figures/tickets/", RowsPage, "intake_figure_rows"),
    ("examples/", ExamplesPage, "intake_examples"),
)
PLAYS = {Plays.FIRST: "Always, before a case is opened", Plays.INSTEAD: "Where no help is owed on the channel"}
SHORT_PLAYS = {Plays.FIRST: "Always, first", Plays.INSTEAD: "Where no help is owed"}


@admin.register(IntakeSettings)
class IntakeSettingsAdmin(RecordedModelAdmin):
    """One row, read and edited on a page of its own."""

    fields = readonly_fields = ("read_by", "acting")

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        pages = [path(route, site.admin_view(page.as_view(model_admin=self)), name=name) for route, page, name in PAGES]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return _to_its_page(request, super().changelist_view(request, extra_context))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self.found(request, object_id)
        return _to_its_page(request, super().change_view(request, object_id, form_url, extra_context))


def _to_its_page(request: HttpRequest, stock: HttpResponse) -> HttpResponse:
    """Who may see it is led on; nothing is posted to a stock page."""
    return HttpResponseRedirect(reverse("admin:intake_settings")) if request.method in {"GET", "HEAD"} else stock


class ArticleForm(DeskForm):
    class Meta:
        model = HelpArticle
        fields = ("feature", "title", "url", "plays")
        field_classes: ClassVar = {"url": forms.CharField}  # the action says what an address has to be
        labels: ClassVar = {"plays": "When it is offered"}
        help_texts: ClassVar = {
            "feature": "A feature has one article. Where it has one, this takes its place.",
            "title": "As customers see it.",
            "url": "Its whole address, such as https://help.example/exports. It must be open to customers.",
            "plays": "“Always” turns away from a case also whoever is covered.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "plays" in self.fields:
            offer(self, "plays", {one.value: words for one, words in PLAYS.items()})


@admin.register(HelpArticle)
class HelpArticleAdmin(RecordedModelAdmin):
    form = ArticleForm
    add_permission = change_permission = remove_permission = TEACHING
    list_before_template = "support/intake/articles_head.html"
    list_display = ("title", "feature", "address_shown", "offered", "standing")
    list_filter = ("plays",)
    list_select_related = ("feature",)
    search_fields = ("title", "url", "feature__name", "feature__key")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Self-service articles", **(extra_context or {})})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("feature",) if obj is not None else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.retired_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.retired_at is None)

    @display(description="Address")
    def address_shown(self, row: HelpArticle) -> SafeString | str:
        return format_html('<a class="text-link" href="{0}" rel="noreferrer">{0}</a>', row.url)

    @display(description="Offered", ordering="plays")
    def offered(self, row: HelpArticle) -> str:
        return SHORT_PLAYS[Plays(row.plays)]

    @display(description="State", label={"In use": "success", "Taken back": "danger"})
    def standing(self, row: HelpArticle) -> str:
        return "In use" if row.retired_at is None else "Taken back"

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> HelpArticle:
        given = form.cleaned_data
        return _article(given["feature"], given, by=by, at=at)

    def saves_through(self, *, row: HelpArticle, form: Any, by: Actor, at: datetime) -> HelpArticle:
        return _article(row.feature, form.cleaned_data, by=by, at=at)

    def removes_through(self, *, row: HelpArticle, by: Actor, at: datetime) -> None:
        """It stays on the list, as taken back."""
        retire_article(article=row, by=by, at=at)


def _article(feature: Any, given: dict[str, Any], *, by: Actor, at: datetime) -> HelpArticle:
    return set_article(
        feature=feature, title=given["title"], url=given["url"], plays=Plays(given["plays"]), by=by, at=at
    )  # fmt: skip


class RouteForm(DeskForm):
    tier = forms.ChoiceField(label="Support tier", required=False, choices=())

    class Meta:
        model = Route
        fields = ("tier", "feature", "channel", "team", "to_manager", "position")
        labels: ClassVar = {"position": "Place in the order"}
        help_texts: ClassVar = {
            "feature": "Empty: any.",
            "channel": "Empty: any.",
            "to_manager": "Where the account has one; the team is the fallback.",
            "position": "Counts among routes that are equally specific; the smallest goes first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "tier" in self.fields:
            offer(self, "tier", {"": "Any", **tier_choices()})
        if "channel" in self.fields:
            offer(self, "channel", {"": "Any", **{one.value: one.words for one in Channel}})


@admin.register(Route)
class RouteAdmin(RecordedModelAdmin):
    form = RouteForm
    add_permission = change_permission = remove_permission = EDITING
    list_before_template = "support/intake/routes_head.html"
    list_display = ("goes", "for_tier", "for_feature", "for_channel", "to_manager", "position")
    list_select_related = ("feature", "team")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Where accepted tickets go", **(extra_context or {})})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("tier", "feature", "channel") if obj is not None else ()

    @display(description="Goes to", ordering="team__name")
    def goes(self, row: Route) -> str:
        return str(row.team)

    @display(description="Support tier")
    def for_tier(self, row: Route) -> str:
        return tier_choices().get(row.tier, row.tier) or "Any"

    @display(description="Feature")
    def for_feature(self, row: Route) -> str:
        return str(row.feature) if row.feature is not None else "Any"

    @display(description="Channel")
    def for_channel(self, row: Route) -> str:
        return Channel(row.channel).words if row.channel else "Any"

    def adds_through(self, *, form: Any, by: Actor, at: datetime) -> Route:
        given = form.cleaned_data
        channel = Channel(given["channel"]) if given["channel"] else None
        return set_route(
            tier=given["tier"], feature=given["feature"], channel=channel, **_leading(given), by=by, at=at
        )  # fmt: skip

    def saves_through(self, *, row: Route, form: Any, by: Actor, at: datetime) -> Route:
        channel = Channel(row.channel) if row.channel else None
        return set_route(
            tier=row.tier, feature=row.feature, channel=channel, **_leading(form.cleaned_data), by=by, at=at
        )  # fmt: skip

    def removes_through(self, *, row: Route, by: Actor, at: datetime) -> None:
        remove_route(route=row, by=by, at=at)


def _leading(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("team", "to_manager", "position")}
