"""The editions of a plan, and what a draft changes."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish, retire
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.domain.version_diff import ChangeKind
from catalog.queries.changes import diff_of_draft
from catalog.queries.versions import Stage, newest_published, on_sale, versions_of
from journal.domain.actor import Actor
from tests.catalog.factories import (
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    StorageFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db


def test_every_edition_stands_where_it_stands(finance: Actor, at: datetime) -> None:
    plan = PlanFactory()
    retire(version=published_version(plan=plan), by=finance, at=at)
    published_version(plan=plan)
    published_version(plan=plan)
    draft = open_draft(plan=plan, by=finance, at=at)

    lines = versions_of(plan=plan, at=at)
    assert [line.stage for line in lines] == [Stage.DRAFT, Stage.ON_SALE, Stage.EARLIER, Stage.RETIRED]
    assert lines[0].version == draft
    assert [len(line.rollouts) for line in lines] == [0, 1, 1, 1]


def test_a_new_customer_gets_what_was_published_last(at: datetime) -> None:
    plan = PlanFactory()
    published_version(plan=plan)
    second = published_version(plan=plan)
    assert on_sale(plan=plan, at=at) == second


def test_nothing_is_on_sale_before_anything_is_published(at: datetime) -> None:
    assert on_sale(plan=PlanVersionFactory().plan, at=at) is None


def test_nothing_is_on_sale_once_it_is_retired(finance: Actor, at: datetime) -> None:
    version = published_version()
    retire(version=version, by=finance, at=at)
    assert on_sale(plan=version.plan, at=at) is None


def test_what_is_scheduled_is_not_yet_on_sale(finance: Actor, at: datetime) -> None:
    plan = PlanFactory()
    first = published_version(plan=plan)
    second = PlanTermFactory(version__plan=plan, feature=first.terms.get().feature).version
    begins = at + timedelta(days=1)
    publish(version=second, audience=Audience.ON_DATE, effective_at=begins, edits=0, by=finance, at=at)

    assert (on_sale(plan=plan, at=at), on_sale(plan=plan, at=begins)) == (first, second)
    assert newest_published(plan=plan) == second


def test_a_draft_is_compared_with_what_was_published_before_it(finance: Actor, at: datetime) -> None:
    storage = StorageFactory(name="Storage")
    version = published_version(feature=storage, amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=finance, at=at)
    assert diff_of_draft(version=draft) == ()

    set_term(version=draft, feature=storage, reading="5 GB", edits=0, by=finance, at=at)
    (change,) = diff_of_draft(version=draft)
    assert (change.kind, change.before, change.after) == (ChangeKind.LOWERED, "8 GB", "5 GB")
    assert change.sentence == f"{version.plan}: Storage goes down from 8 GB to 5 GB"


def test_everything_is_new_in_a_first_version(at: datetime) -> None:
    draft = PlanTermFactory().version
    assert [change.kind for change in diff_of_draft(version=draft)] == [ChangeKind.ADDED]


def test_publishing_many_cells_writes_one_rollout(at: datetime) -> None:
    draft = PlanVersionFactory()
    for _ in range(20):
        PlanTermFactory(version=draft)
    assert publish_now(draft).rollouts.count() == 1
