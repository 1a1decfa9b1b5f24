"""Where a plan or a feature began to be had, or ceased to be, in a market: for telling whom it concerns."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.domain.availability import windows_in
from catalog.domain.window import Window
from catalog.models import Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from catalog.queries.markets import Thing, limits_of, thing_of
from entitlements.models import Account
from entitlements.queries.clock.endings import within

EDGES = ("starts_at", "ends_at", "limits_from")


@dataclass(frozen=True, slots=True)
class MarketTurn:
    """At the instant the thing began, or ceased, to be provided in the market (None: to accounts without one)."""

    thing: Thing
    market: Market | None
    at: datetime
    began: bool

    @property
    def key(self) -> str:
        where = "none" if self.market is None else str(self.market.pk)
        turn = "began" if self.began else "ceased"
        return f"market:{self.thing._meta.model_name}-{self.thing.pk}:{where}:{turn}:{self.at.isoformat()}"

    @property
    def words(self) -> str:
        """ "Read replicas is available in Germany"."""
        where = "outside every market" if self.market is None else f"in {self.market}"
        return f"{self.thing} is {'' if self.began else 'no longer '}available {where}"

    def accounts(self) -> QuerySet[Account]:
        """The accounts of the market for which it changed something at that instant; told already by the sweep."""
        told = Q(changes__effective_at=self.at)
        if isinstance(self.thing, Plan):
            told &= Q(subscriptions__items__plan=self.thing)
        else:
            told &= Q(changes__feature_key=self.thing.key)
        found = Account.objects.filter(told, market=self.market, owner__is_active=True).exclude(owner__email="")
        return found.select_related("owner").distinct().order_by("owner", "name", "pk")


def market_turns(windows: Collection[Window]) -> list[MarketTurn]:
    """Every turn in one of the windows, the earliest first; one read where there is none."""
    edge = Q()
    for column in EDGES:
        edge |= within(column, windows)
    rows = MarketWindow.objects.filter(edge, use=MarketUse.PROVIDED).select_related("plan", "feature")
    things = {(type(thing_of(row)), thing_of(row).pk): thing_of(row) for row in rows}
    turns = [turn for thing in things.values() for turn in _turns_of(thing, windows)]
    return sorted(turns, key=lambda turn: (turn.at, turn.key))


def _turns_of(thing: Thing, windows: Collection[Window]) -> Iterator[MarketTurn]:
    limits = limits_of(thing, use=MarketUse.PROVIDED)
    for market in [*Market.objects.all(), None]:
        for provided in windows_in(limits, market=None if market is None else market.pk):
            for at, began in ((provided.start, True), (provided.end, False)):
                if at is not None and any(window.contains(at) for window in windows):
                    yield MarketTurn(thing, market, at, began)
