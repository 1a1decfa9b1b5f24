"""Items as they are billed: another plan, quantity or interval, more and fewer of them, now and by a schedule."""

import pytest

from entitlements.actions.items import change_quantity
from entitlements.actions.subscriptions import add_item
from entitlements.domain.timing import Timing
from entitlements.models import BillingFinding, SubscriptionChange
from journal.domain.actor import SYSTEM
from tests.entitlements.billing import NOW, Shop, bought, holds, look, nobody_follows, says, shop, verbs
from tests.entitlements.domain.billed.told import comes, day, item

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Shop:
    """Two of Team were bought ten days ago."""
    found = shop()
    look(found, says(item(quantity=2)), at=day(-10))
    return found


def test_another_price_is_another_plan_from_now_on(world: Shop) -> None:
    look(world, says(item("pro", 2)))
    assert (holds(day(-1)), holds(NOW)) == (["2 × team"], ["2 × pro"])
    change = SubscriptionChange.objects.get()
    assert (change.sort, change.timing, change.words) == ("plan", "now", "2 × Team → 2 × Pro")


def test_another_quantity_is_the_same_purchase(world: Shop) -> None:
    look(world, says(item(quantity=5)))
    first, second = bought().items.order_by("starts_at")
    assert (second.follows, second.version, second.recorded_at) == (first, first.version, first.recorded_at)
    assert (first.ends_at, second.starts_at, holds(NOW)) == (NOW, NOW, ["5 × team"])
    assert verbs()[-1] == "subscription:change_quantity"


def test_another_interval_is_held_in_it(world: Shop) -> None:
    look(world, says(item("team_yearly", 2)))
    assert [row.interval for row in bought().items.filter(ends_at=None)] == ["year"]


def test_an_add_on_comes_and_goes(world: Shop) -> None:
    look(world, says(item(quantity=2), item("extra", id="si_2")))
    assert holds() == ["2 × team", "1 × extra"]
    look(world, says(item(quantity=2)), at=day(1))
    assert holds(day(1)) == ["2 × team"]
    assert verbs()[-1] == "subscription:end_item"


def test_what_a_schedule_brings_is_planned_and_comes_by_itself(world: Shop) -> None:
    look(world, says(item(quantity=2), comes=(comes(20, item("pro"), item("extra", id="si_2")),)))
    assert (holds(day(19)), holds(day(20))) == (["2 × team"], ["1 × pro", "1 × extra"])
    assert sorted(SubscriptionChange.objects.values_list("billing_id", flat=True)) == ["si_1", "si_2"]


def test_a_fewer_that_is_scheduled_stays_the_same_purchase(world: Shop) -> None:
    look(world, says(item(quantity=2), comes=(comes(20, item()),)))
    assert (holds(day(19)), holds(day(20))) == (["2 × team"], ["1 × team"])
    assert look(world, says(item(quantity=2), comes=(comes(20, item()),)), at=day(1)).words == "Nothing differed"


def test_what_the_schedule_no_longer_brings_is_called_off(world: Shop) -> None:
    look(world, says(item(quantity=2), comes=(comes(20, item("pro")), comes(40, item()))))
    look(world, says(item(quantity=2)), at=day(1))
    assert holds(day(50)) == ["2 × team"]
    assert SubscriptionChange.objects.filter(cancelled_at=None).count() == 0


def test_steps_of_a_schedule_follow_each_other(world: Shop) -> None:
    look(world, says(item(quantity=2), comes=(comes(20, item("pro")), comes(40, item(quantity=4)))))
    assert [holds(day(number)) for number in (19, 20, 40)] == [["2 × team"], ["1 × pro"], ["4 × team"]]


def test_a_schedule_that_moves_is_planned_anew(world: Shop) -> None:
    look(world, says(item(quantity=2), comes=(comes(20, item("pro")),)))
    look(world, says(item(quantity=2), comes=(comes(25, item("pro")),)), at=day(1))
    assert (holds(day(24)), holds(day(25))) == (["2 × team"], ["1 × pro"])


def test_what_staff_planned_gives_way_to_what_is_billed(world: Shop) -> None:
    held = bought().items.get()
    with nobody_follows():
        change_quantity(item=held, quantity=1, timing=Timing.ON_DATE, on=day(5), by=SYSTEM, at=NOW)
    look(world, says(item(quantity=3)), at=day(1))
    assert (holds(day(1)), holds(day(6))) == (["3 × team"], ["3 × team"])


def test_what_staff_gave_beside_it_is_left_alone(world: Shop) -> None:
    add_item(subscription=bought(), plan=world.extra, by=SYSTEM, at=NOW)
    assert look(world, says(item(quantity=2)), at=day(1)).words == "Nothing differed"
    assert holds(day(1)) == ["2 × team", "1 × extra"]


def test_looked_at_again_nothing_is_written(world: Shop) -> None:
    before = len(verbs())
    followed = look(world, says(item(quantity=2)))
    assert (followed.words, followed.applied, len(verbs())) == ("Nothing differed", True, before)
    assert BillingFinding.objects.count() == 0


def test_another_plan_in_the_instant_it_began_is_told_as_a_change_of_plan() -> None:
    """Two looks are followed at once, the later one last: what has only just begun becomes another plan in place."""
    world = shop()
    look(world, says(item("team")))
    look(world, says(item("pro")))
    assert holds() == ["1 × pro"]
    assert "subscription:change_plan" in verbs()
    assert "subscription:change_quantity" not in verbs()
