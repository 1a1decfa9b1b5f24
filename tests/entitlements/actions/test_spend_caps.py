"""The most a customer will pay for overage."""

from typing import Any

import pytest

from catalog.domain.prices import MICROS
from catalog.models import Feature
from entitlements.actions.spend_caps import HIGHEST, cap_of, lift_cap, say_cap, set_cap
from entitlements.models import Account, SpendCap
from entitlements.queries.selling.redeemed import caps_of
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Stale
from journal.models import AuditEvent
from tests.catalog.factories import StorageFactory
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Account:
    return account()


@pytest.fixture
def storage() -> Feature:
    return StorageFactory(name="Storage")


def capped(acme: Account, dollars: int = 100, feature: Feature | None = None, **more: Any) -> SpendCap:
    told = {"currency": "USD", "by": SYSTEM, "at": AT} | more
    return set_cap(account=acme, feature=feature, amount_micros=dollars * MICROS, **told)


def test_one_for_everything_and_one_for_a_feature(acme: Account, storage: Feature, sales: Actor) -> None:
    capped(acme, 20, storage, by=sales, reason="Asked for it")
    capped(acme, 100, by=sales, reason="Asked for it")
    assert [(cap.feature, say_cap(cap)) for cap in caps_of(account=acme)] == [(None, "$100"), (storage, "$20")]
    changes = [event.changes for event in AuditEvent.objects.filter(verb="spend_cap:set").order_by("seq")]
    assert changes == [{"Spend cap for Storage": [None, "$20"]}, {"Spend cap in all": [None, "$100"]}]


def test_changed_it_is_one_cap_with_a_history(acme: Account) -> None:
    capped(acme, 100)
    capped(acme, 250, at=AT + DAY, currency="EUR")
    (cap,) = caps_of(account=acme)
    assert say_cap(cap) == "€250"
    assert cap.history.count() == 2


def test_set_again_to_the_same_nothing_is_written(acme: Account) -> None:
    capped(acme)
    capped(acme, at=AT + DAY)
    assert AuditEvent.objects.filter(verb="spend_cap:set").count() == 1


def test_nothing_is_a_cap_too(acme: Account) -> None:
    assert say_cap(capped(acme, 0)) == "$0"


def test_lifted_it_is_gone_and_remembered(acme: Account, storage: Feature, sales: Actor) -> None:
    capped(acme, 20, storage)
    lift_cap(account=acme, feature=storage, reason="They trust us", by=sales, at=AT + DAY)
    assert cap_of(acme, storage) is None
    event = AuditEvent.objects.get(verb="spend_cap:lift")
    assert (event.changes, event.reason) == ({"Spend cap for Storage": ["$20", None]}, "They trust us")
    assert SpendCap.history.filter(history_type="-").exists()


def test_what_is_not_there_is_not_lifted(acme: Account, storage: Feature) -> None:
    capped(acme)
    with pytest.raises(NotFound, match="no spend cap for Storage"):
        lift_cap(account=acme, feature=storage, by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"currency": "usd"}, "currency"), ({"currency": "DOLLAR"}, "currency"), ({"dollars": -1}, "amount")],
)
def test_what_cannot_be_is_refused(acme: Account, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        capped(acme, **more)
    assert refused.value.field == field


def test_more_than_anybody_pays_is_a_slip_of_the_pen(acme: Account) -> None:
    with pytest.raises(Invalid, match="thousand million"):
        capped(acme, HIGHEST // MICROS + 1)


def test_nobody_overwrites_what_they_have_not_seen(acme: Account) -> None:
    capped(acme, 100)
    with pytest.raises(Stale, match="has become \\$100"):
        capped(acme, 50, seen="")
    with pytest.raises(Stale):
        lift_cap(account=acme, feature=None, by=SYSTEM, at=AT, seen="$50")
    capped(acme, 50, seen="$100")


@pytest.mark.parametrize("role", ["support_agent", "auditor", "finance"])
def test_staff_without_the_permission_are_refused(request: pytest.FixtureRequest, acme: Account, role: str) -> None:
    capped(acme)
    person = request.getfixturevalue(role)
    with pytest.raises(NotAllowed):
        capped(acme, 5, by=person)
    with pytest.raises(NotAllowed):
        lift_cap(account=acme, feature=None, by=person, at=AT)


def test_a_program_sets_it_by_its_scope(acme: Account) -> None:
    portal = Actor(kind=ActorKind.API_KEY, key="key:p", name="Portal", permissions=frozenset({"spend_caps:write"}))
    assert say_cap(capped(acme, 10, by=portal)) == "$10"
