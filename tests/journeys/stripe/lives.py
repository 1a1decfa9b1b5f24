"""Twelve lives of a subscription at Stripe, each in its stations; between two of them time passes and mail may come.

Each ends in something of its own that must be so, besides that the desk holds what Stripe has.
"""

from collections.abc import Callable

from entitlements.models import Account, Subscription, SubscriptionPhase
from journal.models import AuditEvent
from tests.journeys.stripe.judging import held
from tests.journeys.stripe.world import World

Life = Callable[[World], None]


def has(world: World) -> set[str]:
    return held(world.at)


def times(verb: str) -> int:
    return AuditEvent.objects.filter(verb=verb).count()


def trial_becomes_paid(world: World) -> None:
    world.buy(world.customer(), trial_period_days=14)
    world.passes(3)
    world.passes(12)
    world.passes(20)
    world.reconcile()
    assert "sso" in has(world)
    assert times("subscription:start") == 1
    assert times("trial:convert") <= 1


def upgrade(world: World) -> None:
    bought = world.buy(world.customer())
    world.passes(5)
    world.change(bought, "pro month")
    world.passes(2)
    world.reconcile()
    assert [str(row.plan) for row in _items(world)] == ["Pro"]


def downgrade_at_period_end(world: World) -> None:
    bought = world.buy(world.customer(), "pro month")
    world.passes(4)
    world.schedule(bought, "team month")
    world.passes(10)
    world.passes(20)
    world.reconcile()
    assert [str(row.plan) for row in _items(world)] == ["Team"]


def past_due_then_recovered(world: World) -> None:
    customer = world.customer()
    world.buy(customer, "pro month")
    world.passes(20)
    world.fake.fail_next_payment(customer, 2)
    world.passes(12)
    world.passes(10)
    world.reconcile()
    assert "sso" in has(world)
    assert not SubscriptionPhase.objects.filter(phase="grace", restored_at=None).exists()


def unpaid_then_ended(world: World) -> None:
    world.fake.settings.after_retries = "unpaid"
    customer = world.customer()
    bought = world.buy(customer, "pro month")
    world.passes(20)
    world.fake.fail_next_payment(customer, 9)
    world.passes(13)
    world.passes(16)
    world.reconcile()
    assert has(world) == set()
    world.stripe.v1.subscriptions.cancel(bought.id)
    world.passes(1)
    world.reconcile()
    assert has(world) == set()
    assert times("subscription:end") == times("subscription:start") == 1


def cancelled(world: World) -> None:
    bought = world.buy(world.customer())
    world.passes(3)
    world.update(bought, cancel_at_period_end=True)
    world.passes(10)
    if world.turn:
        world.update(bought, cancel_at_period_end=False)
        world.passes(1)
        world.stripe.v1.subscriptions.cancel(bought.id)
    world.passes(25)
    world.reconcile()
    assert has(world) == set()


def resubscribed(world: World) -> None:
    customer = world.customer()
    bought = world.buy(customer)
    world.passes(3)
    world.stripe.v1.subscriptions.cancel(bought.id)
    world.passes(5)
    world.buy(customer, "pro month")
    world.passes(2)
    world.reconcile()
    assert Account.objects.count() == 1
    assert [str(row.plan) for row in _items(world)] == ["Pro"]


def paused_and_resumed(world: World) -> None:
    bought = world.buy(world.customer())
    world.passes(5)
    world.stripe.v1.subscriptions.pause(bought.id, {"type": "subscription"})
    world.passes(6)
    world.stripe.v1.subscriptions.resume(bought.id)
    world.passes(3)
    world.reconcile()
    assert "sso" in has(world)
    assert not [row for row in SubscriptionPhase.objects.filter(phase="paused") if row.window.contains(world.at)]


def two_subscriptions(world: World) -> None:
    customer = world.customer()
    first = world.buy(customer)
    world.passes(1)
    world.buy(customer, "extra month", 2)
    world.passes(4)
    world.stripe.v1.subscriptions.cancel(first.id)
    world.passes(2)
    world.reconcile()
    assert Account.objects.count() == 1
    assert [(str(row.plan), row.quantity) for row in _items(world)] == [("Extra", 2)]


def quantity(world: World) -> None:
    bought = world.buy(world.customer(), quantity=2)
    for number in (5, 3, 8):
        world.passes(2)
        world.change(bought, quantity=number)
    world.passes(2)
    world.reconcile()
    assert [row.quantity for row in _items(world)] == [8]


def product_swap(world: World) -> None:
    bought = world.buy(world.customer())
    world.passes(2)
    line = {"id": bought["items"].data[0].id, "deleted": True}
    world.update(bought, items=[line, {"price": world.prices["pro month"]}, {"price": world.prices["extra month"]}])
    world.passes(2)
    world.reconcile()
    assert sorted(str(row.plan) for row in _items(world)) == ["Extra", "Pro"]


def customer_deleted(world: World) -> None:
    customer = world.customer()
    world.buy(customer)
    world.buy(customer, "extra month")
    world.passes(5)
    world.stripe.v1.customers.delete(customer)
    world.passes(1)
    world.reconcile()
    assert has(world) == set()
    assert not Subscription.objects.filter(ends_at=None).exists()


def _items(world: World) -> list:
    return [
        row
        for one in Subscription.objects.all()
        if one.window.contains(world.at)
        for row in one.items.select_related("plan").order_by("pk")
        if row.window.contains(world.at)
    ]


LIVES: dict[str, Life] = {
    life.__name__: life
    for life in (
        trial_becomes_paid, upgrade, downgrade_at_period_end, past_due_then_recovered, unpaid_then_ended, cancelled,
        resubscribed, paused_and_resumed, two_subscriptions, quantity, product_swap, customer_deleted,
    )
}  # fmt: skip
TURNS = {"cancelled": (False, True)}  # lives that go one way or the other
