"""Service package → group → entitlements: Gold support, from what finance wrote to what an account may do, and why."""

from decimal import Decimal

import pytest

from catalog.actions.features import create_feature
from catalog.domain.values import UNLIMITED, FeatureShape, Kind
from entitlements.actions.subscriptions import add_item
from entitlements.domain.explain import replay, say
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from tests.entitlements.gold import Gold, gold_support
from tests.entitlements.world import AT, DAY, account, answer, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def gold() -> Gold:
    return gold_support()


@pytest.fixture
def acme(gold: Gold) -> Account:
    """Acme has Team, and Gold support beside it."""
    held_by = account()
    subscription = subscribed(held_by, catalog().team)
    add_item(subscription=subscription, plan=gold.plan, by=SYSTEM, at=AT - DAY)
    return held_by


def sentences(held_by: Account, feature: str) -> str:
    return " ".join(say(answer(held_by, feature, AT), zone="UTC"))


@pytest.mark.parametrize(
    ("feature", "value"),
    [("phone", True), ("response", Decimal(7200)), ("incidents", UNLIMITED), ("manager", True)],
)
def test_each_member_of_the_group_is_had(feature: str, value: object, acme: Account) -> None:
    found = answer(acme, feature, AT)
    assert (found.granted, found.value) == (True, value)
    assert replay(found.because, shape=found.shape) == found.value


@pytest.mark.parametrize("feature", ["phone", "incidents", "manager"])
def test_the_reason_names_the_path(feature: str, acme: Account) -> None:
    (reason,) = answer(acme, feature, AT).because
    assert (reason.name, reason.path) == ("Gold support v1", "through Premium services")
    assert "Gold support v1 (through Premium services)" in sentences(acme, feature)


def test_a_line_of_its_own_needs_no_path(acme: Account) -> None:
    reasons = answer(acme, "response", AT).because
    assert (reasons[0].path, reasons[0].kept) == ("", True)
    assert "Gold support v1 gives 2 hours" in sentences(acme, "response")


def test_who_has_no_package_has_none_of_it(gold: Gold) -> None:
    plain = account("plain")
    subscribed(plain, catalog().team)
    assert not any(answer(plain, feature, AT).granted for feature in gold.features)


def test_a_new_member_of_the_group_is_had_at_once(acme: Account, gold: Gold) -> None:
    create_feature(shape=FeatureShape("chat", "Chat", Kind.GATE), group=gold.group, by=SYSTEM, at=AT)
    assert answer(acme, "chat", AT).granted
