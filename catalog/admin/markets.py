"""Markets: the list, one market with what is to be had there, and naming or changing one."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from catalog.actions.markets import create_market, edit_market
from catalog.admin.launches import (
    CHANGE_MARKETS,
    VIEW_MARKETS,
    AvailabilityPage,
    ComingPage,
    LaunchPage,
    WithdrawPage,
    availability_url,
)
from catalog.admin.pages import FormPage, Page
from catalog.domain.countries import COUNTRIES, say_countries
from catalog.models import Market
from catalog.models.columns import KEY_RULE
from catalog.queries.launches import in_market
from journal.admin.base import RecordedModelAdmin, offer

MOST_NAMED = 6
BY_NAME = sorted(COUNTRIES.items(), key=lambda pair: pair[1])


def market_url(market: Market) -> str:
    return reverse("admin:catalog_market_page", args=[market.pk])


@admin.register(Market)
class MarketAdmin(RecordedModelAdmin):
    list_display = ("name", "made_of", "limited", "key")
    search_fields = ("name", "key")
    list_before_template = "catalog/markets/list_head.html"
    fields = ("name", "key")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Market]:
        return super().get_queryset(request).annotate(windows_here=Count("windows"))

    def get_urls(self) -> list[URLPattern]:
        return [
            self._page("new/", NewMarketPage, "catalog_market_new"),
            self._page("launch/", LaunchPage, "catalog_launch"),
            self._page("coming/", ComingPage, "catalog_launches"),
            self._page("availability/<str:thing>/", AvailabilityPage, "catalog_availability"),
            self._page("window/<int:window_id>/withdraw/", WithdrawPage, "catalog_window_withdraw"),
            self._page("<int:market_id>/page/", MarketPage, "catalog_market_page"),
            self._page("<int:market_id>/edit/", EditMarketPage, "catalog_market_edit"),
            *super().get_urls(),
        ]

    def _page(self, route: str, page: type[Page], name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may_change = request.user.has_perm(CHANGE_MARKETS)
        shown = {"title": "Markets", "may_change": may_change, **(extra_context or {})}
        return super().changelist_view(request, shown)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The stock form has nothing to show that the market's own page doesn't."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return HttpResponseRedirect(market_url(self.found(request, object_id)))

    @admin.display(description="Countries")
    def made_of(self, market: Market) -> str:
        return say_countries(market.countries, most=MOST_NAMED)

    @admin.display(description="Limited here")
    def limited(self, market: Any) -> str:
        return f"{market.windows_here} window{'' if market.windows_here == 1 else 's'}" if market.windows_here else "–"


class MarketPage(Page):
    permission = VIEW_MARKETS
    template_name = "catalog/markets/market.html"

    @cached_property
    def market(self) -> Market:
        return get_object_or_404(Market, pk=self.kwargs["market_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = in_market(self.market, zone=self.zone, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": self.market.name,
            "market": self.market,
            "countries": say_countries(self.market.countries),
            "view": view,
            "standings": [(one, availability_url(one.thing)) for one in view.standings],
            "lines": [(line, availability_url(line.thing)) for line in view.lines],
            "may_change": self.request.user.has_perm(CHANGE_MARKETS),
        }


class MarketForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="As people here call it, for example Benelux.")
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[KEY_RULE],
        help_text="How engineers call it, for example benelux. It never changes.",
    )
    countries = forms.MultipleChoiceField(
        label="Countries",
        choices=[(code, f"{name} ({code})") for code, name in BY_NAME],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "A market needs at least one country."},
    )
    reason = forms.CharField(
        label="Why",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands in the audit beside your name.",
    )


class NewMarketPage(FormPage[MarketForm]):
    permission = CHANGE_MARKETS
    template_name = "catalog/markets/edit.html"
    title = "New market"

    def form(self, *, data: Any = None) -> MarketForm:
        form = MarketForm(data)
        del form.fields["reason"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("admin:catalog_market_changelist")
        return {**super().get_context_data(**kwargs), "back": back, "shared": _shared(None)}

    def act(self, form: MarketForm) -> HttpResponse:
        given = form.cleaned_data
        named = {"key": given["key"], "name": given["name"], "countries": given["countries"]}
        market = create_market(**named, by=self.by, at=self.at)
        self.tell(f"{market} is there. Whatever has no limit is sold and provided in it already.")
        return HttpResponseRedirect(market_url(market))


class EditMarketForm(MarketForm):
    """The form remembers what it was opened with: what somebody else changed since isn't overwritten."""

    seen_name = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_countries = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["key"]
        chosen = set(self.get_initial_for_field(self.fields["countries"], "countries"))
        first = sorted(BY_NAME, key=lambda pair: pair[0] not in chosen)
        offer(self, "countries", {code: f"{name} ({code})" for code, name in first})

    @property
    def seen(self) -> tuple[str, list[str]]:
        return self.cleaned_data["seen_name"], self.cleaned_data["seen_countries"].split()


class EditMarketPage(FormPage[EditMarketForm]):
    permission = CHANGE_MARKETS
    template_name = "catalog/markets/edit.html"

    @cached_property
    def market(self) -> Market:
        return get_object_or_404(Market, pk=self.kwargs["market_id"])

    def form(self, *, data: Any = None) -> EditMarketForm:
        name, countries = self.market.name, self.market.countries
        seen = {"seen_name": name, "seen_countries": " ".join(countries)}
        return EditMarketForm(data, initial={"name": name, "countries": countries, **seen})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": f"Change {self.market}", "market": self.market, "back": market_url(self.market)}
        return {**super().get_context_data(**kwargs), **shown, "shared": _shared(self.market)}

    def act(self, form: EditMarketForm) -> HttpResponse:
        given = form.cleaned_data
        changed = {"name": given["name"], "countries": given["countries"], "reason": given["reason"]}
        market = edit_market(market=self.market, seen=form.seen, **changed, by=self.by, at=self.at)
        self.tell(f"{market} stands as you wrote it.")
        return HttpResponseRedirect(market_url(market))


def _shared(market: Market | None) -> list[tuple[str, str]]:
    """The other markets with their countries: a country in two of them is no mistake, but it should be seen."""
    others = Market.objects.exclude(pk=market.pk) if market else Market.objects.all()
    return [(other.name, say_countries(other.countries, most=MOST_NAMED)) for other in others]
