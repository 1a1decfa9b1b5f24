"""The plan sheet: features in groups × plans, in words, in a bounded number of queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.publishing import publish
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.domain.values import PlanKind, TermState
from catalog.models import PlanVersion
from catalog.queries.sheet import Cell, Show, sheet
from catalog.queries.versions import Stage
from journal.domain.actor import SYSTEM, Actor
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    StorageFactory,
    published_version,
)
from tests.catalog.page import import_real_page

pytestmark = pytest.mark.django_db


def only_cell(at: datetime, **options: Any) -> Cell:
    return sheet(at=at, **options).bands[0].rows[0].cells[0]


def test_the_real_page_is_a_sheet_of_sixty_by_four(at: datetime) -> None:
    import_real_page(at=at)
    whole = sheet(at=at)

    assert [column.plan.name for column in whole.columns] == ["Free", "Pro", "Team", "Enterprise"]
    assert [column.price for column in whole.columns] == [
        "Free", "$25 a month", "$599 a month", "By agreement with sales",
    ]  # fmt: skip
    assert [str(band.group) for band in whole.bands] == [
        "Database", "Auth", "Storage", "Edge Functions", "Realtime", "Dashboard",
        "Platform Security and Compliance", "Support",
    ]  # fmt: skip
    assert sum(len(band.rows) for band in whole.bands) == 60


def test_the_whole_sheet_takes_eight_queries(at: datetime, django_assert_num_queries: Any) -> None:
    import_real_page(at=at)
    with django_assert_num_queries(7):
        sheet(at=at)


def test_drafts_beside_published_versions_take_no_more(at: datetime, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        open_draft(plan=published_version().plan, by=SYSTEM, at=at)
    with django_assert_num_queries(7):
        sheet(at=at)


def test_a_cell_is_said_in_words_with_its_prices(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB", enforcement="track")
    PriceLineFactory(term=term, per_amount=10**9)
    cell = only_cell(at)
    assert (cell.words, cell.prices) == ("8 GB, then $0.125 per GB", ("then $0.125 per GB",))


def test_a_limit_that_is_kept_unusually_says_so(at: datetime) -> None:
    PlanTermFactory(feature=StorageFactory(), amount=10**9, typed_unit="GB", enforcement="soft")
    assert only_cell(at).words == "1 GB, soft limit"


def test_a_cell_that_is_not_settled_shows_the_words_of_the_page(at: datetime) -> None:
    PlanTermFactory(state=TermState.UNSETTLED, source_text="Coming soon")
    assert only_cell(at).quoted


def test_an_add_on_without_a_seller_stands_out(at: datetime) -> None:
    PlanTermFactory(state=TermState.ADD_ON)
    assert only_cell(at).lacks_add_on


def test_a_seller_is_named(at: datetime) -> None:
    PlanTermFactory(state=TermState.ADD_ON, sold_as=AddOnFactory(name="Backups"))
    cell = only_cell(at)
    assert (cell.lacks_add_on, cell.sold_as) == (False, "Backups")


def test_a_feature_no_plan_speaks_of_has_an_empty_cell(at: datetime) -> None:
    FeatureFactory()
    PlanVersionFactory()
    assert only_cell(at).state is None


def test_a_changed_cell_shows_what_it_was(finance: Actor, at: datetime) -> None:
    version = published_version(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=finance, at=at)
    assert not only_cell(at).changed

    set_term(version=draft, feature=draft.terms.get().feature, reading="10 GB", edits=0, by=finance, at=at)
    cell = only_cell(at)
    assert (cell.words, cell.changed, cell.was) == ("10 GB", True, "8 GB")


def test_the_published_sheet_shows_no_draft(finance: Actor, at: datetime) -> None:
    version = published_version()
    draft = open_draft(plan=version.plan, by=finance, at=at)

    assert sheet(at=at).columns[0].version == draft
    column = sheet(at=at, show=Show.PUBLISHED).columns[0]
    assert (column.version, column.stage, column.has_draft) == (version, Stage.ON_SALE, True)


def test_a_plan_without_a_published_version_keeps_an_empty_column(at: datetime) -> None:
    PlanTermFactory()
    column = sheet(at=at, show=Show.PUBLISHED).columns[0]
    assert (column.version, column.editable) == (None, False)
    assert only_cell(at, show=Show.PUBLISHED).words == ""


def test_a_scheduled_version_says_when_it_begins(finance: Actor, at: datetime) -> None:
    begins = at + timedelta(days=3)
    draft: PlanVersion = PlanTermFactory().version
    publish(version=draft, audience=Audience.ON_DATE, effective_at=begins, edits=0, by=finance, at=at)

    assert (sheet(at=at).columns[0].stage, sheet(at=at).columns[0].starts_at) == (Stage.SCHEDULED, begins)
    assert (sheet(at=begins).columns[0].stage, sheet(at=begins).columns[0].starts_at) == (Stage.ON_SALE, None)


def test_add_ons_have_a_sheet_of_their_own(at: datetime) -> None:
    PlanFactory(name="Pro")
    AddOnFactory(name="Backups")
    assert [column.plan.name for column in sheet(at=at, kind=PlanKind.ADD_ON).columns] == ["Backups"]


def test_a_term_for_a_phase_is_told_beside_the_general_one(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=10**9, typed_unit="GB")
    PlanTermFactory(version=term.version, feature=term.feature, phase="trial", amount=10**8, typed_unit="MB")
    assert (only_cell(at).words, only_cell(at).cases) == ("1 GB", ("During a trial: 100 MB",))
