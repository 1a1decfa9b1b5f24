"""Leaving where it is billed, staying after all, the end; and the stretches it is billed for."""

import pytest

from catalog.domain.window import Window
from entitlements.actions.subscriptions import end
from entitlements.domain.billed.told import Billed
from journal.domain.actor import SYSTEM
from tests.entitlements.billing import NOW, Shop, bought, look, nobody_follows, says, shop, verbs
from tests.entitlements.domain.billed.told import ENDED, TRIAL, comes, day, item

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Shop:
    """Pro, with five days of access after leaving."""
    found = shop()
    look(found, says(item("pro")), at=day(-10))
    return found


def pro(**more: object) -> Billed:
    return says(item("pro"), **more)


def test_it_is_left_as_of_an_instant_with_the_days_of_the_plan(world: Shop) -> None:
    look(world, pro(ends_at=day(20)))
    assert bought().ends_at == day(25)
    look(world, pro(state=ENDED, ended_at=day(20)), at=day(20))
    assert bought().ends_at == day(25)


def test_the_instant_moves_and_nobody_is_told_that_they_stay(world: Shop) -> None:
    look(world, pro(ends_at=day(20)))
    look(world, pro(ends_at=day(30)), at=day(1))
    assert bought().ends_at == day(35)
    assert "subscription:keep" not in verbs()


def test_whoever_stays_after_all_goes_on(world: Shop) -> None:
    look(world, pro(ends_at=day(20)))
    look(world, pro(), at=day(1))
    assert (bought().ends_at, bought().phases.count(), verbs()[-1]) == (None, 0, "subscription:keep")


def test_an_end_at_once_has_nothing_after_it(world: Shop) -> None:
    look(world, pro(state=ENDED, ended_at=NOW))
    assert (bought().ends_at, verbs()[-1]) == (NOW, "subscription:end")


def test_an_end_in_the_past_ends_it_now(world: Shop) -> None:
    look(world, pro(state=ENDED, ended_at=day(-5)))
    assert bought().ends_at == NOW


def test_an_end_before_the_one_that_was_agreed_ends_at_once(world: Shop) -> None:
    look(world, pro(ends_at=day(20)))
    look(world, pro(state=ENDED, ended_at=day(3)), at=day(3))
    assert bought().ends_at == day(3)


def test_a_trial_that_is_left_has_no_days_after_it() -> None:
    world = shop()
    look(world, pro(state=TRIAL, trial_ends_at=day(9), ends_at=day(9)))
    assert bought().ends_at == day(9)


def test_what_was_to_end_here_goes_on_where_it_is_billed(world: Shop) -> None:
    with nobody_follows():
        end(subscription=bought(), ends_at=day(9), reason="A mistake", by=SYSTEM, at=NOW)
    look(world, pro(), at=day(1))
    assert bought().ends_at is None


def test_leaving_calls_off_what_was_to_come_after_it(world: Shop) -> None:
    look(world, pro(comes=(comes(30, item("team")),)))
    look(world, pro(comes=(comes(30, item("team")),), ends_at=day(20)), at=day(1))
    assert not bought().items.filter(starts_at__gt=day(1)).exists()
    assert bought().ends_at == day(25)


def test_a_period_is_recorded_once(world: Shop) -> None:
    said = says(item("pro", period=Window(day(-10), day(20))))
    look(world, said)
    look(world, said, at=day(1))
    assert [(row.starts_at, row.ends_at) for row in bought().billing_periods.all()] == [(day(-10), day(20))]


def test_a_period_that_begins_anew_ends_the_one_before(world: Shop) -> None:
    look(world, says(item("pro", period=Window(day(-10), day(20)))))
    look(world, says(item("pro", period=Window(day(5), day(35)))), at=day(5))
    found = [(row.starts_at, row.ends_at) for row in bought().billing_periods.all()]
    assert found == [(day(-10), day(5)), (day(5), day(35))]


def test_the_days_are_those_of_the_plan_that_is_had_by_then() -> None:
    """The schedule brings Pro, which has five days, before the end; Team has none."""
    world = shop()
    look(world, says(comes=(comes(10, item("pro")),), ends_at=day(20)))
    assert bought().ends_at == day(25)


def test_who_is_in_trial_now_and_a_customer_by_then_has_the_days() -> None:
    world = shop()
    look(world, pro(state=TRIAL, trial_ends_at=day(9), with_card=True, ends_at=day(39)))
    assert bought().ends_at == day(44)


def test_a_trial_that_nobody_pays_for_has_no_days_after_a_later_end() -> None:
    world = shop()
    look(world, pro(state=TRIAL, trial_ends_at=day(9), ends_at=day(39)))
    assert bought().ends_at == day(39)
