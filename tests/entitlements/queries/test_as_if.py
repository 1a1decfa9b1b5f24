"""What an answer would become, worked out on rows in memory, is what it becomes once they are kept."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.domain.window import add_days
from catalog.models.market import MarketUse
from entitlements.actions.accounts import edit_account
from entitlements.actions.lifecycle import fail_payment, pause, restore, resume
from entitlements.domain.facts import Phase
from entitlements.domain.figures import Direction
from entitlements.models import Account, Subscription, SubscriptionPhase
from entitlements.queries.account_preview import edited, preview_edit
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import AsIf, as_if, effects
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, MarketFactory, MarketWindowFactory, PlanVersionFactory, publish_now
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, term

pytestmark = pytest.mark.django_db
NOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def sold(db: None) -> Catalog:
    """Team gives less storage in grace and a little in a pause."""
    world = catalog()
    draft = PlanVersionFactory(plan=world.team)
    for phase, size in ((None, 100), (Phase.GRACE, 5), (Phase.PAUSED, 1)):
        more = {} if phase is None else {"phase": phase}
        keep(term(draft, world.storage, size * GB, **more), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft, at=EPOCH + DAY)
    return world


@pytest.fixture
def held(sold: Catalog) -> Subscription:
    return subscribed(account(), sold.team)


def a_phase(held: Subscription, phase: Phase, days: int | None) -> SubscriptionPhase:
    end = None if days is None else add_days(AT, days, held.account.zone)
    return SubscriptionPhase(subscription=held, phase=phase, starts_at=AT, ends_at=end)


@pytest.mark.parametrize(
    ("phase", "days", "act"),
    [
        (Phase.GRACE, 14, lambda held: fail_payment(subscription=held, grace_days=14, **NOW)),
        (Phase.GRACE, 0, lambda held: fail_payment(subscription=held, grace_days=0, **NOW)),
        (Phase.PAUSED, None, lambda held: pause(subscription=held, **NOW)),
    ],
)
def test_a_phase_gives_what_was_shown(
    held: Subscription, phase: Phase, days: int | None, act: Callable[[Any], Any]
) -> None:
    moments = (AT, AT + DAY, AT + 14 * DAY, AT + 40 * DAY)
    shown = [as_if(account=held.account, rows=[a_phase(held, phase, days)], at=at) for at in moments]
    act(held)
    assert _values(shown) == _values([entitlements_of(account=held.account, at=at) for at in moments])


def _values(answers: list[Any]) -> list[dict[str, Any]]:
    return [{key: (found.value, found.granted) for key, found in one.items()} for one in answers]


@pytest.mark.parametrize(
    ("begin_it", "change", "act"),
    [
        (pause, {"ends_at": AT + DAY}, resume),
        (fail_payment, {"restored_at": AT + DAY}, restore),
    ],
)
def test_a_phase_that_ends_gives_what_was_shown(
    held: Subscription, begin_it: Callable[..., SubscriptionPhase], change: dict[str, Any], act: Callable[..., Any]
) -> None:
    row, later = begin_it(subscription=held, **NOW), AT + DAY
    for name, value in change.items():
        setattr(row, name, value)
    shown = as_if(account=held.account, rows=[row], at=later)
    act(subscription=held, by=SYSTEM, at=later)
    assert _values([shown]) == _values([entitlements_of(account=held.account, at=later)])


def test_a_market_gives_what_was_shown(sold: Catalog, held: Subscription) -> None:
    asia = MarketFactory(name="Asia")
    MarketWindowFactory(plan=None, feature=sold.storage, market=asia, use=MarketUse.PROVIDED)
    acme = Account.objects.get()
    shown = as_if(account=acme, rows=[edited(acme, market=asia)], at=AT)
    assert acme.market is None
    told = preview_edit(account=acme, market=asia, at=AT)
    assert [(one.feature, one.direction, one.before, one.after) for one in told.effects] == [
        ("storage", Direction.BETTER, "not included", "100 GB")
    ]
    edit_account(account=acme, market=asia, **NOW)
    assert _values([shown]) == _values([entitlements_of(account=Account.objects.get(), at=AT)])


def test_where_nothing_differs_there_is_nothing_to_tell(held: Subscription) -> None:
    before = entitlements_of(account=held.account, at=AT)
    assert effects(before, as_if(account=held.account, rows=[], at=AT)) == ()


def test_another_zone_moves_what_is_projected_alone(held: Subscription) -> None:
    told = preview_edit(account=held.account, zone="America/New_York", at=AT)
    assert [(one.subscription, one.after.hour) for one in told.renewals] == [(1, 8)]  # summer time has begun there
    assert preview_edit(account=held.account, name="Other", at=AT).renewals == ()


def test_rows_are_asked_for_by_what_memory_knows(held: Subscription) -> None:
    reader = AsIf(others=(a_phase(held, Phase.PAUSED, None),))
    assert len(reader.rows(SubscriptionPhase, subscription_id__in=[held.pk])) == 1
    assert reader.rows(SubscriptionPhase, subscription_id=held.pk + 1) == []
    with pytest.raises(NotImplementedError):
        reader.rows(SubscriptionPhase, starts_at__lte=AT)
