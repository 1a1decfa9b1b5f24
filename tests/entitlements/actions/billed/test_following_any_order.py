"""Whatever the billing says, in whatever order: once it is followed there is nothing left to do, and nothing is lost."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.domain.window import Window
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.lifecycle import cancel, fail_payment, pause
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trials import convert, extend
from entitlements.domain.billed.told import Billed, BilledChange, BilledItem, BilledState
from entitlements.domain.timing import Timing
from entitlements.models import BillingFinding, Subscription, SubscriptionItem
from entitlements.queries.billed import differences
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.conftest import actor
from tests.entitlements.billing import Shop, look, nobody_follows, says, shop, verbs
from tests.entitlements.domain.billed.told import NOW, day, item
from tests.entitlements.world import DAY, policy

LINKED = ("team", "team_yearly", "pro", "extra")
PRICES = st.sampled_from((*LINKED, "mystery"))


@st.composite
def lines(draw: st.DrawFn, since: float = 0) -> tuple[BilledItem, ...]:
    ids = draw(st.lists(st.sampled_from(["si_1", "si_2", "si_3"]), min_size=1, max_size=3, unique=True))
    periods = st.sampled_from([None, Window(day(since), day(since + 30))])
    return tuple(item(draw(PRICES), draw(st.integers(0, 3)), id=id, period=draw(periods)) for id in ids)


@st.composite
def sayings(draw: st.DrawFn) -> list[tuple[float, Billed]]:
    """What it says on days that follow each other, some of them half a day apart."""
    days = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=6)))
    return [(number, draw(saying(number))) for number in days]


@st.composite
def saying(draw: st.DrawFn, number: float) -> Billed:
    near = st.integers(-5, 40).map(lambda more: day(number + more))
    later = sorted(draw(st.lists(st.integers(1, 50), max_size=2, unique=True)))
    return says(
        *draw(lines(number)),
        state=draw(st.sampled_from(BilledState)),
        trial_ends_at=draw(st.none() | near),
        with_card=draw(st.booleans()),
        ends_at=draw(st.none() | near),
        ended_at=draw(st.none() | near),
        comes=tuple(BilledChange(day(number + more), draw(lines())) for more in later),
    )


def holding(at: datetime) -> dict[str, int]:
    rows = SubscriptionItem.objects.filter(subscription__billing_id="sub_1").select_related("plan", "subscription")
    rows = rows.exclude(billing_id="")  # what staff gave beside it
    live = [row for row in rows if row.window.contains(at) and row.subscription.window.contains(at)]
    assert len({row.billing_id for row in live}) == len(live)
    return {row.billing_id: row.quantity for row in live}


def owed(said: Billed) -> dict[str, int]:
    return {one.id: one.quantity for one in said.items if one.price != "price_mystery" and one.quantity}


def _first(sub: Subscription) -> SubscriptionItem:
    found = sub.items.filter(ends_at=None).first()
    if found is None:
        raise Refusal("It holds nothing that goes on.")
    return found


Act = Callable[[Subscription, Shop, datetime], Any]
ON = {"timing": Timing.ON_DATE}
ACTS: dict[str, Act] = {
    "add": lambda sub, world, at: add_item(subscription=sub, plan=world.extra, by=SYSTEM, at=at),
    "cancel": lambda sub, world, at: cancel(subscription=sub, on=at + 7 * DAY, reason="", by=SYSTEM, at=at, **ON),
    "end": lambda sub, world, at: end(subscription=sub, ends_at=at + 3 * DAY, reason="", by=SYSTEM, at=at),
    "end now": lambda sub, world, at: end(subscription=sub, ends_at=at, reason="", by=SYSTEM, at=at),
    "fewer": lambda sub, world, at: change_quantity(
        item=_first(sub), quantity=9, on=at + 5 * DAY, by=SYSTEM, at=at, **ON
    ),
    "more": lambda sub, world, at: change_quantity(item=_first(sub), quantity=8, by=SYSTEM, at=at),
    "pro": lambda sub, world, at: change_plan(subscription=sub, plan=world.pro, by=SYSTEM, at=at),
    "free": lambda sub, world, at: change_plan(
        subscription=sub, plan=world.catalog.free, on=at + 4 * DAY, by=SYSTEM, at=at, **ON
    ),
    "unpaid": lambda sub, world, at: fail_payment(subscription=sub, by=SYSTEM, at=at),
    "pause": lambda sub, world, at: pause(subscription=sub, by=SYSTEM, at=at),
    "less": lambda sub, world, at: end_item(item=_first(sub), by=SYSTEM, at=at, reason=""),
    "longer": lambda sub, world, at: extend(subscription=sub, days=5, reason="", by=actor("sales"), at=at),
    "sale": lambda sub, world, at: convert(subscription=sub, by=SYSTEM, at=at),
}


@pytest.mark.django_db
class TestAnyOrder(TestCase):
    @given(sayings())
    def test_followed_there_is_nothing_left_to_do(self, said: list[tuple[float, Billed]]) -> None:
        world = shop()
        for number, one in said:
            self._followed(world, one, at=day(number))

    @given(sayings(), st.lists(st.sampled_from(sorted(ACTS)), min_size=6, max_size=6))
    def test_whatever_staff_did_meanwhile(self, said: list[tuple[float, Billed]], acts: list[str]) -> None:
        world = shop()
        policy()
        for (number, one), act in zip(said, acts, strict=False):
            sub = Subscription.objects.filter(billing_id="sub_1").first()
            if sub is not None:
                with nobody_follows(), suppress(Refusal), transaction.atomic():
                    ACTS[act](sub, world, day(number))
            self._followed(world, one, at=day(number))

    def _followed(self, world: Shop, said: Billed, **when: Any) -> None:
        look(world, said, **when)
        assert not BillingFinding.objects.exclude(kind__in=["unlinked", "not_sold"]).exists()
        assert differences(world.connection, said, when["at"]).steps == ()
        so_far = len(verbs())
        look(world, said, **when)
        assert len(verbs()) == so_far
        self._holds_what_is_owed(said, **when)

    def _holds_what_is_owed(self, said: Billed, *, at: datetime) -> None:
        running = Subscription.objects.filter(billing_id="sub_1").first()
        if said.state in (BilledState.NOT_BEGUN, BilledState.ENDED) or (said.ends_at or day(999)) <= at:
            return
        if running is not None and running.window.contains(at):
            assert holding(at) == owed(said), NOW
