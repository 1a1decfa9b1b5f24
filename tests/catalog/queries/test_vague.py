"""Cells that wait for a person."""

from datetime import datetime
from typing import Any

import pytest

from catalog.actions.drafts import open_draft
from catalog.domain.values import TermState
from catalog.queries.vague import vague_cells
from journal.domain.actor import Actor
from tests.catalog.factories import AddOnFactory, FeatureFactory, PlanTermFactory, PlanVersionFactory, published_version
from tests.catalog.page import import_real_page

pytestmark = pytest.mark.django_db


def test_a_group_and_a_case_wait_too(at: datetime) -> None:
    group = FeatureFactory().group
    term = PlanTermFactory(feature=None, group=group, state=TermState.UNSETTLED)
    PlanTermFactory(version=term.version, state=TermState.UNSETTLED, phase="trial")
    first, second = sorted(vague_cells(), key=lambda cell: cell.when)
    assert (first.feature, first.heading, first.blocks) == (group, "the whole group", True)
    assert (second.when, second.heading) == ("During a trial", str(second.feature.group))


def test_what_blocks_publishing_comes_first(at: datetime) -> None:
    version = PlanVersionFactory()
    PlanTermFactory(version=version, state=TermState.SET_PER_CUSTOMER)
    PlanTermFactory(version=version, state=TermState.UNSETTLED, source_text="Coming soon")
    PlanTermFactory(version=version)

    first, second = vague_cells()
    assert (first.state, first.blocks, first.source_text) == (TermState.UNSETTLED, True, "Coming soon")
    assert (second.state, second.blocks) == (TermState.SET_PER_CUSTOMER, False)
    assert "Decide" in first.to_do


def test_an_add_on_waits_until_it_is_named(at: datetime) -> None:
    version = PlanVersionFactory()
    PlanTermFactory(version=version, state=TermState.ADD_ON)
    PlanTermFactory(version=version, state=TermState.ADD_ON, sold_as=AddOnFactory())
    assert len(vague_cells()) == 1


def test_only_the_newest_version_of_a_plan_waits(finance: Actor, at: datetime) -> None:
    version = published_version(state=TermState.SET_PER_CUSTOMER)
    open_draft(plan=version.plan, by=finance, at=at)
    assert [cell.version.number for cell in vague_cells()] == [2]


def test_one_plan_may_be_asked_for(at: datetime) -> None:
    term = PlanTermFactory(state=TermState.UNSETTLED)
    PlanTermFactory(state=TermState.UNSETTLED)
    assert [cell.term_id for cell in vague_cells(plan=term.version.plan)] == [term.pk]


def test_the_whole_list_takes_two_queries(at: datetime, django_assert_num_queries: Any) -> None:
    import_real_page(at=at)
    with django_assert_num_queries(2):
        assert len(vague_cells()) == 8 + 11 + 18
