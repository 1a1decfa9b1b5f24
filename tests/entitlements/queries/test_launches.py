"""A feature launched in one market on a date with nobody awake: read time answers, the sweep tells."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine

from catalog.actions.markets import launch
from catalog.actions.withdrawals import request_setting
from catalog.models import Feature, Market
from catalog.models.market import MarketUse
from entitlements.actions.sweep import sweep
from entitlements.models import Account, EntitlementChange
from journal.actions import approvals
from journal.domain.actor import Actor
from tests.catalog.factories import FeatureFactory, MarketFactory, PlanFactory
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, account, answer, publish_plan, subscribed

pytestmark = pytest.mark.django_db

LAUNCH = AT + 5 * DAY


@pytest.fixture
def europe(db: None) -> Market:
    return MarketFactory(key="europe", name="Europe")


@pytest.fixture
def assistant(finance: Actor, europe: Market) -> Feature:
    """A new feature, to be launched in Europe in five days, and only then put into the plan everybody has."""
    feature, plan = FeatureFactory(key="assistant", name="Assistant"), PlanFactory(key="team", name="Team")
    publish_plan(plan, {FeatureFactory(key="sso"): True})
    for key, market in (("here", europe), ("there", MarketFactory()), ("nowhere", None)):
        subscribed(account(key, market=market), plan)
    launch(market=europe, thing=feature, uses=list(MarketUse), starts_at=LAUNCH, ends_at=None, by=finance, at=AT - DAY)
    publish_plan(plan, {FeatureFactory(key="audit_log"): True, feature: True}, at=AT)
    return feature


def who_has_it(at: datetime) -> list[str]:
    return [one.key for one in Account.objects.order_by("key") if answer(one, "assistant", at).granted]


def swept(from_: datetime, to: datetime) -> Iterator[str]:
    """Who was told of a change of the assistant by the sweeps of the days between."""
    at = from_
    while at <= to:
        with time_machine.travel(at, tick=False):
            sweep(at=at)
        at += DAY
    told = EntitlementChange.objects.filter(feature_key="assistant", effective_at__gte=from_)
    for change in told.order_by("account__key"):
        yield f"{change.account.key}: {change.before} to {change.after} at {change.effective_at - LAUNCH}"


@pytest.mark.usefixtures("assistant")
def test_it_is_there_from_its_first_instant_and_nowhere_else() -> None:
    assert who_has_it(AT) == []
    assert who_has_it(LAUNCH - timedelta(microseconds=1)) == []
    assert who_has_it(LAUNCH) == who_has_it(LAUNCH + 99 * DAY) == ["here"]


@pytest.mark.usefixtures("assistant")
def test_an_answer_before_the_launch_says_until_when_it_holds() -> None:
    here = Account.objects.get(key="here")
    assert answer(here, "assistant", AT).valid_until == LAUNCH
    assert answer(here, "assistant", LAUNCH).valid_until is None
    assert answer(Account.objects.get(key="there"), "assistant", AT).valid_until is None


@pytest.mark.usefixtures("assistant")
def test_the_sweep_tells_it_once_and_accounts_elsewhere_hear_nothing() -> None:
    assert list(swept(AT, LAUNCH + 2 * DAY)) == ["here: not included to on at 0:00:00"]


def test_a_limit_to_come_is_told_to_those_who_lose_it(finance: Actor, europe: Market) -> None:
    feature, plan = FeatureFactory(key="assistant", name="Assistant"), PlanFactory(key="team", name="Team")
    publish_plan(plan, {feature: True})
    subscribed(account("here", market=europe), plan)
    subscribed(account("there", market=MarketFactory()), plan)
    limit = {"market": europe, "thing": feature, "uses": [MarketUse.PROVIDED], "starts_at": LAUNCH, "ends_at": None}
    request = request_setting(**limit, reason="a law", by=finance, at=AT - DAY)
    approvals.approve(approval=request, by=actor("finance", "Second Person"), at=AT)
    assert who_has_it(AT) == ["here", "there"]
    assert who_has_it(LAUNCH) == ["here"]
    assert list(swept(AT, LAUNCH + DAY)) == ["there: on to not included at 0:00:00"]


def test_what_was_believed_before_the_limit_was_set_stays_believed(finance: Actor, europe: Market) -> None:
    feature, plan = FeatureFactory(key="assistant"), PlanFactory(key="team")
    publish_plan(plan, {feature: True})
    there = account("there")
    subscribed(there, plan)
    limit = {"market": europe, "thing": feature, "uses": [MarketUse.PROVIDED], "starts_at": None, "ends_at": None}
    request = request_setting(**limit, reason="a law", by=finance, at=AT - DAY)
    approvals.approve(approval=request, by=actor("finance", "Second Person"), at=AT)
    assert answer(there, "assistant", AT - DAY).granted  # was true then
    assert answer(there, "assistant", AT, known_at=AT - DAY).granted  # was believed then
    assert not answer(there, "assistant", AT).granted
