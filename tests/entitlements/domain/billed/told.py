"""What a billing may say, written shortly; and what its prices stand for here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.domain.window import Window
from entitlements.domain.billed.steps import Held, HeldChange, HeldItem, Sold
from entitlements.domain.billed.told import Billed, BilledChange, BilledItem, BilledState

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACTIVE, TRIAL, PAUSED = BilledState.ACTIVE, BilledState.TRIAL, BilledState.PAUSED
PAST_DUE, UNPAID, ENDED, NOT_BEGUN = (
    BilledState.PAST_DUE, BilledState.UNPAID, BilledState.ENDED, BilledState.NOT_BEGUN,
)  # fmt: skip

TEAM, TEAM_YEARLY = Sold("team", "month", False), Sold("team", "year", False)
PRO, EXTRA = Sold("pro", "month", False), Sold("extra", "month", True)
SOLD = {"price_team": TEAM, "price_team_yearly": TEAM_YEARLY, "price_pro": PRO, "price_extra": EXTRA}


def day(number: float) -> datetime:
    return NOW + number * DAY


def item(price: str = "team", quantity: int = 1, *, id: str = "si_1", period: Window | None = None) -> BilledItem:
    name = f"price_{price}"
    return BilledItem(id, name, f"prod_{price}", quantity, "month", lookup_key=price, period=period)


def billed(*items: BilledItem, state: BilledState = ACTIVE, **more: Any) -> Billed:
    told = Billed("acme", False, "sub_1", "cus_1", state, items or (item(),), day(-30))
    return replace(told, **more)


def comes(number: float, *items: BilledItem) -> BilledChange:
    return BilledChange(day(number), items)


def mine(
    sold: Sold = TEAM,
    quantity: int = 1,
    *,
    id: str = "si_1",
    key: int = 7,
    since: float = -30,
    until: float | None = None,
) -> HeldItem:
    window = Window(day(since), None if until is None else day(until))
    return HeldItem(key, id, sold.plan, sold.interval, quantity, sold.is_add_on, window)


def planned(number: float, sold: Sold | None, quantity: int = 1, *, id: str = "si_1", key: int = 90) -> HeldChange:
    if sold is None:
        return HeldChange(key, day(number), id, "", "", 0)
    return HeldChange(key, day(number), id, sold.plan, sold.interval, quantity)


def held(*items: HeldItem, **more: Any) -> Held:
    return replace(Held(day(-30), None, items or (mine(),)), **more)
