"""The price page as customers of a market would read it, with drafts or as it is published."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.admin.pages import Page
from catalog.models import Market
from catalog.models.plan import Interval
from catalog.queries.offering import offering
from catalog.queries.sheet import Show

INTERVALS = {Interval.MONTH: "Paid monthly", Interval.YEAR: "Paid yearly"}
SHOWS = {Show.PUBLISHED: "Published", Show.NEWEST: "With drafts"}


class OfferPage(Page):
    template_name = "catalog/offer.html"
    title = "As customers see it"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = self.request.GET
        markets = {market.key: market for market in Market.objects.all()}
        market = markets.get(given.get("market", ""))
        interval = Interval(given["interval"]) if given.get("interval") in set(Interval) else Interval.MONTH
        show = Show(given["show"]) if given.get("show") in set(Show) else Show.PUBLISHED
        asked = {"market": market.key if market else "", "interval": interval.value, "show": show.value}
        places = {"": "No market", **{key: row.name for key, row in markets.items()}}
        return {
            **super().get_context_data(**kwargs),
            "offering": offering(at=self.at, show=show, market=market, interval=interval),
            "market": market,
            "markets": [_choice(asked, "market", key, words) for key, words in places.items()],
            "intervals": [_choice(asked, "interval", key.value, words) for key, words in INTERVALS.items()],
            "shows": [_choice(asked, "show", key.value, words) for key, words in SHOWS.items()],
        }


def _choice(asked: dict[str, str], name: str, value: str, words: str) -> dict[str, Any]:
    query = urlencode({key: told for key, told in {**asked, name: value}.items() if told})
    return {"words": words, "current": asked[name] == value, "url": f"{reverse('admin:catalog_offer')}?{query}"}
