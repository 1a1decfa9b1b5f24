"""Rows become facts: markets, groups, parents, included versions; and in how many reads."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from catalog.domain.values import ParentRule, TermState
from catalog.models import FeatureRevision, PlanTerm
from catalog.models.market import MarketUse
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots import Reader
from entitlements.snapshots.catalog import snapshot_catalog
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    MarketFactory,
    MarketWindowFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db


def rule(feature: object, **columns: object) -> None:
    keep(FeatureRevision(feature=feature, effective_at=EPOCH, **columns), deed=begin(by=SYSTEM, at=EPOCH))


def test_a_plan_that_isnt_provided_in_the_market_gives_nothing_there() -> None:
    world = catalog()
    here, there = MarketFactory(), MarketFactory()
    window = {"market": here, "plan": world.team, "use": MarketUse.PROVIDED}
    MarketWindowFactory(**window, starts_at=AT, ends_at=AT + DAY, limits_from=AT)
    mine, elsewhere, nowhere = account("mine", market=here), account("elsewhere", market=there), account("nowhere")
    for each in (mine, elsewhere, nowhere):
        subscribed(each, world.team)
    assert value(mine, "storage", AT) == 100 * GB
    assert answer(mine, "storage", AT).valid_until == AT + DAY
    assert not answer(mine, "storage", AT + DAY).granted
    assert not answer(elsewhere, "storage", AT).granted
    assert not answer(nowhere, "storage", AT).granted
    assert value(elsewhere, "storage", AT - DAY) == 100 * GB  # before the limit it was provided everywhere


def test_a_term_on_a_group_reaches_its_features() -> None:
    one, two = FeatureFactory(key="one"), FeatureFactory(key="two")
    two.group = one.group
    keep(two, deed=begin(by=SYSTEM, at=EPOCH))
    draft = PlanVersionFactory(plan=PlanFactory(key="bundle"))
    keep(PlanTerm(version=draft, group=one.group, state=TermState.VALUE), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    acme = account()
    subscribed(acme, draft.plan)
    assert answer(acme, "one", AT).granted
    assert answer(acme, "two", AT).granted


def test_an_included_version_gives_what_the_own_one_leaves_open() -> None:
    world = catalog()
    free = world.free.versions.get()
    plus = PlanFactory(key="plus")
    publish_plan(plus, {world.sso: True}, includes=free)
    acme = account()
    subscribed(acme, plus)
    assert value(acme, "seats", AT) == Decimal(2)
    assert answer(acme, "sso", AT).granted


def test_a_child_inherits_where_the_feature_says_so() -> None:
    world = catalog()
    rule(world.storage, parent_rule=ParentRule.INHERIT)
    parent = account("parent")
    subscribed(parent, world.team)
    child = account("child", parent=parent)
    assert value(child, "storage", AT) == 100 * GB
    assert not answer(child, "seats", AT).granted


def test_the_number_of_reads_doesnt_grow_with_what_the_account_holds() -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    with CaptureQueriesContext(connection) as few:
        entitlements_of(account=acme, at=AT)
    for _ in range(5):
        subscribed(acme, world.free)
    with CaptureQueriesContext(connection) as many:
        entitlements_of(account=acme, at=AT)
    assert len(many) == len(few) <= 17


def test_two_who_read_a_kept_catalog_at_once_both_find_its_terms():
    """A snapshot that is kept is read by several threads: whoever comes while another reads must not find it empty."""
    world = catalog()

    class Interrupted(Reader):
        def rows(self, model: type[Model], **filters: Any) -> list[Any]:
            if model is PlanTerm and not met:
                met.append(True)
                met.append(kept.versions_for([pinned], market=None))
            return super().rows(model, **filters)

    met: list[Any] = []
    kept, pinned = snapshot_catalog(Interrupted()), world.team.versions.get().pk
    mine = kept.versions_for([pinned], market=None)
    assert met[1] == mine
    assert len(mine[str(pinned)].terms) == 4
