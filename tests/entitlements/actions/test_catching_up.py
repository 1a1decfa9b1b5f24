"""Whoever acts on a customer between two sweeps tells first what time brought: what others hear is a chain without gaps."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.domain.values import ParentRule
from entitlements.actions import catching_up
from entitlements.actions.lifecycle import cancel, fail_payment, keep_going, pause, restore
from entitlements.actions.override_changes import renew
from entitlements.actions.subscriptions import end, start
from entitlements.actions.sweep import sweep
from entitlements.actions.trial_reactivation import reactivate
from entitlements.domain.facts import Mode, Phase
from entitlements.domain.timing import Timing
from entitlements.models import Account, EntitlementChange, SweepMark
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Notice, Outbound, Staff
from tests.catalog.factories import FeatureRevisionFactory, PlanFactory, PlanVersionFactory, publish_now
from tests.conftest import actor
from tests.entitlements.billing import bought, look, says, shop
from tests.entitlements.domain.billed.told import TRIAL, day
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed, term
from tests.journal.factories import WebhookEndpointFactory

pytestmark = pytest.mark.django_db
AFTER = AT + 5 * DAY  # when somebody acts on what time ended two days before; no sweep came since AT
ON = {"by": SYSTEM, "at": AT}
ACTIONS = Path(catching_up.__file__).parent
Act = Callable[[Account, Catalog], object]


@pytest.fixture
def world(db: None) -> Catalog:
    policy(days=365, percent=100)
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    WebhookEndpointFactory()
    return account(owner=Staff.objects.create(username="ana", email="ana@desk.example"))


def heard(of: str = "storage") -> list[tuple[str, str]]:
    """What was told of a feature since, in the order in which it was told."""
    rows = EntitlementChange.objects.filter(feature_key=of, recorded_at__gt=AT).order_by("recorded_at", "pk")
    return list(rows.values_list("before", "after"))


def sent() -> list[str]:
    """What listeners were sent, in its order."""
    return [row.payload["type"] for row in Outbound.objects.filter(kind="webhook", created_at__gt=AT).order_by("pk")]


def came_back(acme: Account, world: Catalog) -> None:
    end(subscription=subscribed(acme, world.team), ends_at=AT + 3 * DAY, reason="Fixed term", **ON)
    start(account=acme, plan=world.team, by=SYSTEM, at=AFTER)


def was_unpaid(acme: Account, world: Catalog) -> None:
    held = subscribed(acme, world.team)
    fail_payment(subscription=held, grace_days=3, **ON)
    restore(subscription=held, by=SYSTEM, at=AFTER)


def is_promised_again(acme: Account, world: Catalog) -> None:
    subscribed(acme, world.free)
    promise = overridden(acme, world.storage, Mode.ADD, 1 * GB, at=AT, through_on=date(2026, 3, 4))
    renew(override=promise, through_on=date(2026, 3, 20), reason="They asked", by=actor("sales"), at=AFTER)


@pytest.mark.parametrize(
    ("act", "had", "left"),
    [
        (came_back, "100 GB", "not included"),
        (was_unpaid, "100 GB", "not included"),
        (is_promised_again, "2 GB", "1 GB"),
    ],
)
def test_what_is_given_back_was_told_as_gone_before(
    acme: Account, world: Catalog, act: Act, had: str, left: str
) -> None:
    SweepMark.objects.create(swept_to=AT)
    act(acme, world)
    told = heard()
    assert told == [(had, left), (left, had)]
    sweep(at=AFTER + DAY)
    assert heard() == told


def test_a_pause_that_ended_and_begins_anew(acme: Account, world: Catalog) -> None:
    held = subscribed(acme, world.team)
    pause(subscription=held, until=AT + 3 * DAY, **ON)
    SweepMark.objects.create(swept_to=AT)
    pause(subscription=held, by=SYSTEM, at=AFTER)
    assert heard() == [("not included", "100 GB"), ("100 GB", "not included")]


def test_a_trial_that_runs_again(acme: Account, world: Catalog) -> None:
    held = subscribed(acme, world.team, at=AT - DAY, trial_days=3)
    SweepMark.objects.create(swept_to=AT)
    reactivate(subscription=held, days=5, reason="More time", by=actor("sales"), at=AFTER)
    assert heard() == [("100 GB", "1 GB"), ("1 GB", "100 GB")]
    assert [kind for kind in sent() if "trial" in kind][:2] == ["trial.ended", "trial.restarted"]
    assert Notice.objects.filter(kind="trial_ended").count() == 1


def test_nothing_is_told_twice_where_the_sweep_came_first(acme: Account, world: Catalog) -> None:
    SweepMark.objects.create(swept_to=AT)
    end(subscription=subscribed(acme, world.team), ends_at=AT + 3 * DAY, reason="Fixed term", **ON)
    sweep(at=AT + 4 * DAY)
    start(account=acme, plan=world.team, by=SYSTEM, at=AFTER)
    assert heard() == [("100 GB", "not included"), ("not included", "100 GB")]
    assert Notice.objects.filter(kind="subscription_ended").count() == 1


def test_whoever_stays_has_first_begun_to_leave(acme: Account, world: Catalog) -> None:
    """Days of access give what the plan says for them; who takes the cancellation back then has it all again."""
    pro = PlanFactory(key="pro", name="Pro")
    draft = PlanVersionFactory(plan=pro)
    for phase, amount in (("", 100), (Phase.WINDING_DOWN, 5)):
        keep(term(draft, world.storage, amount * GB, phase=phase), deed=begin(by=SYSTEM, at=AT - 30 * DAY))
    publish_now(draft)
    held = subscribed(acme, pro)
    cancel(subscription=held, timing=Timing.ON_DATE, on=AT + 3 * DAY, keep_days=9, reason="", **ON)
    SweepMark.objects.create(swept_to=AT)
    keep_going(subscription=held, by=SYSTEM, at=AFTER)
    assert heard() == [("100 GB", "5 GB"), ("5 GB", "100 GB")]
    sweep(at=AFTER + 20 * DAY)
    assert heard() == [("100 GB", "5 GB"), ("5 GB", "100 GB")]


def test_the_billing_takes_a_cancellation_back_after_its_end() -> None:
    """A look from before the end comes back after it: what ended is told, then what begins anew."""
    world = shop()
    SweepMark.objects.create(swept_to=AT)
    look(world, says(ends_at=day(2)), at=day(1))
    assert heard() == [("not included", "100 GB")]
    look(world, says(), at=day(5))
    assert heard()[1:] == [("100 GB", "not included"), ("not included", "100 GB")]


def test_the_billing_makes_a_trial_longer_that_was_over_here() -> None:
    world = shop()
    WebhookEndpointFactory()
    SweepMark.objects.create(swept_to=AT)
    look(world, says(state=TRIAL, trial_ends_at=day(2)), at=day(1))
    look(world, says(state=TRIAL, trial_ends_at=day(9)), at=day(5))
    assert heard()[1:] == [("100 GB", "1 GB"), ("1 GB", "100 GB")]
    assert "trial.ended" in sent()
    assert bought().phases.get(phase=Phase.TRIAL).ends_at == day(9)


def test_what_was_done_above_is_told_before_what_is_done_below(acme: Account, world: Catalog) -> None:
    FeatureRevisionFactory(feature=world.storage, parent_rule=ParentRule.INHERIT)
    child = account("child", parent=acme)
    SweepMark.objects.create(swept_to=AT)
    subscribed(acme, world.free, at=AT + DAY)
    subscribed(child, world.team, at=AFTER)
    rows = EntitlementChange.objects.filter(account=child, feature_key="storage").order_by("recorded_at", "pk")
    assert list(rows.values_list("before", "after")) == [("not included", "1 GB"), ("1 GB", "100 GB")]


def test_a_customer_who_can_not_be_walked_is_served_all_the_same(
    acme: Account, world: Catalog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    end(subscription=subscribed(acme, world.team), ends_at=AT + 3 * DAY, reason="Fixed term", **ON)
    SweepMark.objects.create(swept_to=AT)
    monkeypatch.setattr(catching_up, "walk", broken)
    start(account=acme, plan=world.team, by=SYSTEM, at=AFTER)
    assert heard() == [("not included", "100 GB")]
    assert "acme" in caplog.text


def broken(*_: Any, **__: Any) -> None:
    raise ArithmeticError("a row nobody understands")


def test_every_act_that_tells_what_it_changed_tells_first_what_time_brought() -> None:
    telling = [path for path in ACTIONS.rglob("*.py") if "journal_changes(" in path.read_text()]
    assert len(telling) > 15
    assert [path.name for path in telling if "answers_before(" not in path.read_text()] == ["changes.py"]
