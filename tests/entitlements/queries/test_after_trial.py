"""What the end of a trial takes and leaves, from rows, as it is and as it is told."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.models import Feature, Plan
from entitlements.actions.trial_uses import note_use
from entitlements.actions.trials import convert
from entitlements.models import Account, Subscription
from entitlements.queries.entitlements import entitlements_of, facts_of
from entitlements.queries.life.after_trial import AfterTrial, after_trial
from entitlements.snapshots import snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader
from journal.domain.actor import SYSTEM
from tests.entitlements.trying import END, WEEK_AFTER, trying
from tests.entitlements.world import AT, DAY, GB, account, catalog, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(db: None) -> Subscription:
    return trying()


@pytest.fixture
def acme(trial: Subscription) -> Account:
    return trial.account


def use_sso(trial: Subscription, at: datetime = AT) -> None:
    note_use(subscription=trial, feature=Feature.objects.get(key="sso"), by=SYSTEM, at=at)


def told(trial: Subscription, at: datetime = AT, **asked: datetime) -> AfterTrial:
    found = after_trial(trial, at=at, **asked)
    assert found is not None
    return found


def test_what_is_kept_for_a_week_is_there_a_week_longer(acme: Account) -> None:
    days = (END - DAY, END, WEEK_AFTER - DAY, WEEK_AFTER)
    assert [value(acme, "storage", at) for at in days] == [50 * GB, 50 * GB, 50 * GB, GB]
    assert [value(acme, "seats", at) for at in days] == [10, 2, 2, 2]


def test_what_was_used_in_time_stays(trial: Subscription, acme: Account) -> None:
    assert value(acme, "sso", END) is None
    use_sso(trial)
    assert [value(acme, "sso", at) for at in (END, WEEK_AFTER, END + 400 * DAY)] == [True, True, True]


def test_what_was_believed_of_a_use_is_as_it_was_known(trial: Subscription, acme: Account) -> None:
    use_sso(trial)
    assert value(acme, "sso", END, known_at=AT - DAY) is None
    assert value(acme, "sso", END, known_at=AT) is True


def test_the_days_are_those_of_the_accounts_calendar() -> None:
    """In Amsterdam clocks go forward on 29 March: that week has an hour less."""
    acme = trying().account
    held = subscribed(acme, Plan.objects.get(key="pro"), at=datetime(2026, 3, 12, 10, tzinfo=UTC), trial_days=14)
    found = told(held, at=datetime(2026, 3, 12, 11, tzinfo=UTC))
    assert found.at == datetime(2026, 3, 26, 10, tzinfo=UTC)
    assert found.kept[0].until == datetime(2026, 4, 2, 9, tzinfo=UTC)


def test_it_is_told_before_it_comes(trial: Subscription) -> None:
    found = told(trial)
    assert (found.plan, found.at, found.if_used) == ("Free v1", END, ("Single sign-on",))
    assert found.kept == (("Storage", WEEK_AFTER, "for 7 days"),)
    assert (found.lost, found.less) == (("Tier",), (("Seats", "10", "2"),))
    assert found.say(zone="Europe/Amsterdam") == (
        "Free v1 follows. Storage is kept for 7 days, until 13 Mar 2026 10:00 (Amsterdam). "
        "Single sign-on is kept only if used before then. Tier is no longer included. Seats is reduced."
    )


def test_it_is_told_after_it_came(trial: Subscription) -> None:
    use_sso(trial)
    found = told(trial, at=END + DAY)
    assert [(name, why) for name, _until, why in found.kept] == [
        ("Storage", "for 7 days"),
        ("Single sign-on", "because it was used"),
    ]
    assert found.if_used == ()


def test_what_was_not_used_in_time_is_lost(trial: Subscription) -> None:
    found = told(trial, at=END)
    assert (found.lost, found.if_used) == (("Single sign-on", "Tier"), ())


def test_it_is_told_as_it_would_be_with_another_end(trial: Subscription) -> None:
    found = told(trial, ends_at=END + 3 * DAY)
    assert (found.at, found.kept[0].until) == (END + 3 * DAY, WEEK_AFTER + 3 * DAY)
    assert told(trial).at == END


def test_a_trial_that_was_converted_takes_nothing(trial: Subscription) -> None:
    convert(subscription=trial, by=SYSTEM, at=AT)
    assert after_trial(trial, at=AT) is None


def test_where_no_trial_runs_nothing_is_told() -> None:
    world = catalog()
    assert after_trial(subscribed(account(), world.free), at=AT) is None


def test_what_is_bought_beside_it_is_not_lost(trial: Subscription) -> None:
    subscribed(trial.account, Plan.objects.get(key="team"))
    found = told(trial)
    assert (found.lost, found.less) == ((), ())


def test_what_the_following_plan_gives_as_well_is_not_told_as_kept() -> None:
    world = catalog()
    publish_plan(world.free, {world.storage: 60 * GB, world.seats: Decimal(2)})
    assert told(trying(world)).kept == ()


def test_many_accounts_at_once_are_answered_alike(trial: Subscription, acme: Account) -> None:
    use_sso(trial)
    reader = batch_reader([acme.pk])
    facts = snapshot_facts(acme.pk, reader=reader, catalog=snapshot_catalog(reader))
    assert facts == facts_of(account=acme)
    assert entitlements_of(account=acme, at=END)["sso"].granted
