"""What others did to a draft since it was opened."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import discard_draft
from catalog.models import PlanVersion
from catalog.queries.draft_edits import edits_since
from journal.domain.actor import Actor
from tests.catalog.factories import PlanTermFactory, SeatsFactory, publish_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> PlanVersion:
    return PlanTermFactory(feature=SeatsFactory(key="seats"), amount=5).version


def write(draft: PlanVersion, text: str, *, by: Actor, at: datetime) -> None:
    draft.refresh_from_db()
    feature = draft.terms.get().feature
    write_cells(writes=[CellWrite(draft, feature, text)], tokens={draft.pk: draft.edits}, by=by, at=at)


def test_each_edit_is_told_with_who_and_what(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    write(draft, "10", by=finance, at=at)
    (edit,) = edits_since(version_id=draft.pk, edits=0)
    assert (edit.who, edit.at, edit.said) == ("Finance Person", at, "seats: 5 → 10")


def test_only_later_edits_count(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    write(draft, "10", by=finance, at=at)
    write(draft, "20", by=finance, at=at + timedelta(minutes=1))
    assert [edit.said for edit in edits_since(version_id=draft.pk, edits=1)] == ["seats: 10 → 20"]
    assert edits_since(version_id=draft.pk, edits=2) == ()


def test_a_draft_that_was_discarded_says_by_whom(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    pk = draft.pk
    discard_draft(version=draft, edits=0, by=finance, at=at)
    assert [(edit.who, edit.said) for edit in edits_since(version_id=pk, edits=0)] == [
        ("Finance Person", "discarded it")
    ]


def test_a_draft_that_was_published_says_so(draft: PlanVersion, at: datetime) -> None:
    publish_now(draft, at=at)
    assert "published it" in [edit.said for edit in edits_since(version_id=draft.pk, edits=0)]
