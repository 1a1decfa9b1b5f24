"""Whatever is brought: what was imported is what is exported, twice is once, and an undo leaves no trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tablib import Dataset

from catalog.actions.groups import edit_group
from catalog.actions.imports import apply, upload
from catalog.imports.rendering import Form, render
from catalog.models import FeatureGroup, ImportRun, Market
from catalog.models.import_run import RowOutcome, Stage
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Job
from tests.catalog.imports.bringing import MINUTE, brought, outcomes, staged, text_of, undone, verdicts
from tests.conftest import AT, EXAMPLES
from tests.journal.side_by_side import at_once

FEW = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
KEYS = [f"g{n}" for n in range(8)]
Forest = dict[str, str]


class Undone(Exception):
    pass


@contextmanager
def leaving_no_trace() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    """Groups and the group each stands in, in any order; never in a circle."""
    order = draw(st.permutations(KEYS))[: draw(st.integers(1, len(KEYS)))]
    parents = {key: draw(st.sampled_from(["", *order[:place]])) for place, key in enumerate(order)}
    return {key: parents[key] for key in draw(st.permutations(order))}


def file(forest: Forest, form: Form = Form.CSV) -> bytes:
    rows = [[key, f"Group {key}", parent] for key, parent in forest.items()]
    return render(Dataset(*rows, headers=["Key", "Name", "In group"], title="Groups"), form)


def standing() -> Forest:
    return {
        group.key: group.parent.key if group.parent else "" for group in FeatureGroup.objects.select_related("parent")
    }


@pytest.mark.django_db
@given(forest=forests(), form=st.sampled_from(list(Form)))
@FEW
def test_what_was_brought_stands_and_again_changes_nothing(forest: Forest, form: Form) -> None:
    with leaving_no_trace():
        assert brought("groups", file(forest, form)).stage == Stage.APPLIED
        assert standing() == forest
        assert verdicts(staged("groups", file(forest, form), at=AT + 5 * MINUTE)) == ["same"] * len(forest)


@pytest.mark.django_db
@given(forest=forests())
@FEW
def test_an_undo_leaves_the_catalog_as_it_was(forest: Forest) -> None:
    with leaving_no_trace():
        before = text_of("groups")
        assert set(outcomes(undone(brought("groups", file(forest))))) == {RowOutcome.UNDONE}
        assert text_of("groups") == before


@pytest.mark.django_db
@given(forest=forests(), data=st.data())
@FEW
def test_an_undo_takes_all_but_what_was_edited_and_what_that_stands_in(forest: Forest, data: st.DataObject) -> None:
    with leaving_no_trace():
        run = brought("groups", file(forest))
        edited = FeatureGroup.objects.get(key=data.draw(st.sampled_from(sorted(forest))))
        edit_group(group=edited, name="By hand", parent=edited.parent, by=SYSTEM, at=AT + 2 * MINUTE)
        undone(run, at=AT + 5 * MINUTE)
        kept, key = [], edited.key
        while key:
            kept, key = [*kept, key], forest[key]
        assert sorted(standing()) == sorted(kept)
        assert run.rows.filter(outcome=RowOutcome.KEPT).count() == len(kept)


@pytest.mark.django_db
@given(one=forests(), two=forests())
@FEW
def test_a_second_file_over_the_first_is_what_stands(one: Forest, two: Forest) -> None:
    with leaving_no_trace():
        brought("groups", file(one))
        run = staged("groups", file(two), at=AT + 5 * MINUTE)
        if run.wrong:  # on the way one group would stand in another that still stands in it
            return
        if run.new + run.changed:
            brought("groups", file(two), at=AT + 9 * MINUTE)
        assert standing() == one | two


@pytest.mark.django_db(transaction=True)
def test_of_two_who_apply_one_import_at_once_one_is_refused() -> None:
    run = staged("markets", "key,name,countries\nnl,Netherlands,NL\n")
    outcomes = at_once(*[lambda: apply(run=run, whole=True, by=SYSTEM, at=AT)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Job", "Stale"]


@pytest.mark.django_db(transaction=True)
def test_two_imports_that_are_worked_off_at_once_write_each_thing_once() -> None:
    text = b"key,name,countries\nnl,Netherlands,NL\nbe,Belgium,BE\n"
    runs = [staged("markets", text) for _ in range(2)]
    for run in runs:
        apply(run=run, whole=True, by=SYSTEM, at=AT)
    at_once(*[lambda: work_off(at=AT + MINUTE)] * 2)
    work_off(at=AT + 9 * MINUTE)
    stages = sorted(ImportRun.objects.values_list("stage", flat=True))
    assert stages == [Stage.APPLIED, Stage.REFUSED]
    assert Market.objects.count() == 2
    assert not Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_file_at_once_have_an_import_each() -> None:
    text = b"key,name,countries\nnl,Netherlands,NL\n"
    brought_at_once = at_once(*[lambda: upload(kind="markets", file_name="x", data=text, by=SYSTEM, at=AT)] * 2)
    assert not [one for one in brought_at_once if isinstance(one, Refusal)]
    assert ImportRun.objects.count() == 2
