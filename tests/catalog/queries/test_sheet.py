"""The plan sheet: features in groups × plans, in words, in a bounded number of queries."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.cells import CellWrite, write_cells
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
    FeatureGroupFactory,
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
    whole = sheet(at=at, kind=PlanKind.PLAN)

    assert [column.plan.name for column in whole.columns] == ["Free", "Pro", "Team", "Enterprise"]
    assert [column.price for column in whole.columns] == [
        "Free", "$25 a month", "$599 a month", "By agreement with sales",
    ]  # fmt: skip
    assert [str(band.group) for band in whole.bands] == [
        "Database", "Auth", "Storage", "Edge Functions", "Realtime", "Dashboard",
        "Platform Security and Compliance", "Support",
    ]  # fmt: skip
    assert sum(len(band.rows) for band in whole.bands) == 60


def test_the_whole_sheet_takes_fifteen_queries(at: datetime, django_assert_num_queries: Any) -> None:
    import_real_page(at=at)
    with django_assert_num_queries(15):
        sheet(at=at)


def test_drafts_beside_published_versions_take_no_more(at: datetime, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        open_draft(plan=published_version().plan, by=SYSTEM, at=at)
    with django_assert_num_queries(15):
        sheet(at=at)


def test_what_is_inherited_takes_as_many_more_for_any_number(at: datetime, django_assert_num_queries: Any) -> None:
    lower = published_version(feature=StorageFactory(), amount=1)
    for _ in range(3):
        PlanTermFactory(version=PlanVersionFactory(includes=lower), feature=None, group=FeatureFactory().group)
        with django_assert_num_queries(21):
            sheet(at=at)


def test_a_cell_is_said_for_reading_and_as_it_would_be_typed(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB", reset="billing")
    PriceLineFactory(term=term, per_amount=10**9)
    cell = only_cell(at)
    assert cell.words == "8 GB, hard limit, then $0.125 per GB"
    assert cell.text == "8 GB a billing period, hard limit, then $0.125 per GB"


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


def test_plans_stand_before_add_ons_and_each_can_stand_alone(at: datetime) -> None:
    AddOnFactory(name="Backups")
    PlanFactory(name="Pro")

    def names(**asked: Any) -> list[str]:
        return [column.plan.name for column in sheet(at=at, **asked).columns]

    assert names() == ["Pro", "Backups"]
    assert names(kind=PlanKind.ADD_ON) == ["Backups"]
    assert names(only=[column.plan.pk for column in sheet(at=at, kind=PlanKind.PLAN).columns]) == ["Pro"]


def test_a_term_for_a_phase_has_a_row_beneath_the_general_one(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(name="Storage"), amount=10**9, typed_unit="GB")
    PlanTermFactory(version=term.version, feature=term.feature, phase="trial", amount=10**8, typed_unit="MB")
    general, trial = sheet(at=at).bands[0].rows
    assert (general.cells[0].words, trial.cells[0].words) == ("1 GB", "100 MB")
    assert (trial.case_words, trial.case_key) == ("During a trial", "trial~~")
    assert trial.name == "Storage, during a trial"


def test_a_case_another_plan_has_is_answered_by_the_general_cell(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(), amount=10**9, typed_unit="GB")
    PlanTermFactory(feature=term.feature, phase="trial", amount=10**8, typed_unit="MB")
    trial = sheet(at=at).bands[0].rows[1].cells[0]
    assert (trial.text, trial.words, trial.inherited) == ("", "1 GB", True)
    assert trial.origin == "from the general cell above"


def test_a_group_has_a_row_and_its_features_inherit_from_it(at: datetime) -> None:
    feature = FeatureFactory()
    version = PlanTermFactory(feature=None, group=feature.group).version
    band = sheet(at=at).bands[0]
    assert (band.heads[0].subject, band.heads[0].cells[0].text) == (feature.group, "Included")
    cell = band.rows[0].cells[0]
    assert (cell.column.version, cell.is_yes, cell.text) == (version, True, "")
    assert cell.origin == f"from the group {feature.group}"


def test_what_a_group_says_does_not_reach_what_it_can_not_be_about(at: datetime) -> None:
    feature = StorageFactory()
    PlanTermFactory(feature=None, group=feature.group)
    assert only_cell(at).state is None


def test_an_included_version_is_inherited_from_by_name(at: datetime) -> None:
    lower = published_version(feature=StorageFactory(), amount=10**9, typed_unit="GB")
    PlanVersionFactory(includes=lower)
    cell = sheet(at=at).bands[0].rows[0].cells[1]
    assert (cell.words, cell.shown, cell.text, cell.origin) == ("1 GB", "1 GB", "", f"from {lower}")


def test_groups_stand_in_each_other(at: datetime) -> None:
    outer = FeatureGroupFactory(name="Support")
    inner = FeatureGroupFactory(name="Phone", parent=outer, position=0)
    FeatureFactory(group=inner)
    FeatureGroupFactory(name="Empty")
    PlanVersionFactory()
    assert [(str(band.group), band.depth) for band in sheet(at=at).bands] == [("Support", 0), ("Phone", 1)]


def test_a_cell_cleared_in_a_draft_says_what_it_was(finance: Actor, at: datetime) -> None:
    version = published_version(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=finance, at=at)
    feature = draft.terms.get().feature
    write_cells(writes=[CellWrite(draft, feature, "")], tokens={draft.pk: 0}, by=finance, at=at)
    assert (only_cell(at).text, only_cell(at).changed, only_cell(at).was) == ("", True, "8 GB")


def test_a_cell_can_be_found_by_its_address(at: datetime) -> None:
    term = PlanTermFactory(feature=StorageFactory(key="storage"), amount=1, version__plan__key="pro")
    PlanTermFactory(version=term.version, feature=term.feature, phase="trial", amount=1)
    rows = sheet(at=at).bands[0].rows
    assert [row.cells[0].anchor for row in rows] == ["cell-pro-storage", "cell-pro-storage-trial"]


def test_a_group_and_a_feature_of_one_key_have_addresses_of_their_own(at: datetime) -> None:
    PlanTermFactory(feature=StorageFactory(key="storage", group__key="storage"), amount=1, version__plan__key="pro")
    band = sheet(at=at).bands[0]
    assert (band.heads[0].cells[0].anchor, band.rows[0].cells[0].anchor) == (
        "cell-pro-group-storage",
        "cell-pro-storage",
    )


@pytest.mark.parametrize(
    ("kind", "scaling", "flat"), [("add_on", "flat", True), ("add_on", "per_unit", False), ("plan", "flat", False)]
)
def test_an_add_on_that_gives_the_same_for_any_number_is_known(
    kind: str, scaling: str, flat: bool, at: datetime
) -> None:
    PlanTermFactory(version__plan__kind=kind, feature=StorageFactory(), amount=1, scaling=scaling)
    (column,) = sheet(at=at).columns
    assert column.flat is flat
