"""From the rows to the answer: terms on groups, values for each seat, parts of an amount, and how explain tells them."""

from decimal import Decimal

import pytest

from catalog.actions.cells import CellWrite, write_cells
from catalog.domain.cases import Case
from catalog.domain.values import UNLIMITED, PlanKind
from catalog.models import Feature, FeatureGroup, Plan
from entitlements.actions.subscriptions import add_item
from entitlements.domain.explain import say
from entitlements.domain.facts import Mode
from entitlements.domain.saying import in_words
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of
from journal.domain.actor import SYSTEM
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    EPOCH,
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    PlanFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    publish_now,
)
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.world import AT, DAY, GB, account, answer, subscribed, value

pytestmark = pytest.mark.django_db


def sold(plan: Plan, *cells: tuple[Feature | FeatureGroup, str] | tuple[Feature | FeatureGroup, str, Case]) -> Plan:
    """A published plan that says this."""
    draft = PlanVersionFactory(plan=plan)
    writes = [CellWrite(draft, *cell) for cell in cells]
    write_cells(writes=writes, tokens={draft.pk: 0}, by=SYSTEM, at=EPOCH)
    publish_now(draft)
    return plan


def holder(*plans: Plan) -> Account:
    acme = account()
    for plan in plans:
        if plan.kind == PlanKind.PLAN:
            held = subscribed(acme, plan)
        else:
            add_item(subscription=held, plan=plan, by=SYSTEM, at=AT - DAY)
    return acme


def test_a_group_reaches_those_that_can_hear_it_and_leaves_the_others_alone() -> None:
    premium = FeatureGroupFactory(name="Premium services")
    deeper = FeatureGroupFactory(name="Phone", parent=premium)
    phone, incidents = FeatureFactory(key="phone", group=deeper), SeatsFactory(key="incidents", group=premium)
    TierFactory(key="tier", group=premium)
    acme = holder(sold(PlanFactory(name="Gold"), (premium, "Unlimited"), (deeper, "Included")))

    assert (value(acme, "phone", AT), value(acme, "incidents", AT)) == (True, UNLIMITED)
    tier = answer(acme, "tier", AT)
    assert (tier.granted, tier.state, tier.because) == (False, "not_included", ())
    assert say(answer(acme, phone.key, AT), zone="UTC")[0].startswith("Gold v1 (through Phone) includes it")
    assert "through Premium services" in say(answer(acme, incidents.key, AT), zone="UTC")[0]


def test_an_amount_of_a_group_reaches_what_is_counted_alike_also_when_the_group_grows() -> None:
    storage = StorageFactory(key="storage")
    acme = holder(sold(PlanFactory(), (storage.group, "5 GB")))
    SeatsFactory(key="seats", group=storage.group)
    FeatureFactory(key="gate", group=storage.group)
    answers = entitlements_of(account=acme, at=AT)
    assert [answers[key].value for key in ("storage", "seats", "gate")] == [5 * GB, None, None]


def test_for_each_seat_is_the_flat_value_and_says_so() -> None:
    seats, storage = SeatsFactory(key="seats", name="Seats"), StorageFactory(key="storage", name="Storage")
    acme = holder(sold(PlanFactory(), (seats, "10"), (storage, "2 GB for each seat of seats")))
    got = answer(acme, "storage", AT)
    assert (got.value, got.each_of.key) == (2 * GB, "seats")
    assert in_words(got) == "2 GB for each seat of Seats"
    assert "Each seat of Seats has this by itself, and none can use another's." in say(got, zone="UTC")


def test_per_seat_in_one_pool_multiplies_the_amount_and_its_parts() -> None:
    seats, calls = SeatsFactory(key="seats"), api_calls()
    words = "100 per seat of seats, pooled; of which Large model: 10, Small model: Unlimited"
    acme = holder(sold(PlanFactory(), (seats, "3"), (calls, words)))
    got = answer(acme, "calls", AT)
    assert (got.value, got.each_of) == (Decimal(300), None)
    assert got.sub_limits == {"model.large": Decimal(30), "model.small": UNLIMITED}


def test_parts_travel_with_the_winning_base_and_nothing_else_changes_them() -> None:
    calls = api_calls()
    base = sold(PlanFactory(), (calls, "100; of which Large model: 10, Small model: no"))
    lesser = sold(PlanFactory(), (calls, "50; of which Large model: 40"))
    acme = holder(base, lesser, sold(AddOnFactory(), (calls, "20; of which Large model: 20")))
    OverrideFactory(account=acme, feature=calls, mode=Mode.ADD, amount=7)
    got = answer(acme, "calls", AT)
    assert (got.value, got.sub_limits) == (Decimal(127), {"model.large": Decimal(10), "model.small": Decimal(0)})
    assert in_words(got) == "127; of which large (model): 10, small (model): none"
    assert say(got, zone="UTC")[-2:] == (
        "Of this, at most 10 may fall to large (model).",
        "Of this, nothing may fall to small (model).",
    )


def test_what_is_denied_has_no_parts() -> None:
    calls = api_calls()
    acme = holder(sold(PlanFactory(), (calls, "100; of which Large model: 10")))
    OverrideFactory(account=acme, feature=calls, mode=Mode.DENY)
    assert answer(acme, "calls", AT).sub_limits == {}


def test_another_value_holds_during_a_trial() -> None:
    seats = SeatsFactory(key="seats")
    plan = sold(PlanFactory(), (seats, "10"), (seats, "2", Case("trial")))
    acme = account()
    subscribed(acme, plan, trial_days=30)
    assert value(acme, "seats", AT) == Decimal(2)
