"""Staff let use start again, with a reason."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Feature
from entitlements.actions.usage.holds import expire_holds
from entitlements.actions.usage.resets import reset_usage
from entitlements.actions.usage.settling import commit
from entitlements.actions.usage.subjects import set_subject_limit
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, UsageCounter, UsageEvent, UsageReset
from entitlements.queries.usage.resettable import NothingToReset, resettable
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def reset(held_by: Account, feature: Feature, **more: Any) -> UsageReset:
    told = {"reason": "Our outage", "by": SYSTEM, "at": LATER} | more
    return reset_usage(account=held_by, feature=feature, **told)


def test_use_starts_again_at_nothing_and_what_was_used_is_written_down(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 1000)
    support = actor("support")
    row = reset(acme, world.calls, by=support)
    assert (row.used, row.reason, row.reset_by, row.at) == (1000, "Our outage", support.name, LATER)
    again = use(acme, world.calls, 1, at=LATER)
    assert (again.allowed, again.used, again.left) == (True, 1, 999)
    event = AuditEvent.objects.get(verb="usage:reset")
    assert (event.account_key, event.reason) == ("acme", "Our outage")
    assert event.changes == {"Use of API calls": ["1,000", "0"]}


def test_events_stay_and_a_late_one_from_before_moves_no_counter(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 10)
    reset(acme, world.calls)
    use(acme, world.calls, 5, act=Act.REPORT, at=LATER - timedelta(minutes=30), now=LATER + timedelta(minutes=1))
    use(acme, world.calls, 2, act=Act.REPORT, at=LATER, now=LATER + timedelta(minutes=1))
    assert UsageCounter.objects.get().used == 2
    assert UsageEvent.objects.count() == 3


def test_what_falls_to_a_choice_starts_again_with_the_whole(world: Metered, acme: Account) -> None:
    use(acme, world.tokens, 10, choice="model.premium")
    counter = UsageCounter.objects.get()
    UsageCounter.objects.create(
        account=acme, feature=world.tokens, choice="model.premium", starts_at=counter.starts_at,
        since=counter.since, ends_at=counter.ends_at, used=50, total=50, events=1, updated_at=AT,
    )  # fmt: skip
    reset(acme, world.tokens)
    assert list(UsageCounter.objects.values_list("used", flat=True)) == [0, 0]
    assert set(UsageReset.objects.values_list("choice", "used")) == {("", 50), ("model.premium", 50)}


def test_a_subject_is_reset_by_name_and_the_account_counts_on(world: Metered, acme: Account) -> None:
    limit = {"amount": Decimal(5), "by": SYSTEM, "at": AT - timedelta(days=1)}
    set_subject_limit(account=acme, feature=world.calls, subject="user:ann", **limit)
    use(acme, world.calls, 5, subject="user:ann")
    assert not use(acme, world.calls, 1, subject="user:ann").allowed
    reset(acme, world.calls, subject="user:ann")
    assert use(acme, world.calls, 1, subject="user:ann", at=LATER).used == 6


def test_a_budget_for_a_task_is_reset_in_its_own_period(world: Metered, acme: Account) -> None:
    limit = {"amount": Decimal(5), "in_all": True, "by": SYSTEM, "at": AT}
    set_subject_limit(account=acme, feature=world.calls, subject="task:7", **limit)
    use(acme, world.calls, 5, subject="task:7", at=AT + timedelta(minutes=1))
    assert reset(acme, world.calls, subject="task:7").starts_at == AT
    assert use(acme, world.calls, 5, subject="task:7", at=LATER).allowed


def test_what_is_held_stays_held(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 600)
    use(acme, world.calls, 300, act=Act.RESERVE, until=LATER + timedelta(hours=1))
    reset(acme, world.calls)
    assert not use(acme, world.calls, 701, at=LATER).allowed
    expire_holds(at=LATER + timedelta(hours=2))
    assert use(acme, world.calls, 1000, at=LATER + timedelta(hours=2)).allowed


def test_what_was_reserved_before_counts_before(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 10)
    held = use(acme, world.calls, 300, act=Act.RESERVE, until=LATER + timedelta(hours=1))
    reset(acme, world.calls)
    after = LATER + timedelta(minutes=1)
    commit(key=held.reservation, account_id=acme.pk, quantity=Decimal(250), by=SYSTEM, at=after)
    assert (UsageCounter.objects.get().used, UsageCounter.objects.get().held) == (0, 0)
    assert UsageEvent.objects.count() == 2


def test_distinct_things_count_anew(world: Metered, acme: Account) -> None:
    for visitor in ("ann", "ben", "cem"):
        use(acme, world.visitors, value=visitor)
    reset(acme, world.visitors)
    assert use(acme, world.visitors, value="ann", at=LATER).used == 1


def test_the_next_period_knows_nothing_of_it(world: Metered, acme: Account) -> None:
    use(acme, world.requests, 60)
    reset(acme, world.requests, at=AT + timedelta(seconds=30))
    use(acme, world.requests, 7, at=AT + timedelta(minutes=1))
    assert sorted(UsageCounter.objects.values_list("used", flat=True)) == [0, 7]


def test_a_form_opened_before_another_reset_is_stale(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 10)
    seen = resettable(acme, world.calls, at=AT).token
    use(acme, world.calls, 10)  # use that goes on makes nothing stale
    reset(acme, world.calls, seen=seen)
    use(acme, world.calls, 3, at=LATER)
    with pytest.raises(Stale):
        reset(acme, world.calls, seen=seen, at=LATER + timedelta(minutes=1))


def test_nothing_used_is_nothing_to_reset(world: Metered, acme: Account) -> None:
    with pytest.raises(NothingToReset):
        reset(acme, world.calls)
    use(acme, world.calls, 10)
    reset(acme, world.calls)
    with pytest.raises(NothingToReset):
        reset(acme, world.calls, at=LATER + timedelta(minutes=1))


@pytest.mark.parametrize(("feature", "words"), [("seats", "given back"), ("sso", "not counted")])
def test_what_is_held_or_not_counted_is_not_reset(world: Metered, acme: Account, feature: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        reset(acme, getattr(world, feature))


def test_it_needs_a_reason_and_a_role(world: Metered, acme: Account) -> None:
    use(acme, world.calls, 10)
    with pytest.raises(Invalid):
        reset(acme, world.calls, reason=" ")
    for role, may in {"support": True, "finance": True, "sales": False, "auditor": False}.items():
        assert actor(role).may("entitlements.reset_usage") is may
    with pytest.raises(NotAllowed):
        reset(acme, world.calls, by=actor("sales"))
    key = Actor(ActorKind.API_KEY, "key:x", "Shop", permissions=frozenset({"usage:write"}))
    with pytest.raises(NotAllowed):
        reset(acme, world.calls, by=key)
