"""One look at the billing is followed whole, or not at all and said."""

import pytest

from entitlements.actions.billed.following import follow
from entitlements.models import BilledSubscription, BillingFinding, SubscriptionItem
from entitlements.queries.billed import differences
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import NotAllowed
from tests.catalog.factories import PlanFactory
from tests.entitlements.actions.billed.test_phases import state
from tests.entitlements.billing import BEA, asked, bought, holds, linked, look, says, shop, verbs
from tests.entitlements.domain.billed.told import NOW, PAST_DUE, TRIAL, comes, day, item

pytestmark = pytest.mark.django_db


def test_only_whoever_may_sell_follows() -> None:
    world = shop()
    nobody = Actor(kind=ActorKind.CONNECTION, key="connection:other", name="Other")
    with pytest.raises(NotAllowed):
        follow(
            connection=world.connection, billed=says(), customer=BEA, ticket=asked(world, says()), by=nobody, at=NOW
        )  # fmt: skip


def test_what_is_refused_is_not_half_done_and_is_mended_later() -> None:
    world = shop()
    look(world, says())
    linked(PlanFactory(key="new", name="New"), interval="month", external_id="price_new")
    so_far = len(verbs())
    refused = says(item("pro"), item("new", id="si_2"), item("mystery", id="si_3"), state=PAST_DUE)
    followed = look(world, refused, at=day(1))
    assert (holds(day(1)), state(day(1)).value, followed.applied) == (["1 × team"], "active", True)
    assert sorted(row.kind for row in BillingFinding.objects.all()) == ["refused", "unlinked"]
    assert verbs()[so_far:] == ["billing_finding:open"] * 2
    assert BilledSubscription.objects.get().told["items"][0]["price"] == "price_pro"
    look(world, says(item("pro")), at=day(2))
    assert (holds(day(2)), {row.state for row in BillingFinding.objects.all()}) == (["1 × pro"], {"mended"})


def test_much_at_once_is_one_deed_told_once() -> None:
    world = shop()
    look(world, says(state=TRIAL, trial_ends_at=day(5)))
    so_far = len(verbs())
    look(world, says(item("pro", 3), item("extra", id="si_2"), ends_at=day(40)), at=day(5))
    assert verbs()[so_far:] == [
        "trial:convert",
        "subscription:change_plan",
        "subscription:add",
        "subscription:cancel",
    ]
    ids = {row.history.latest().history_change_reason for row in SubscriptionItem.objects.filter(starts_at=day(5))}
    assert len(ids) == 1


def test_what_differs_is_the_same_list_shown_and_not_done() -> None:
    world = shop()
    look(world, says())
    said = says(item("pro"), comes=(comes(20, item()),))
    so_far = len(verbs())
    steps = differences(world.connection, said, day(1)).steps
    assert [type(step).__name__ for step in steps] == ["Become", "Become"]
    assert len(verbs()) == so_far
    look(world, said, at=day(1))
    assert differences(world.connection, said, day(1)).steps == ()


def test_another_subscription_of_the_customer_stands_for_itself() -> None:
    world = shop()
    look(world, says())
    look(world, says(item("pro"), id="sub_2", state=PAST_DUE))
    assert (holds(), holds(billing_id="sub_2")) == (["1 × team"], ["1 × pro"])
    assert bought("sub_2").account == bought().account
    assert (bought().phases.count(), bought("sub_2").phases.count()) == (0, 1)
