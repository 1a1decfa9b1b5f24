"""Whoever bills is told what was decided at the desk, and never what it said itself."""

import pytest

from entitlements.actions.billed.following import NEEDS, follow
from entitlements.actions.items import change_quantity
from entitlements.actions.lifecycle import cancel
from entitlements.actions.plan_changes import change_plan
from entitlements.domain.billed.told import Billed
from entitlements.domain.timing import Timing
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.models import Outbound
from tests.entitlements.billing import BEA, asked, bought, holds, look, nobody_follows, says, shop
from tests.entitlements.domain.billed.told import ENDED, NOW, PAST_DUE, PAUSED, TRIAL, comes, day, item

pytestmark = pytest.mark.django_db
COURSES = {
    "another plan": [says(), says(item("pro"))],
    "another quantity": [says(), says(item(quantity=5))],
    "one more": [says(), says(item(), item("extra", id="si_2"))],
    "one less": [says(item(), item("extra", id="si_2")), says()],
    "a schedule, called off": [says(), says(comes=(comes(9, item("pro")),)), says()],
    "leaving, later, and staying": [says(), says(ends_at=day(20)), says(ends_at=day(30)), says()],
    "a trial that is sold": [says(state=TRIAL, trial_ends_at=day(9)), says(state=TRIAL, trial_ends_at=day(12)), says()],
    "late, paused, over": [says(), says(state=PAST_DUE), says(state=PAUSED), says(state=ENDED, ended_at=day(3))],
}


def told() -> list[str]:
    rows = Outbound.objects.filter(kind="billing").order_by("seq")
    return [str(row.payload["change"]).partition(" ")[0] for row in rows]


@pytest.mark.parametrize("course", COURSES)
def test_what_the_billing_said_is_not_said_back_to_it(course: str) -> None:
    world, said = shop(), COURSES[course]
    for number, one in enumerate(said):
        look(world, one, at=day(number))
    assert told() == []


def test_nor_where_a_person_takes_it_over() -> None:
    world, ada = shop(), Actor(kind=ActorKind.STAFF, key="staff:1", name="Ada", permissions=NEEDS)
    for number, one in enumerate([says(), says(item("pro", 2)), says(item("pro", 2), ends_at=day(9))]):
        when, whose = {"at": day(number), "by": ada}, {"connection": world.connection, "customer": BEA}
        follow(billed=one, ticket=asked(world, one, at=day(number)), **when, **whose)
    assert (holds(day(3)), told()) == (["2 × pro"], [])


def test_what_staff_decides_is_told_once() -> None:
    world = shop()
    look(world, says())
    with nobody_follows():
        change_plan(subscription=bought(), plan=world.pro, by=SYSTEM, at=day(1))
        change_quantity(item=bought().items.get(ends_at=None), quantity=4, by=SYSTEM, at=day(2))
        cancel(subscription=bought(), on=day(9), timing=Timing.ON_DATE, reason="", by=SYSTEM, at=day(3))
    assert told() == ["plan", "quantity", "cancel"]
    followed: Billed = says(item("pro", 4), ends_at=day(9))
    look(world, followed, at=day(4))
    assert told() == ["plan", "quantity", "cancel"], NOW
